package io.tollgate.app;

import static com.tngtech.archunit.core.importer.ImportOption.Predefined.DO_NOT_INCLUDE_TESTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the rules against the real house, and each against a planted house where it is broken. */
final class HexagonTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.tollgate");
    private static final JavaClasses PLANTED = new ClassFileImporter().importPackages("io.tollgate.planted");

    /**
     * A rule, and what it must find in the planted house.
     *
     * @param finds parts of the message, one for each fault
     */
    private record Case(String name, Function<HouseRules, ArchRule> rule, List<String> finds) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "queue-core knows only Java and credits",
                        HouseRules::queueCoreKnowsOnlyJavaAndCredits,
                        List.of("queue.job.KnowsLogging")),
                new Case(
                        "credits-core knows only Java",
                        HouseRules::creditsCoreKnowsOnlyJava,
                        List.of("credits.ledger.KnowsJobs")),
                new Case("adapters do not meet", HouseRules::adaptersDoNotMeet, List.of("sql.MeetsRenderer")),
                new Case("nobody knows app", HouseRules::nobodyKnowsApp, List.of("sql.KnowsApp")),
                new Case(
                        "rooms of the queue have no circle",
                        HouseRules::queueRoomsHaveNoCircle,
                        List.of("queue.lane.CircleThere", "queue.event.CircleBack")),
                new Case(
                        "rooms of the credits have no circle",
                        HouseRules::creditsRoomsHaveNoCircle,
                        List.of("credits.ledger.CircleThere", "credits.account.CircleBack")),
                new Case(
                        "arrows of the queue run downward",
                        HouseRules::queueArrowsRunDownward,
                        List.of(
                                "queue.job.LooksUp",
                                "queue.cellar.NoRoom",
                                "queue.job.KnowsFace",
                                "queue.job.KnowsMemory",
                                "queue.memory.KnowsFace")),
                new Case(
                        "arrows of the credits run downward",
                        HouseRules::creditsArrowsRunDownward,
                        List.of("credits.account.LooksUp")),
                new Case("Guice stays in app", HouseRules::guiceStaysInApp, List.of("sql.Injects", "java2d.Annotated")),
                new Case(
                        "time is injected",
                        HouseRules::timeIsInjected,
                        List.of(
                                "java.time.Instant.now()",
                                "references method <java.time.Instant.now()>",
                                "java.time.LocalDate.now(java.time.ZoneId)",
                                "java.time.Clock.systemUTC()",
                                "java.time.Clock.tickMillis(java.time.ZoneId)",
                                "java.time.InstantSource.system()",
                                "java.lang.System.currentTimeMillis()",
                                "java.lang.System.nanoTime()",
                                "java.util.Date.<init>()")),
                new Case(
                        "threads come from above or the facade",
                        HouseRules::threadsComeFromAboveOrTheFacade,
                        List.of(
                                "java.lang.Thread.<init>(java.lang.Runnable)",
                                "references constructor <java.lang.Thread.<init>",
                                "java.util.concurrent.Executors.newCachedThreadPool()",
                                "java.util.concurrent.ForkJoinPool.commonPool()",
                                "java.util.Timer.<init>()")),
                new Case(
                        "only the terminal prints",
                        HouseRules::onlyTheTerminalPrints,
                        List.of(
                                "java.lang.System.out",
                                "java.lang.System.err",
                                "java.io.FileDescriptor.out",
                                "printStackTrace()")),
                new Case(
                        "every package is NullMarked",
                        HouseRules::everyPackageIsNullMarked,
                        List.of("unmarked.Somebody")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void house_keepsTheRule(Case each) {
        each.rule().apply(new HouseRules("io.tollgate")).check(HOUSE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void plantedHouse_breaksTheRule_isFound(Case each) {
        ArchRule rule = each.rule().apply(new HouseRules("io.tollgate.planted"));

        assertThatThrownBy(() -> rule.check(PLANTED))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll(each.finds().toArray(String[]::new));
    }

    @Test
    void plantedHouse_whatIsAllowed_isNotFound() {
        List<String> found = new ArrayList<>();
        cases().map(each -> each.rule().apply(new HouseRules("io.tollgate.planted")))
                .forEach(rule ->
                        found.addAll(rule.evaluate(PLANTED).getFailureReport().getDetails()));

        assertThat(found)
                .isNotEmpty()
                .noneMatch(line -> line.strip().matches("\\S+ <?[\\w.]*\\.(Allowed\\w*|Face|Upstairs)\\b.*"));
    }

    @Test
    void house_isImportedWhole() {
        assertThat(HOUSE.stream().map(type -> type.getPackageName()).distinct())
                .contains("io.tollgate.app", "io.tollgate.queue.job", "io.tollgate.credits.ledger")
                .noneMatch(name -> name.contains("planted"));
    }
}

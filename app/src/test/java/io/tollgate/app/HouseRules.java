package io.tollgate.app;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.FileDescriptor;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Calendar;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of the house for everything below a root package, so that they can be held against the real house and
 * against one where each is broken.
 */
final class HouseRules {
    private static final String ADAPTERS = "sql|java2d|comfyui|webhook|telegram|http|metrics|tracing|redis|s3|graphql";

    /** Stands beside the house, as a real server does: it has threads and a clock of its own. */
    private static final String SIMULATOR = "io.tollgate.comfyui.sim..";

    private static final List<List<String>> QUEUE_ROOMS = List.of(
            List.of(""),
            List.of("gate"),
            List.of("dispatch"),
            List.of("delivery"),
            List.of("access"),
            List.of("pull"),
            List.of("lane", "backend", "event"),
            List.of("media", "workflow"),
            List.of("job"));
    private static final List<List<String>> CREDITS_ROOMS =
            List.of(List.of(""), List.of("pricing", "payment", "audit"), List.of("ledger", "account"));
    private static final String MEMORY = "memory";
    private static final String CONSTRUCTOR = "<init>";

    private final String root;

    HouseRules(String root) {
        this.root = root;
    }

    ArchRule queueCoreKnowsOnlyJavaAndCredits() {
        return classes()
                .that()
                .resideInAPackage(root + ".queue..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "javax.crypto..", "org.jspecify..", root + ".queue..", root + ".credits..");
    }

    ArchRule creditsCoreKnowsOnlyJava() {
        return classes()
                .that()
                .resideInAPackage(root + ".credits..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.crypto..", "org.jspecify..", root + ".credits..");
    }

    ArchRule adaptersDoNotMeet() {
        // until there are two of them, there is nothing that could meet
        return slices().matching(root + ".(" + ADAPTERS + ")..")
                .should()
                .notDependOnEachOther()
                .allowEmptyShould(true);
    }

    ArchRule nobodyKnowsApp() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(root + ".app..");
    }

    ArchRule queueRoomsHaveNoCircle() {
        return slices().matching(root + ".queue.(*)..").should().beFreeOfCycles();
    }

    ArchRule creditsRoomsHaveNoCircle() {
        return slices().matching(root + ".credits.(*)..").should().beFreeOfCycles();
    }

    ArchRule queueArrowsRunDownward() {
        return arrowsRunDownward(root + ".queue", QUEUE_ROOMS);
    }

    ArchRule creditsArrowsRunDownward() {
        return arrowsRunDownward(root + ".credits", CREDITS_ROOMS);
    }

    ArchRule guiceStaysInApp() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".app..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google.inject..", "jakarta.inject..", "javax.inject..");
    }

    ArchRule timeIsInjected() {
        return classes()
                .that()
                .resideOutsideOfPackages(root + ".app..", root + ".queue", SIMULATOR) // the facade's default
                .should(notTouch("the machine's time", HouseRules::asksTheTime));
    }

    ArchRule threadsComeFromAboveOrTheFacade() {
        return classes()
                .that()
                .resideOutsideOfPackages(root + ".app..", root + ".queue", SIMULATOR)
                .should(notTouch("what makes threads", HouseRules::makesThreads));
    }

    ArchRule onlyTheTerminalPrints() {
        return classes()
                .that(describe("are not the terminal", type -> !type.getName().equals(root + ".app.cli.Terminal")))
                .should(notTouch("the standard streams", HouseRules::prints));
    }

    ArchRule everyPackageIsNullMarked() {
        return classes().should(new ArchCondition<>("be in a package that is @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                    events.add(SimpleConditionEvent.violated(
                            type, type.getPackageName() + " is not @NullMarked: " + type.getName()));
                }
            }
        });
    }

    private static boolean asksTheTime(AccessTarget target) {
        JavaClass owner = target.getOwner();
        String name = target.getName();
        boolean constructed = name.equals(CONSTRUCTOR);
        if (owner.getPackageName().startsWith("java.time")) {
            boolean ownClock = target instanceof AccessTarget.CodeUnitAccessTarget code
                    && code.getRawParameterTypes().stream().anyMatch(type -> type.isAssignableTo(Clock.class));
            boolean now = name.equals("now") && !ownClock;
            boolean system = name.startsWith("system")
                    && (owner.isEquivalentTo(Clock.class) || owner.isEquivalentTo(InstantSource.class));
            boolean tick = name.startsWith("tick") && owner.isEquivalentTo(Clock.class) && !ownClock;
            return now || system || tick;
        }
        return (owner.isEquivalentTo(System.class)
                        && Set.of("currentTimeMillis", "nanoTime").contains(name))
                || (owner.isEquivalentTo(Calendar.class) && name.equals("getInstance"))
                || (owner.isEquivalentTo(Date.class)
                        && constructed
                        && target instanceof AccessTarget.CodeUnitAccessTarget code
                        && code.getRawParameterTypes().isEmpty());
    }

    private static boolean makesThreads(AccessTarget target) {
        JavaClass owner = target.getOwner();
        boolean constructed = target.getName().equals(CONSTRUCTOR);
        return (constructed && owner.isAssignableTo(Thread.class))
                || (constructed && owner.isAssignableTo(ThreadPoolExecutor.class))
                || (constructed && owner.isAssignableTo(ForkJoinPool.class))
                || (constructed && owner.isAssignableTo(Timer.class))
                || (owner.isEquivalentTo(ForkJoinPool.class) && target.getName().equals("commonPool"))
                || (owner.isEquivalentTo(Executors.class) && target.getName().startsWith("new"));
    }

    private static boolean prints(AccessTarget target) {
        JavaClass owner = target.getOwner();
        boolean stream = Set.of("out", "err").contains(target.getName())
                && (owner.isEquivalentTo(System.class) || owner.isEquivalentTo(FileDescriptor.class));
        return stream
                || (owner.isAssignableTo(Throwable.class)
                        && target.getName().equals("printStackTrace")
                        && target instanceof AccessTarget.CodeUnitAccessTarget code
                        && code.getRawParameterTypes().isEmpty());
    }

    /** Calls, references such as {@code Instant::now}, and fields alike. */
    private static ArchCondition<JavaClass> notTouch(String what, Predicate<AccessTarget> forbidden) {
        return new ArchCondition<>("not touch " + what) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                    if (forbidden.test(access.getTarget())) {
                        events.add(SimpleConditionEvent.violated(access, access.getDescription()));
                    }
                }
            }
        };
    }

    /** A room may know its own row and those below; memory may know every room, and only the face knows memory. */
    private static ArchRule arrowsRunDownward(String core, List<List<String>> rows) {
        Map<String, Integer> ranks = new HashMap<>();
        for (int row = 0; row < rows.size(); row++) {
            for (String room : rows.get(row)) {
                ranks.put(room, row);
            }
        }
        ranks.put(MEMORY, 1);
        DescribedPredicate<JavaClass> inside = JavaClass.Predicates.resideInAPackage(core + "..");
        return classes().that(inside).should(new ArchCondition<>("know only rooms further down") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                String room = room(core, type);
                Integer from = ranks.get(room);
                if (from == null) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " is in no room of the table"));
                    return;
                }
                type.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> inside.test(dependency.getTargetClass()))
                        .filter(dependency -> {
                            String other = room(core, dependency.getTargetClass());
                            boolean upward = ranks.getOrDefault(other, rows.size()) < from;
                            boolean memory = other.equals(MEMORY) && !room.equals(MEMORY) && !room.isEmpty();
                            return upward || memory;
                        })
                        .forEach(dependency ->
                                events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription())));
            }
        });
    }

    private static String room(String core, JavaClass type) {
        String below = type.getPackageName().substring(core.length());
        return below.isEmpty() ? "" : below.substring(1).split("\\.", 2)[0];
    }
}

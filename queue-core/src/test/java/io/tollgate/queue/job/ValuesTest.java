package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small values of jobs: ids, needs, backoffs, failures. */
final class ValuesTest {
    private static final String ID = "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a\0b",
                "half \uD800",
                "a name of too many characters, which nobody has, as it"
                        + " goes on and on and on and on and on and on and on and on and on"
            })
    void commands_ofSomebodyWithoutASensibleName_areRefused(String by) {
        JobId id = new JobId(new java.util.UUID(0, 1));
        List<ThrowingCallable> wishes = List.of(
                () -> new JobCommand.Cancel(id, by, List.of()),
                () -> new JobCommand.Resolve(id, true, by, "because", List.of()),
                () -> new JobCommand.SetLimit(new ModelName("m"), OptionalInt.of(1), by),
                () -> new JobCommand.SwitchQueue(new QueueName("q"), QueueSwitch.Mode.OPEN, by));

        wishes.forEach(wish -> assertThatThrownBy(wish).isInstanceOf(IllegalArgumentException.class));
    }

    @Test
    void event_withTextThatNoStoreKeeps_isMended() {
        StoredEvent event = new StoredEvent(Instant.EPOCH, "a\0", Optional.empty(), Optional.empty(), "by \uD800\0");

        assertThat(event.kind()).isEqualTo("a\uFFFD");
        assertThat(event.detail()).isEqualTo("by \uFFFD\uFFFD");
    }

    @Test
    void parse_anId_givesItBack() {
        assertThat(JobId.parse(ID).toString()).isEqualTo(ID);
        assertThat(BatchId.parse(ID).value()).isEqualTo(UUID.fromString(ID));
        assertThat(JobId.parse(ID.toUpperCase(Locale.ROOT))).isEqualTo(JobId.parse(ID));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1-1-1-1-1",
                "0190a1b2c3d47e5f8a6b7c8d9e0f1a2b",
                "{0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2}",
                "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2g",
                "+190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b",
                "00190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2",
                "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b ",
                " 190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b",
                "0190a1b2-c3d4-7e5f-8a6b7-c8d9e0f1a2b",
                "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2\u0663",
                "../../../../../../../../etc/passwd..",
            })
    void parse_whatIsNoId_isRefused(String text) {
        assertThatThrownBy(() -> JobId.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void compareTo_idsOfManyTimes_goByTheirText() {
        String[] inOrder = {
            "00000000-0000-7000-8000-000000000000",
            "00000000-0000-7000-8000-000000000001",
            "00000000-0000-7000-bfff-ffffffffffff",
            "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b",
            "80000000-0000-7000-8000-000000000000",
            "ffffffff-ffff-7fff-8000-000000000000",
        };
        for (int i = 1; i < inOrder.length; i++) {
            assertThat(JobId.parse(inOrder[i - 1])).isLessThan(JobId.parse(inOrder[i]));
        }
    }

    @Test
    void toString_ofNeeds_isReadBackAndTheSameForEqualOnes() {
        Needs needs = new Needs(
                Set.of("java2d", "comfyui", "a b"), Set.of("node:KSampler", "x=1;y", "— 光", "a,b", "''--", "$"));
        Needs same = new Needs(
                Set.of("a b", "comfyui", "java2d"), Set.of("$", "''--", "a,b", "— 光", "x=1;y", "node:KSampler"));

        assertThat(Needs.parse(needs.toString())).isEqualTo(needs);
        assertThat(needs.toString()).isEqualTo(same.toString());
        assertThat(new Needs(Set.of("java2d"), Set.of()).toString()).isEqualTo("java2d");
        assertThat(Needs.parse("b|a&y&x").toString()).isEqualTo("a&x&y|b");
        assertThat(needs.toString())
                .startsWith("a b&$&")
                .contains("|comfyui&$&")
                .contains("|java2d&$&");
    }

    @Test
    void needs_thatDifferByKind_areMetByEachWithItsOwn() {
        Needs needs = Needs.parse("comfyui&node:A|java2d").and("comfyui", Set.of("model:b"));

        assertThat(needs).hasToString("comfyui&model:b&node:A|java2d");
        assertThat(needs.areMetBy("java2d", Set.of())).isTrue();
        assertThat(needs.areMetBy("comfyui", Set.of("node:A"))).isFalse();
        assertThat(needs.areMetBy("comfyui", Set.of("node:A", "model:b", "c"))).isTrue();
        assertThat(needs.missing("comfyui", Set.of("node:A"))).containsExactly("model:b");
        assertThat(needs.missing("java2d", Set.of())).isEmpty();
        assertThat(needs.and("cloud", Set.of("x"))).isEqualTo(needs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "|", "a|", "&tag", "a&", "a& ", "a|a", "a&b&&c", "|a&b"})
    void parse_whatAreNoNeeds_isRefused(String text) {
        assertThatThrownBy(() -> Needs.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void needs_ofWordsThatWouldBeReadAsOthers_areRefused() {
        for (String word : new String[] {"a|b", "a&b", "", "\t", "&", "|"}) {
            assertThatThrownBy(() -> new Needs(Set.of(word), Set.of())).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new Needs(Set.of("a"), Set.of(word))).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new Needs(Set.of(), Set.of("tag"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void areMetBy_oneOfTheKindsAndAllOfTheTags_only() {
        Needs needs = new Needs(Set.of("comfyui", "java2d"), Set.of("a", "b"));

        assertThat(needs.areMetBy("comfyui", Set.of("a", "b", "c"))).isTrue();
        assertThat(needs.areMetBy("java2d", Set.of("a", "b"))).isTrue();
        assertThat(needs.areMetBy("java2d", Set.of("a"))).isFalse();
        assertThat(needs.areMetBy("other", Set.of("a", "b"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 2000",
        "2, 1, 4000",
        "3, 1, 8000",
        "5, 1, 32000",
        "6, 1, 60000",
        "60, 1, 60000",
        "2147483647, 1, 60000",
        "1, 0, 0",
        "2, 0.5, 2000",
        "9, 0.25, 15000",
    })
    void backoff_afterFailures_doublesUpToTheCap(int failed, double jitter, long millis) {
        assertThat(RetryPolicy.DEFAULT.backoff(failed, jitter)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void backoff_ofAHugeBase_staysWithinTheCap() {
        Duration huge = Duration.ofDays(36_500_000);
        RetryPolicy policy = new RetryPolicy(20, huge, huge);

        for (int failed = 1; failed < 70; failed++) {
            assertThat(policy.backoff(failed, 1)).isEqualTo(huge);
        }
        assertThat(new RetryPolicy(3, Duration.ZERO, Duration.ofHours(1)).backoff(20, 1))
                .isEqualTo(Duration.ZERO);
    }

    @Test
    void backoff_justBelowHalfOfAnOddCap_doublesAndIsNotRoundedUp() {
        RetryPolicy odd = new RetryPolicy(3, Duration.ofMillis(2), Duration.ofMillis(5));

        assertThat(odd.backoff(2, 1)).isEqualTo(Duration.ofMillis(4));
        assertThat(odd.backoff(3, 1)).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void limits_atTheirEdges_areTaken() {
        ModelName model = new ModelName("m");

        assertThat(new ModelLimit(model, OptionalInt.of(1), 0).set()).hasValue(1);
        assertThat(new ModelLimit(model, OptionalInt.of(ModelLimit.MAX), 0).set())
                .hasValue(ModelLimit.MAX);
        assertThat(new SubmissionLimits(1, 1, 1).perMinute()).isEqualTo(1);
        assertThat(new JobRules(JobPolicy.DEFAULT).policy()).isSameAs(JobPolicy.DEFAULT);
    }

    @Test
    void backoff_whatMakesNoSense_isRefused() {
        assertThatThrownBy(() -> RetryPolicy.DEFAULT.backoff(0, 1)).isInstanceOf(IllegalArgumentException.class);
        for (double jitter : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> RetryPolicy.DEFAULT.backoff(1, jitter))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        Duration one = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new RetryPolicy(0, one, one)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RetryPolicy(21, one, one)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RetryPolicy(3, one, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RetryPolicy(3, one.negated(), one)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void failure_withALongMessage_keepsOneLineOfWholeCharacters() {
        String sun = "\uD83C\uDF05";
        Failure cut = new Failure(Failure.Kind.BACKEND, "a".repeat(Failure.MAX_MESSAGE - 2) + sun + sun);

        assertThat(cut.message()).hasSizeLessThanOrEqualTo(Failure.MAX_MESSAGE).endsWith("a…");
        assertThat(new Failure(Failure.Kind.BACKEND, "b".repeat(600)).message()).hasSize(Failure.MAX_MESSAGE);
        assertThat(new Failure(Failure.Kind.BACKEND, " \n first \n second").message())
                .isEqualTo("first");
        assertThat(new Failure(Failure.Kind.BACKEND, "").message()).isEmpty();
    }
}

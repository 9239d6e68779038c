package io.tollgate.queue.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link ContentPolicy} must do. Extend it and give it a policy, a text it allows and one it refuses. */
public abstract class ContentPolicyContract {
    private static final Duration AT_ONCE = Duration.ofSeconds(10); // on a busy machine
    private static final int THREADS = 4;
    private static final int ROUNDS = 100;

    /** The policy under test, the same at each call. */
    protected abstract ContentPolicy policy();

    /** A text that may be run. */
    protected abstract String allowed();

    /** A text that may not. */
    protected abstract String refused();

    private static PolicyRequest request(String... texts) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < texts.length; i++) {
            fields.put("inputs.text_" + i, texts[i]);
        }
        return new PolicyRequest(new UserId("ann"), new WorkflowName("draw"), fields);
    }

    @Test
    void review_allowedText_isAllowed() {
        assertThat(policy().review(request(allowed()))).isEqualTo(new PolicyVerdict.Allowed());
    }

    @Test
    void review_noTexts_isAllowed() {
        assertThat(policy().review(request())).isEqualTo(new PolicyVerdict.Allowed());
    }

    @Test
    void review_refusedText_namesTheFieldAndRepeatsNothing() {
        PolicyVerdict verdict = policy().review(request(allowed(), refused(), allowed()));

        assertThat(verdict).isInstanceOfSatisfying(PolicyVerdict.Refused.class, no -> {
            assertThat(no.field()).isEqualTo("inputs.text_1");
            assertThat(no.rule()).matches("[a-z][a-z0-9_-]*");
            assertThat(no.message()).isNotBlank().doesNotContain("\n", refused());
        });
    }

    @Test
    void review_byManyThreads_sameRequestSameVerdict() throws Exception {
        PolicyRequest good = request(allowed());
        PolicyRequest bad = request(refused());
        PolicyVerdict no = policy().review(bad);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier together = new CyclicBarrier(THREADS);
            List<Future<?>> reviewers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                reviewers.add(threads.submit(() -> {
                    together.await(AT_ONCE.toSeconds(), TimeUnit.SECONDS);
                    for (int round = 0; round < ROUNDS; round++) {
                        assertThat(policy().review(good)).isEqualTo(new PolicyVerdict.Allowed());
                        assertThat(policy().review(bad)).isEqualTo(no);
                    }
                    return null;
                }));
            }
            for (Future<?> reviewer : reviewers) {
                reviewer.get(AT_ONCE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    static List<String> hostile() {
        return List.of(
                "",
                " \t\n",
                "\u0000",
                "\uD800",
                "\uDC00 \uD800",
                "\u202Eright to left\u202C",
                "a\u0301".repeat(50_000),
                "\u200B".repeat(100_000),
                "a".repeat(100_000),
                "a ".repeat(50_000),
                "((((((".repeat(10_000),
                "\uDBFF\uDFFF".repeat(20_000));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void review_textThatWasMadeToHurt_isAnsweredAtOnce(String text) {
        PolicyVerdict verdict = assertTimeoutPreemptively(AT_ONCE, () -> policy().review(request(text)));

        assertThat(verdict).isNotNull().isEqualTo(policy().review(request(text)));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void review_refusedTextAfterOneThatWasMadeToHurt_isNotHidden(String text) {
        assertThat(policy().review(request(text, refused()))).isInstanceOf(PolicyVerdict.Refused.class);
    }
}

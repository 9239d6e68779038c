package io.tollgate.queue.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.RunId;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class RunTokensTest {
    private static final JobId JOB = JobId.parse("01970000-0000-7000-8000-000000000001");
    private static final RunId RUN = RunId.parse("01970000-0000-7000-8000-000000000002");
    private static final RunId OTHER = RunId.parse("01970000-0000-7000-8000-000000000003");

    private final RunTokens tokens = new RunTokens(new byte[32]);

    @Test
    void check_ofItsRun_namesTheJobOverRestarts() {
        assertThat(new RunTokens(new byte[32]).check(tokens.of(JOB, RUN), RUN)).contains(JOB);
    }

    @Test
    void check_ofAnything_isEmpty() {
        byte[] others = new byte[32];
        Arrays.fill(others, (byte) 1);
        String token = tokens.of(JOB, RUN);

        assertThat(tokens.check(token, OTHER)).isEmpty();
        assertThat(tokens.check(new RunTokens(others).of(JOB, RUN), RUN)).isEmpty();
        assertThat(tokens.check(token.substring(0, token.length() - 1), RUN)).isEmpty();
        assertThat(tokens.check("tw_" + "A".repeat(64), RUN)).isEmpty();
        assertThat(tokens.check("tw_ß?", RUN)).isEmpty();
        assertThat(tokens.check("", RUN)).isEmpty();
    }

    @Test
    void check_ofTokenForAnotherJob_isEmpty() {
        String token = tokens.of(JOB, RUN);
        String head = tokens.of(JobId.parse("01970000-0000-7000-8000-000000000009"), RUN)
                .substring(0, 24);

        assertThat(tokens.check(head + token.substring(24), RUN)).isEmpty();
    }
}

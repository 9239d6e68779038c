package io.tollgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.test.House;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CreditMetersTest {
    private final House house = new House();
    private final PrometheusPage page = new PrometheusPage();

    @BeforeEach
    void follow() {
        house.memory.onCommit(new CreditMeters(page.registry()));
    }

    @AfterEach
    void close() {
        house.close();
        page.close();
    }

    private double credits(String kind) {
        return Lines.value(page.scrape(), "tollgate_credits_total", "kind=\"" + kind + "\"")
                .orElseThrow();
    }

    @Test
    void committed_aJobPaidInPart_addsUp() {
        Tollgate node = house.open(builder -> builder.workflows(House.draw("four", "model-a", 4, RetryPolicy.DEFAULT))
                .backend(house.gpu));
        house.credit(House.ANN, 100);

        house.submit(node, JobRequest.of(House.ANN, "four"));
        house.gpu.succeed(house.gpu.only(), "one.png");
        house.settle();

        assertThat(credits("held")).isEqualTo(10);
        assertThat(credits("captured")).isEqualTo(2.5);
        assertThat(credits("released")).isEqualTo(7.5);
        assertThat(credits("waived")).isZero();
    }

    @Test
    void committed_aJobThatFails_releasesItAll() {
        Tollgate node = house.open();
        house.credit(House.ANN, 100);

        house.submit(node);
        house.gpu.fail(house.gpu.only(), Failure.Kind.BAD_INPUT);
        house.settle();

        assertThat(credits("released")).isEqualTo(10);
        assertThat(credits("captured")).isZero();
    }
}

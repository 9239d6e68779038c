package io.tollgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.test.House;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DeliveryMetersTest {
    private final House house = new House();
    private final PrometheusPage page = new PrometheusPage();

    @AfterEach
    void close() {
        house.close();
        page.close();
    }

    /** Fails the first tries, then gives up or delivers, as its address says. */
    private static final class Letters implements DeliveryChannel {
        int failures = 2;

        @Override
        public String name() {
            return "letter";
        }

        @Override
        public void check(String address) {}

        @Override
        public CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record) {
            if (failures-- > 0) {
                return CompletableFuture.completedFuture(new Outcome.Failed("500", false));
            }
            return CompletableFuture.completedFuture(
                    delivery.target().address().equals("gone")
                            ? new Outcome.Failed("410", true)
                            : new Outcome.Delivered());
        }
    }

    private double count(String outcome) {
        return Lines.value(
                        page.scrape(),
                        "tollgate_deliveries_total",
                        "channel=\"letter\"",
                        "event=\"succeeded\"",
                        "outcome=\"" + outcome + "\"")
                .orElse(0.0);
    }

    private void deliver(String address) {
        TollgateMetrics metrics = new TollgateMetrics(page.registry(), house.clock);
        Tollgate node = house.open(builder -> builder.workflows(House.draw())
                .backend(house.gpu)
                .channel(new Letters())
                .listener(metrics));
        house.credit(House.ANN, 100);
        house.submit(node, JobRequest.of(House.ANN, "draw").deliveredTo(new DeliveryTarget("letter", address)));
        house.gpu.succeed(house.gpu.only(), "boat.png");
        house.settle();
    }

    private double waiting() {
        return Lines.value(page.scrape(), "tollgate_deliveries_waiting").orElseThrow();
    }

    @Test
    void changed_triesThatFailThenOneThatDelivers_countsEachOnce() {
        deliver("ann");

        assertThat(count("failed")).isEqualTo(1);
        assertThat(waiting()).isEqualTo(1);

        house.advance(Duration.ofMinutes(10));

        assertThat(count("failed")).isEqualTo(2);
        assertThat(count("delivered")).isEqualTo(1);
        assertThat(count("dead")).isZero();
        assertThat(waiting()).isZero();
    }

    @Test
    void changed_givenUp_countsItAsDead() {
        deliver("gone");
        house.advance(Duration.ofMinutes(10));

        assertThat(count("dead")).isEqualTo(1);
        assertThat(waiting()).isZero();
    }
}

package io.tollgate.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.test.House;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class RecentJobsTest {
    @Test
    void find_again_readsOnceUntilItChanges() {
        try (House house = new House()) {
            Tollgate node = house.open();
            house.credit(House.ANN, 100);
            JobId id = house.submit(node).id();
            AtomicInteger reads = new AtomicInteger();
            RecentJobs recent = new RecentJobs(
                    job -> {
                        reads.incrementAndGet();
                        return house.memory.find(job);
                    },
                    64);
            Runnable unfollow = house.memory.onCommit(changes -> changes.forEach(recent::changed));

            recent.find(id);
            recent.find(id);
            assertThat(reads).hasValue(1);

            house.gpu.start(house.gpu.only());
            house.gpu.succeed(house.gpu.only(), "a.png");
            house.settle();
            assertThat(recent.find(id).map(found -> found.job().kind())).contains(JobState.Kind.SUCCEEDED);
            assertThat(recent.find(id)).isEqualTo(house.memory.find(id));

            recent.clear();
            int before = reads.get();
            recent.find(id);
            assertThat(reads).hasValue(before + 1);
            unfollow.run();
        }
    }

    @Test
    void find_jobThatChangesWhileItIsRead_isNotKeptAsItWas() {
        try (House house = new House()) {
            Tollgate node = house.open();
            house.credit(House.ANN, 100);
            JobId id = house.submit(node).id();
            AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
            RecentJobs recent = new RecentJobs(
                    job -> {
                        Optional<JobRecord> old = house.memory.find(job);
                        meanwhile.getAndSet(() -> {}).run();
                        return old;
                    },
                    64);
            Runnable unfollow = house.memory.onCommit(changes -> changes.forEach(recent::changed));
            meanwhile.set(() -> {
                house.gpu.start(house.gpu.only());
                house.gpu.succeed(house.gpu.only(), "a.png");
                house.settle();
            });

            recent.find(id);

            assertThat(recent.find(id).map(found -> found.job().kind())).contains(JobState.Kind.SUCCEEDED);
            unfollow.run();
        }
    }

    @Test
    void find_nothingIsToBeRemembered_readsEachTime() {
        try (House house = new House()) {
            Tollgate node = house.open();
            house.credit(House.ANN, 100);
            JobId id = house.submit(node).id();
            AtomicInteger reads = new AtomicInteger();
            RecentJobs none = new RecentJobs(
                    job -> {
                        reads.incrementAndGet();
                        return house.memory.find(job);
                    },
                    0);

            none.find(id);
            none.find(id);

            assertThat(reads).hasValue(2);
        }
    }
}

package io.tollgate.bench;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** db-scheduler on SQLite: polls by fetch, the only way it has there, with immediate execution. */
final class DbSchedulerContender implements Contender {
    /** By the median of 3 rounds on a busy machine, 64 threads did no less with 8 than with 1; JobRunr did more. */
    private static final int CONNECTIONS = 8;

    /** Fractions of the threads at which db-scheduler fetches again, and how much: its documented default. */
    private static final double FETCH_AGAIN_BELOW = 0.5;

    private static final double FETCH = 3.0;

    @Override
    public String name() {
        return "db-scheduler";
    }

    @Override
    public boolean hasLedger() {
        return false;
    }

    @Override
    public Session open(Path dir) throws Exception {
        HikariDataSource pool = Sqlite.pool(dir, CONNECTIONS, true);
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            // the columns, types and indexes its documentation asks for, without those for priorities
            statement.execute("CREATE TABLE scheduled_tasks (task_name VARCHAR(100), task_instance VARCHAR(100), "
                    + "task_data BLOB, execution_time TIMESTAMP, picked BIT, picked_by VARCHAR(50), "
                    + "last_success TIMESTAMP, last_failure TIMESTAMP, consecutive_failures INT, "
                    + "last_heartbeat TIMESTAMP, version BIGINT, priority SMALLINT, "
                    + "PRIMARY KEY (task_name, task_instance))");
            statement.execute("CREATE INDEX execution_time_idx ON scheduled_tasks (execution_time)");
            statement.execute("CREATE INDEX last_heartbeat_idx ON scheduled_tasks (last_heartbeat)");
        }
        return new Open(dir, pool);
    }

    private static final class Open implements Session {
        private final Path dir;
        private final HikariDataSource pool;
        private final AtomicReference<@Nullable Work> work = new AtomicReference<>();
        private final CustomTask<Void> task;
        private final SchedulerClient idle;
        private volatile SchedulerClient client;

        Open(Path dir, HikariDataSource pool) {
            this.dir = dir;
            this.pool = pool;
            this.task = Tasks.custom("job", Void.class).execute((instance, context) -> {
                Work now = work.get();
                long number = Long.parseLong(instance.getId());
                if (now != null) {
                    now.started(number);
                }
                return (completed, operations) -> {
                    operations.remove(); // one statement, one commit
                    if (now != null) {
                        now.finished(number);
                    }
                };
            });
            this.idle = SchedulerClient.Builder.create(pool, task).build();
            this.client = idle;
        }

        @Override
        public void submit(long number) {
            client.scheduleIfNotExists(instance(number), Instant.now());
        }

        @Override
        public void submitAll(long first, int count) {
            Stream<TaskInstance<?>> instances =
                    LongStream.range(first, first + count).mapToObj(this::instance);
            // with auto-commit each row of a batch would be a commit of its own
            try (HikariDataSource loading = Sqlite.pool(dir, 1, false)) {
                Scheduler.create(loading, task)
                        .commitWhenAutocommitDisabled(true)
                        .build()
                        .scheduleBatch(instances, Instant.now());
            }
        }

        private TaskInstance<Void> instance(long number) {
            return task.instance(Long.toString(number));
        }

        @Override
        public Engine start(int workers, Work engineWork) {
            work.set(engineWork);
            SchedulerBuilder builder = Scheduler.create(pool, task)
                    .threads(workers)
                    .schedulerName(new SchedulerName.Fixed("bench"))
                    .pollUsingFetch(FETCH_AGAIN_BELOW, FETCH)
                    .pollingInterval(Duration.ofSeconds(1))
                    .enableImmediateExecution();
            Scheduler scheduler = builder.build();
            scheduler.start();
            client = scheduler; // immediate execution is for what is scheduled through the scheduler itself
            return () -> {
                client = idle;
                scheduler.stop();
            };
        }

        @Override
        public long openJobs() throws SQLException {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT count(*) FROM scheduled_tasks")) {
                rows.next();
                return rows.getLong(1);
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }
}

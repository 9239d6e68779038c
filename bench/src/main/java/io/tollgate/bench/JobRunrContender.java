package io.tollgate.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.filters.ApplyStateFilter;
import org.jobrunr.jobs.filters.JobFilter;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.jobs.states.StateName;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.storage.sql.sqlite.SqLiteStorageProvider;
import org.jobrunr.utils.mapper.jackson.JacksonJsonMapper;

/** JobRunr, the open-source edition, on SQLite; job requests rather than lambdas, which it would have to analyze. */
final class JobRunrContender implements Contender {
    /** As for db-scheduler. */
    private static final int CONNECTIONS = 8;

    /** The smallest that JobRunr accepts on a database. */
    private static final Duration POLL = Duration.ofSeconds(5);

    @Override
    public String name() {
        return "JobRunr";
    }

    @Override
    public boolean hasLedger() {
        return false;
    }

    @Override
    public Duration pollInterval() {
        return POLL;
    }

    @Override
    public Session open(Path dir) {
        return new Open(Sqlite.pool(dir, CONNECTIONS, true));
    }

    private static final class Open implements Session {
        private final HikariDataSource pool;
        private final JacksonJsonMapper json = new JacksonJsonMapper();
        private final SqLiteStorageProvider storage;
        private final JobRequestScheduler scheduler;

        Open(HikariDataSource pool) {
            this.pool = pool;
            this.storage = new SqLiteStorageProvider(pool);
            storage.setJobMapper(new JobMapper(json));
            this.scheduler = new JobRequestScheduler(storage, List.of());
        }

        @Override
        public void submit(long number) {
            scheduler.enqueue(new Request(number));
        }

        @Override
        public void submitAll(long first, int count) {
            scheduler.enqueue(LongStream.range(first, first + count).mapToObj(Request::new));
        }

        @Override
        public Engine start(int workers, Work work) {
            Handler handler = new Handler(work);
            JobActivator activator = new JobActivator() {
                @Override
                public <T> T activateJob(Class<T> type) {
                    return type.cast(handler);
                }
            };
            BackgroundJobServer server = new BackgroundJobServer(
                    storage,
                    json,
                    activator,
                    BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                            .andWorkerCount(workers)
                            .andPollInterval(POLL));
            server.setJobFilters(List.<JobFilter>of(finished(work)));
            server.start();
            return server::stop;
        }

        /** Runs after the new state has been saved. */
        private static ApplyStateFilter finished(Work work) {
            return (job, oldState, newState) -> {
                if (newState.getName() == StateName.SUCCEEDED) {
                    work.finished(number(job));
                }
            };
        }

        private static long number(Job job) {
            return ((Request) Objects.requireNonNull(job.getJobDetails().getJobParameterValues()[0])).number;
        }

        @Override
        public long openJobs() {
            var stats = storage.getJobStats();
            return stats.getTotal() - stats.getSucceeded();
        }

        @Override
        public void close() {
            storage.close();
            pool.close();
        }
    }

    /** A job's data. JobRunr reads it back from JSON by its fields. */
    public static final class Request implements JobRequest {
        private long number;

        @SuppressWarnings("unused") // JSON begins with it
        Request() {}

        Request(long number) {
            this.number = number;
        }

        @Override
        public Class<Handler> getJobRequestHandler() {
            return Handler.class;
        }
    }

    /** Runs the jobs of one engine. Public, for JobRunr calls it by reflection. */
    public static final class Handler implements JobRequestHandler<Request> {
        private final Session.Work work;

        Handler(Session.Work work) {
            this.work = work;
        }

        @Override
        public void run(Request request) {
            work.started(request.number);
        }
    }
}

package io.tollgate.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No statement of the hot path reads a table as a whole: its cost must not grow with the jobs that ended. */
@Timeout(60)
final class StorePlansTest {
    @TempDir
    Path directory;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory, JobPolicy.DEFAULT, new MutableClock());
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private List<String> plan(String sql) {
        return fixture.database().read(handle -> {
            try {
                return plan(handle.getConnection(), sql);
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        });
    }

    private static List<String> plan(Connection connection, String sql) throws SQLException {
        List<String> plan = new ArrayList<>();
        try (PreparedStatement statement =
                        connection.prepareStatement("EXPLAIN QUERY PLAN " + sql.replaceAll(":[a-z]+", "?"));
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                plan.add(row.getString(4));
            }
        }
        return plan;
    }

    static Stream<String> hotStatements() {
        return Stream.of(
                BatchLoader.JOBS,
                BatchLoader.JOBS_BY_KEY,
                BatchLoader.HEADS,
                BatchLoader.SPECS,
                BatchLoader.END_BACKOFFS,
                BatchLoader.NEXT_BACKOFF,
                BatchLoader.ACCOUNTS,
                BatchLoader.ACCOUNTS_BY_KEY,
                BatchLoader.GRANTS,
                BatchLoader.GRANTS_BY_SOURCE_KEY,
                BatchLoader.HOLDS,
                BatchLoader.HOLDS_BY_KEY,
                BatchLoader.HOLDS_OF_JOBS,
                BatchLoader.FAIR_LINES,
                BatchLoader.IDEMPOTENCY,
                BatchLoader.POSTINGS,
                BatchLoader.DELIVERIES,
                BatchLoader.DUE,
                BatchLoader.OWED,
                BatchFlush.DROP_TRIES,
                StoreReads.NEXT_DELIVERY,
                StoreReads.TRIES,
                StoreWriter.OVER);
    }

    @ParameterizedTest
    @MethodSource("hotStatements")
    void hotStatement_always_goesByKeysAndIndexes(String sql) {
        assertThat(plan(sql))
                .isNotEmpty()
                .allSatisfy(step -> assertThat(step)
                        .matches("SEARCH .*|SCAN w VIRTUAL TABLE.*|USE TEMP B-TREE FOR (LAST TERM OF )?ORDER BY"
                                + "|LIST SUBQUERY [0-9]+"));
    }

    @Test
    void heads_ofALine_comeInTheOrderOfTheIndex() {
        assertThat(plan(BatchLoader.HEADS))
                .containsExactly("SEARCH j USING COVERING INDEX job_line (requirement_id=?)");
    }

    @Test
    void running_always_readsTheRunningAlone() {
        assertThat(plan(BatchLoader.RUNNING))
                .filteredOn(step -> step.startsWith("SCAN"))
                .containsExactly("SCAN slot", "SCAN collecting");
    }

    @Test
    void live_always_readsTheLiveAlone() {
        assertThat(plan(StoreReads.LIVE))
                .filteredOn(step -> step.startsWith("S"))
                .hasSize(4)
                .allSatisfy(step ->
                        assertThat(step).containsPattern("INDEX (job_line|job_backoff)|SCAN (slot|collecting)"));
    }

    @Test
    void waiting_always_readsTheWaitingAlone() {
        assertThat(plan(StoreReads.WAITING))
                .filteredOn(step -> step.startsWith("S"))
                .hasSize(4)
                .allSatisfy(step -> assertThat(step)
                        .containsPattern("INDEX (job_line|job_backoff)|SEARCH s USING INTEGER PRIMARY KEY"));
    }

    @Test
    void list_ofTheActive_readsTheSlotsAlone() {
        assertThat(plan(new StoreReads.Filter(JobFilter.ACTIVE, Optional.empty()).sql()))
                .anySatisfy(step -> assertThat(step).startsWith("SCAN slot"))
                .noneSatisfy(step -> assertThat(step).containsPattern("job_line|SCAN j "));
    }

    @Test
    void list_ofAUserABatchOrTheLive_goesByAnIndex() {
        UserId user = new UserId("eva");
        JobFilter live = JobFilter.ALL.with(Set.of(JobState.Kind.QUEUED));

        assertThat(plan(new StoreReads.Filter(JobFilter.of(user), Optional.of(5L)).sql()))
                .anySatisfy(step -> assertThat(step).startsWith("SCAN chain"))
                .noneSatisfy(step -> assertThat(step).startsWith("SCAN j "))
                .noneSatisfy(step -> assertThat(step).contains("TEMP B-TREE"));
        assertThat(plan(new StoreReads.Filter(JobFilter.ALL.with(new BatchId(StoreJobs.uuid())), Optional.empty())
                        .sql()))
                .anySatisfy(step -> assertThat(step).contains("INDEX job_spec_batch"));
        assertThat(plan(new StoreReads.Filter(live, Optional.empty()).sql()))
                .anySatisfy(step -> assertThat(step).startsWith("SEARCH j USING INTEGER PRIMARY KEY"))
                .noneSatisfy(step -> assertThat(step).startsWith("SCAN j "));
    }

    @Test
    void nextDelivery_always_isTheFirstOfItsIndex() {
        assertThat(plan(StoreReads.NEXT_DELIVERY)).containsExactly("SEARCH delivery USING INDEX delivery_due");
    }

    @Test
    void deliveries_ofAJobOrAnEndpoint_goByAnIndex() {
        DeliveryFilter ofJob = DeliveryFilter.of(new JobId(StoreJobs.uuid()));
        DeliveryFilter ofEndpoint = DeliveryFilter.to(new DeliveryTarget("webhook", "endpoint:" + StoreJobs.uuid()));

        assertThat(plan(StoreReads.deliveriesSql(ofJob, true)))
                .anySatisfy(step -> assertThat(step).contains("INDEX delivery_job"))
                .noneSatisfy(step -> assertThat(step).startsWith("SCAN"));
        assertThat(plan(StoreReads.deliveriesSql(ofEndpoint, true)))
                .anySatisfy(step -> assertThat(step).contains("INDEX delivery_endpoint"))
                .noneSatisfy(step -> assertThat(step).startsWith("SCAN"))
                .noneSatisfy(step -> assertThat(step).contains("TEMP B-TREE"));
    }

    @Test
    void deliveries_inAStateThatFewAreIn_goByAnIndexInTheirOrder() {
        for (Delivery.State state : List.of(Delivery.State.PENDING, Delivery.State.WAITING, Delivery.State.DEAD)) {
            for (boolean goesOn : List.of(false, true)) {
                assertThat(plan(StoreReads.deliveriesSql(DeliveryFilter.ALL.in(state), goesOn)))
                        .as("%s, %s", state, goesOn)
                        .anySatisfy(step -> assertThat(step).containsPattern("INDEX delivery_(owed|dead)"))
                        .noneSatisfy(step -> assertThat(step).contains("TEMP B-TREE"));
            }
        }
    }
}

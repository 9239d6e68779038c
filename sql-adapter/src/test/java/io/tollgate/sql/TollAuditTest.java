package io.tollgate.sql;

import static io.tollgate.sql.StoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.JobSpecs;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
final class TollAuditTest {
    private static final UserId EVA = new UserId("eva");

    @TempDir
    Path directory;

    // a run that waits of one day, one of the next, and a job for nothing
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "quota-agrees-with-holds | UPDATE quota_day SET used = used + 1",
                "quota-agrees-with-holds | UPDATE quota_day SET held = 0 WHERE latest = 0",
                "quota-agrees-with-holds | DELETE FROM quota_day WHERE latest = 0",
                "quota-agrees-with-holds | UPDATE credit_hold SET free_run = NULL WHERE id = 1",
                "quota-latest-is-last | UPDATE quota_day SET latest = 1",
                "quota-latest-is-last | UPDATE quota_day SET latest = 0",
                "quota-in-bounds | UPDATE quota_day SET quota = 0",
                "quota-in-bounds | UPDATE quota_day SET live = 0",
                "user-relaxed | UPDATE account SET relaxed = 0",
                "user-relaxed | UPDATE credit_hold SET steps = NULL",
            })
    void audit_ofAPlantedFault_findsIt(String rule, String statement) throws SQLException {
        MutableClock clock = new MutableClock();
        JobSpecs specs = new JobSpecs(new CountingIds(), clock);
        Tariff tariff = Tariff.of(Amount.credits(5)).with(new DailyQuota(2, AfterQuota.RELAXED));
        try (StoreFixture fixture = new StoreFixture(directory, JobPolicy.DEFAULT, clock)) {
            for (int i = 0; i < 3; i++) {
                value(fixture.store().execute(submission(specs, tariff)));
            }
            clock.advance(Duration.ofDays(1));
            value(fixture.store().execute(submission(specs, tariff)));
            assertThat(fixture.store().audit().findings()).isEmpty();
        }

        try (SqliteDatabase raw =
                SqliteDatabase.openWriter(directory, SqliteOptions.of("a test", TestSchema::daemon))) {
            TestSchema.execute(raw.writer(), "PRAGMA ignore_check_constraints = ON", "BEGIN", statement, "COMMIT");
        }

        try (SqliteDatabase reader =
                SqliteDatabase.openReader(directory, SqliteOptions.of("a test", TestSchema::daemon))) {
            assertThat(SqliteStore.readOnly(reader).audit().findings())
                    .extracting(Finding::rule)
                    .contains(rule);
        }
    }

    private static JobCommand.Submit submission(JobSpecs specs, Tariff tariff) {
        return new JobCommand.Submit(List.of(specs.draft(EVA).tariff(tariff).build()), Optional.empty());
    }
}

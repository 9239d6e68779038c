package io.tollgate.planted.credits.ledger;

final class KnowsJobs {
    io.tollgate.planted.queue.job.AllowedJob job() {
        return new io.tollgate.planted.queue.job.AllowedJob();
    }
}

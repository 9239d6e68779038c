package io.tollgate.bench;

/**
 * What a database is filled with before it is measured.
 *
 * @param label what is different about it, in tables: {@code 1,000,000 queued}
 * @param stock how many jobs are done and wait
 * @param workload whose they are and what they run
 */
record Load(String label, Turn.Stock stock, Workload workload) {}

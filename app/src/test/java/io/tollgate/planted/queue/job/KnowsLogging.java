package io.tollgate.planted.queue.job;

final class KnowsLogging {
    org.slf4j.Logger log() {
        return org.slf4j.LoggerFactory.getLogger(KnowsLogging.class);
    }
}

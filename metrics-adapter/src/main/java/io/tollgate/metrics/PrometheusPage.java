package io.tollgate.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/** All meters as the page of text that Prometheus reads. Safe for use by many threads; one page is made at a time. */
public final class PrometheusPage implements AutoCloseable {
    /** What the page is: Prometheus's text format, see https://prometheus.io/docs/instrumenting/exposition_formats/. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<Runnable> first = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();

    /** Where meters are made that are to be on the page. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Has {@code measuring} done before each page is made. It must be quick and must not throw. */
    public void beforeScrape(Runnable measuring) {
        first.add(measuring);
    }

    /** The page as it is now. */
    public String scrape() {
        lock.lock();
        try {
            first.forEach(Runnable::run);
            return registry.scrape(CONTENT_TYPE);
        } finally {
            lock.unlock();
        }
    }

    /** The page as it is sent. */
    public byte[] bytes() {
        return scrape().getBytes(StandardCharsets.UTF_8);
    }

    /** Ends it; meters count no more. Twice is fine. */
    @Override
    public void close() {
        registry.close();
    }
}

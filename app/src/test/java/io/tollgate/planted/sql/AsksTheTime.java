package io.tollgate.planted.sql;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;

final class AsksTheTime {
    Supplier<Instant> reference() {
        return Instant::now;
    }

    @SuppressWarnings("JavaUtilDate") // a fault, on purpose
    List<Object> all() {
        return List.of(
                Instant.now(),
                LocalDate.now(ZoneOffset.UTC),
                Clock.systemUTC(),
                Clock.tickMillis(ZoneOffset.UTC),
                InstantSource.system(),
                System.currentTimeMillis(),
                System.nanoTime(),
                new java.util.Date());
    }
}

package io.tollgate.app.comfy;

import io.tollgate.comfyui.sim.FaultEvent;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The numbers of a chaos run, for people. Confined to one thread. */
final class Tally {
    private final Servers servers;
    private final Reckoning reckoning;

    Tally(Servers servers, Reckoning reckoning) {
        this.servers = servers;
        this.reckoning = reckoning;
    }

    /**
     * A few lines.
     *
     * @param kills how often Tollgate was killed
     */
    String text(long seed, int kills, long seconds) {
        List<JobRecord> jobs = reckoning.jobs();
        List<Attempt> attempts =
                jobs.stream().flatMap(record -> record.attempts().stream()).toList();
        List<FaultEvent> faults = servers.all().values().stream()
                .flatMap(server -> server.simulator().faults().happened().stream())
                .toList();
        int deaths = servers.all().values().stream()
                .mapToInt(server -> servers.deaths(server).size())
                .sum();
        int restarts = servers.all().values().stream()
                .mapToInt(server -> server.restarts().get())
                .sum();
        int foreign = servers.all().values().stream()
                .mapToInt(server -> server.foreign().size())
                .sum();
        return """
                chaos with seed %d: %d jobs in %d s, %d kills, %d restarts of servers and %d deaths by a fault, \
                %d foreign prompts
                  faults: %d, %s
                  jobs: %s, partial %d
                  attempts: %d of which failed %s; runs begun: %d
                  reasons of failed jobs: %s""".formatted(
                seed,
                jobs.size(),
                seconds,
                kills,
                restarts,
                deaths - restarts,
                foreign,
                faults.size(),
                counts(faults.stream(), FaultEvent::kind),
                counts(jobs.stream(), record -> record.job().kind()),
                jobs.stream()
                        .filter(record -> record.job().state() instanceof JobState.Succeeded well && well.partial())
                        .count(),
                attempts.size(),
                counts(
                        attempts.stream().flatMap(attempt -> attempt.failure().stream()),
                        failure -> failure.kind().code()),
                reckoning.runs().all().size(),
                counts(
                        jobs.stream().filter(record -> record.job().state() instanceof JobState.Failed),
                        record -> record.job().spec().workflow() + " "
                                + ((JobState.Failed) record.job().state())
                                        .failure()
                                        .kind()
                                        .code()));
    }

    private static <T> Map<String, Long> counts(Stream<T> all, Function<T, Object> by) {
        return all.collect(
                Collectors.groupingBy(one -> String.valueOf(by.apply(one)), TreeMap::new, Collectors.counting()));
    }
}

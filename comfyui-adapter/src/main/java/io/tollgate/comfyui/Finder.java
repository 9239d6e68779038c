package io.tollgate.comfyui;

import io.tollgate.queue.job.RunId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Looks for runs at a server: in the queue first, then in the history; in the other order one that is just ending is
 * missed. On a server that gives prompts ids of its own, what we wrote into them tells. Safe for use by many threads.
 */
final class Finder {
    private final ComfyApi api;
    private final Supplier<CompletableFuture<Features>> features;

    Finder(ComfyApi api, Supplier<CompletableFuture<Features>> features) {
        this.api = api;
        this.features = features;
    }

    /** Where a run is. */
    CompletableFuture<Sight> find(String serverId, RunId run) {
        return api.queue().thenCompose(queue -> find(queue, serverId, run));
    }

    /** Where a run is, by the queue as it was a moment ago and what else has to be asked. */
    CompletableFuture<Sight> find(QueueView queue, String serverId, RunId run) {
        return inQueue(queue, serverId, run)
                .thenCompose(sight ->
                        sight.map(CompletableFuture::completedFuture).orElseGet(() -> outsideQueue(serverId, run)));
    }

    /**
     * Where a run is by the queue. A label counts only where ids can't: on a server that gives ids of its own, while we
     * don't know the one it gave. Else it is a copy that somebody made of our prompt.
     */
    CompletableFuture<Optional<Sight>> inQueue(QueueView queue, String serverId, RunId run) {
        Optional<Sight> named = queue.byId(serverId);
        Optional<Sight> labeled = queue.byLabel(run);
        if (named.isPresent() || labeled.isEmpty() || !serverId.equals(run.toString())) {
            return CompletableFuture.completedFuture(named);
        }
        return features.get().thenApply(can -> can.ownIds() ? named : labeled);
    }

    /** Where a run is that wasn't in the queue a moment ago. */
    CompletableFuture<Sight> outsideQueue(String serverId, RunId run) {
        return api.history(serverId)
                .thenCompose(entry -> entry.isPresent()
                        ? CompletableFuture.completedFuture(ended(entry.get()))
                        : features.get().thenCompose(can -> elsewhere(can, serverId, run)));
    }

    private CompletableFuture<Sight> elsewhere(Features can, String serverId, RunId run) {
        Sight nowhere = new Sight(Sight.Place.NOWHERE, serverId, Optional.empty(), Map.of());
        if (can.jobs()) {
            return api.knows(serverId)
                    .thenApply(known -> known.orElse(false)
                            ? new Sight(Sight.Place.SOMEWHERE, serverId, Optional.empty(), Map.of())
                            : nowhere);
        }
        if (can.ownIds() || !serverId.equals(run.toString())) {
            return CompletableFuture.completedFuture(nowhere);
        }
        return api.recent()
                .thenApply(entries -> entries.stream()
                        .filter(entry -> entry.item().isLabeled(run))
                        .reduce((older, newer) -> newer)
                        .map(Finder::ended)
                        .orElse(nowhere));
    }

    /**
     * Whether the server knows a run, asked before it is handed over: with one call where that is possible.
     *
     * @return where it is; {@link Sight.Place#SOMEWHERE} is as good as any
     */
    CompletableFuture<Sight> known(String serverId, RunId run) {
        return features.get().thenCompose(can -> {
            if (!can.jobs() || !can.ownIds()) {
                return find(serverId, run);
            }
            return api.knows(serverId)
                    .thenCompose(answer -> answer.isEmpty()
                            ? find(serverId, run)
                            : CompletableFuture.completedFuture(new Sight(
                                    answer.get() ? Sight.Place.SOMEWHERE : Sight.Place.NOWHERE,
                                    serverId,
                                    Optional.empty(),
                                    Map.of())));
        });
    }

    private static Sight ended(HistoryEntry entry) {
        return new Sight(Sight.Place.ENDED, entry.item().promptId(), Optional.of(entry), Map.of());
    }
}

package io.tollgate.http;

import java.util.Optional;

/** Something that can be followed as a stream of events. */
@FunctionalInterface
interface EventSource {
    /**
     * Begins to tell a follower.
     *
     * @param after the id of the last event that it has, to go on behind it
     * @return stops that; called once
     */
    Runnable follow(Optional<String> after, Follower follower);

    /** The most events that may wait for a follower's reader before it is dropped as too slow. */
    default int mostWaiting() {
        return 256;
    }

    /** Somebody who follows. Safe for use by many threads; never blocks. */
    interface Follower {
        /** An event that must arrive, in this order. */
        void tell(Event event);

        /** An event in whose place a later one of the same name may come. */
        void show(Event event);

        /** There will be no more, once those before have arrived. */
        void end();

        /** It can't be gone on with now; who comes again behind the last event misses nothing. */
        default void interrupt() {
            end();
        }
    }

    /**
     * One event.
     *
     * @param name what it is
     * @param id by which a follower goes on behind it
     * @param data one line of JSON
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Event(String name, String id, byte[] data) {
        static Event of(String name, String id, Object document) {
            return new Event(name, id, ApiJson.bytes(document));
        }
    }
}

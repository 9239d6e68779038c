package io.tollgate.comfyui;

import io.tollgate.queue.job.QueueName;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How to reach one ComfyUI server and how hard to lean on it. {@link #of} has what suits a server on one's own network.
 *
 * @param base where the server is, such as {@code http://gpu-1:8188} or {@code https://proxy.example/comfy}; http or
 *     https, without user, query or fragment
 * @param queues the queues it serves; empty for all
 * @param tags what the operator says it has, besides what the server lists
 * @param slots how many runs it takes at once, at least 1; a ComfyUI server works on one at a time
 * @param prefetch how many more are handed over early, so that the server never waits for the next one; 0 or more
 * @param connections the most HTTP connections at once, at least 2; half of them carry files
 * @param headers sent with every request, for a proxy in front of the server; secret, and never shown
 * @param deadlines how long calls may take
 * @param longest how much is read
 * @param pace how often to look
 */
public record ComfySettings(
        URI base,
        Set<QueueName> queues,
        Set<String> tags,
        int slots,
        int prefetch,
        int connections,
        Map<String, String> headers,
        Deadlines deadlines,
        Longest longest,
        Pace pace) {
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+"); // RFC 9110, 5.6.2

    /** What the JDK's client sets itself and refuses from others, and what browsers send and ComfyUI checks. */
    private static final Set<String> RESERVED = Set.of(
            "connection", "content-length", "content-type", "expect", "host", "origin", "sec-fetch-site", "upgrade");

    /**
     * How long calls may take, from the wait for a free connection to the last byte.
     *
     * @param connect to open a connection
     * @param call a small question
     * @param submit handing over a run; ComfyUI checks it before it answers
     * @param catalog the list of all nodes and models, more than a megabyte
     * @param transfer the largest upload; others get as long as a call and what their bytes take on a slow link
     * @param stall the longest silence in the middle of a download
     */
    public record Deadlines(
            Duration connect, Duration call, Duration submit, Duration catalog, Duration transfer, Duration stall) {
        /** For a server on one's own network. */
        public static final Deadlines DEFAULT = new Deadlines(
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofMinutes(10),
                Duration.ofSeconds(60));

        public Deadlines {
            positive(connect, "deadlines.connect");
            positive(call, "deadlines.call");
            positive(submit, "deadlines.submit");
            positive(catalog, "deadlines.catalog");
            positive(transfer, "deadlines.transfer");
            positive(stall, "deadlines.stall");
        }
    }

    /**
     * How much of an answer is read before it is given up.
     *
     * @param answerBytes a small answer
     * @param listBytes the queue, an entry of the history, the list of nodes
     * @param frameBytes a websocket message; longer ones are skipped, for they are hints
     */
    public record Longest(int answerBytes, int listBytes, int frameBytes) {
        /** More than any server that was seen sends. */
        public static final Longest DEFAULT = new Longest(4 << 20, 128 << 20, 8 << 20);

        public Longest {
            atLeast(1024, answerBytes, "longest.answerBytes");
            atLeast(1024, listBytes, "longest.listBytes");
            atLeast(1024, frameBytes, "longest.frameBytes");
        }
    }

    /**
     * How often to look after runs and the server.
     *
     * @param look between two looks at the queue while the websocket tells what happens
     * @param blindLook between two looks while it doesn't
     * @param grace between not finding a run and looking again before it counts as lost; servers were seen to stall for
     *     2 s
     * @param silence without any sign on the websocket until it counts as dead
     * @param reconnect before the first new try to connect the websocket; doubled, and at most 100 times as long
     * @param catalog between two looks at the list of nodes and models
     */
    public record Pace(
            Duration look, Duration blindLook, Duration grace, Duration silence, Duration reconnect, Duration catalog) {
        /** Light on the server: a look every few seconds. */
        public static final Pace DEFAULT = new Pace(
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofMillis(2500),
                Duration.ofSeconds(30),
                Duration.ofMillis(250),
                Duration.ofMinutes(5));

        public Pace {
            positive(look, "pace.look");
            positive(blindLook, "pace.blindLook");
            positive(grace, "pace.grace");
            positive(silence, "pace.silence");
            positive(reconnect, "pace.reconnect");
            positive(catalog, "pace.catalog");
        }
    }

    public ComfySettings {
        checkBase(base);
        queues = Set.copyOf(queues);
        tags = Set.copyOf(tags);
        headers = Map.copyOf(headers);
        atLeast(1, slots, "slots");
        atLeast(0, prefetch, "prefetch");
        atLeast(2, connections, "connections");
        headers.forEach(ComfySettings::checkHeader);
    }

    /** The defaults for the server there: one slot, nothing handed over early, ten connections. */
    public static ComfySettings of(URI base) {
        return new ComfySettings(
                base, Set.of(), Set.of(), 1, 0, 10, Map.of(), Deadlines.DEFAULT, Longest.DEFAULT, Pace.DEFAULT);
    }

    /** The same for these queues. */
    public ComfySettings withQueues(Set<QueueName> others) {
        return new ComfySettings(base, others, tags, slots, prefetch, connections, headers, deadlines, longest, pace);
    }

    /** The same with these tags of the operator's. */
    public ComfySettings withTags(Set<String> others) {
        return new ComfySettings(base, queues, others, slots, prefetch, connections, headers, deadlines, longest, pace);
    }

    /** The same with so many slots, and so many runs handed over early. */
    public ComfySettings withSlots(int count, int early) {
        return new ComfySettings(base, queues, tags, count, early, connections, headers, deadlines, longest, pace);
    }

    /** The same with at most so many connections. */
    public ComfySettings withConnections(int most) {
        return new ComfySettings(base, queues, tags, slots, prefetch, most, headers, deadlines, longest, pace);
    }

    /** The same with these headers. */
    public ComfySettings withHeaders(Map<String, String> others) {
        return new ComfySettings(base, queues, tags, slots, prefetch, connections, others, deadlines, longest, pace);
    }

    /** The same with these deadlines. */
    public ComfySettings withDeadlines(Deadlines others) {
        return new ComfySettings(base, queues, tags, slots, prefetch, connections, headers, others, longest, pace);
    }

    /** The same with these bounds. */
    public ComfySettings withLongest(Longest others) {
        return new ComfySettings(base, queues, tags, slots, prefetch, connections, headers, deadlines, others, pace);
    }

    /** The same at this pace. */
    public ComfySettings withPace(Pace other) {
        return new ComfySettings(base, queues, tags, slots, prefetch, connections, headers, deadlines, longest, other);
    }

    private static void checkBase(URI base) {
        String scheme = String.valueOf(base.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("base must be an http or https address");
        }
        if (base.getRawUserInfo() != null) {
            throw new IllegalArgumentException("base must not carry a user or a password; use headers");
        }
        if (base.getHost() == null || base.getRawQuery() != null || base.getRawFragment() != null) {
            throw new IllegalArgumentException("base must be a host with at most a port and a path: " + base);
        }
    }

    /** The values are secret, so no message shows one. */
    private static void checkHeader(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!TOKEN.matcher(name).matches() || RESERVED.contains(lower) || lower.startsWith("sec-websocket-")) {
            throw new IllegalArgumentException("headers: can't send a header named '" + name + "'");
        }
        if (!value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 0x7F))) {
            throw new IllegalArgumentException("headers." + name + " must be printable ASCII");
        }
    }

    private static void positive(Duration span, String name) {
        if (span.isNegative() || span.isZero() || span.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(name + " must be more than 0 and at most a day: " + span);
        }
    }

    private static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
        }
    }

    /** Without the values of the headers. */
    @Override
    public String toString() {
        return "ComfySettings[base=" + base + ", queues=" + queues + ", tags=" + tags + ", slots=" + slots
                + ", prefetch=" + prefetch + ", connections=" + connections + ", headers=" + headers.keySet()
                + ", deadlines=" + deadlines + ", longest=" + longest + ", pace=" + pace + "]";
    }
}

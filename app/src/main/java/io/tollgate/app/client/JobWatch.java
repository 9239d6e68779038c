package io.tollgate.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tollgate.http.ApiJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows a job to its end by the server's events. A connection that is lost is made again, behind the last event that
 * came, so that each status is told once. Used by one thread.
 */
public final class JobWatch {
    private static final int MAX_EVENT = 8 << 20; // previews are pictures
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60); // servers send a beat every few seconds
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Set<String> FINAL = Set.of("succeeded", "failed", "canceled", "expired");
    private static final Pattern TRANSITION = Pattern.compile("(\\d{1,6})(?:\\.\\d{1,6})?");

    private final ApiClient client;
    private final Backoff backoff;
    private String last = "";
    private int toldStatus = -1;

    /** Hears how the job gets on. */
    public interface Listener {
        /** It has a new status; {@code event} is as in the API. */
        void status(String status, JsonNode event);

        /** It stands elsewhere in line, or got further; {@code event} is as in the API. */
        void moved(String kind, JsonNode event);

        /** The server is not to be heard; it is tried again after {@code wait}. */
        void lost(String why, Duration wait);
    }

    /** Will follow by {@code client}. */
    public JobWatch(ApiClient client, Backoff backoff) {
        this.client = client;
        this.backoff = backoff;
    }

    /**
     * Follows the job until it is over.
     *
     * @throws CallFailedException if the server refuses, or stays away for too long
     */
    public void follow(String job, Listener listener) {
        for (int failures = 0; ; ) {
            String before = last;
            CallFailedException problem;
            try {
                if (listen(job, listener)) {
                    return;
                }
                problem = CallFailedException.passing("the server ended the stream", null);
            } catch (CallFailedException e) {
                boolean passing = e.isPassing() || e.status() == 429;
                if (!passing) {
                    throw e;
                }
                problem = e;
            }
            failures = last.equals(before) ? failures + 1 : 1;
            if (failures >= backoff.tries()) {
                throw problem;
            }
            Duration wait = problem.retryAfter().orElse(backoff.afterFailure(failures));
            wait = wait.compareTo(backoff.longest()) > 0 ? backoff.longest() : wait;
            listener.lost(String.valueOf(problem.getMessage()), wait);
            Backoff.pause(wait);
        }
    }

    /** Returns whether the job's end was told. */
    private boolean listen(String job, Listener listener) {
        HttpRequest.Builder request =
                client.request(Route.api("jobs", job, "events")).setHeader("Accept", "text/event-stream");
        if (!last.isEmpty()) {
            request.header("Last-Event-ID", last);
        }
        HttpResponse<InputStream> answer = client.send(request.GET().build());
        try (EventReader events = new EventReader(
                new WatchedStream(answer.body(), LONGEST_SILENCE, LONGEST, client.timer()), MAX_EVENT)) {
            String type = answer.headers().firstValue("Content-Type").orElse("");
            if (!type.startsWith("text/event-stream")) {
                throw CallFailedException.hopeless(
                        client.server() + " sends no events where a server of Tollgate's does", null);
            }
            for (Optional<EventReader.Event> next = events.next(); next.isPresent(); next = events.next()) {
                if (told(next.get(), listener)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw client.unreachable(e);
        }
    }

    /** Tells one event. Returns whether it is the last. */
    private boolean told(EventReader.Event event, Listener listener) {
        JsonNode data = data(event);
        boolean over = false;
        switch (event.name()) {
            case "status" -> {
                String status = data.path("status").asText("");
                if (isNew(event.id())) {
                    listener.status(status, data);
                }
                over = FINAL.contains(status);
            }
            case "position", "progress", "log" -> listener.moved(event.name(), data);
            default -> {
                // outputs are asked for at the end, previews are for those who have eyes
            }
        }
        if (isId(event.id())) {
            last = event.id();
        }
        return over;
    }

    private static boolean isId(String id) {
        return TRANSITION.matcher(id).matches();
    }

    /** Whether the status of this id wasn't told before. */
    private boolean isNew(String id) {
        Matcher matcher = TRANSITION.matcher(id);
        if (!matcher.matches()) {
            return true;
        }
        int transition = Integer.parseInt(matcher.group(1));
        boolean fresh = transition > toldStatus;
        toldStatus = Math.max(toldStatus, transition);
        return fresh;
    }

    private static JsonNode data(EventReader.Event event) {
        try {
            return ApiJson.read(event.data().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return MissingNode.getInstance(); // an event that says nothing
        }
    }
}

package io.tollgate.queue.access;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StorableText;
import io.tollgate.queue.job.ClearedJobs;
import io.tollgate.queue.job.EraseRules;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.SubmissionMode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What an operator says to everybody: a notice, whose submissions are taken, which jobs are listed. Open until somebody
 * says otherwise. Kept in a {@link StateStore} and read from memory, so it must not be given one that other processes
 * change, unless somebody calls {@link #reload} from time to time. Safe for use by many threads; reading waits for
 * nothing.
 */
public final class Doors {
    /** The longest text. */
    public static final int MAX_TEXT = 500;

    /** The longest name of who says it. */
    public static final int MAX_BY = 100;

    private static final String THEIRS = "doors.";
    private static final String NOTICE = THEIRS + "notice";
    private static final String SUBMISSIONS = THEIRS + "submissions";
    private static final String CLEARED = THEIRS + "cleared";
    private static final String NEVER_SET = "nobody";

    private final StateStore store;
    private final InstantSource clock;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile Said said;

    private record Said(Optional<Notice> notice, Submissions submissions, Optional<Cleared> cleared) {}

    /**
     * A text that is shown everywhere.
     *
     * @param text 1 to {@value #MAX_TEXT} characters, none of them control characters
     * @param by who wrote it
     */
    public record Notice(String text, String by, Instant at) {
        public Notice {
            check(text);
            checkBy(by);
            if (text.isBlank()) {
                throw new IllegalArgumentException("a notice says something; clear it to say nothing");
            }
        }
    }

    /**
     * Which jobs are not listed any more.
     *
     * @param by who said so
     */
    public record Cleared(ClearedJobs jobs, String by) {
        public Cleared {
            checkBy(by);
        }
    }

    /**
     * Whose submissions are taken.
     *
     * @param text why, for those whose aren't; at most {@value #MAX_TEXT} characters, may be empty
     * @param by who said so
     * @param at when; 1970 if nobody ever did
     */
    public record Submissions(SubmissionMode mode, String text, String by, Instant at) {
        /** Everybody's, and nobody ever said otherwise. */
        public static final Submissions OPEN = new Submissions(SubmissionMode.ENABLED, "", NEVER_SET, Instant.EPOCH);

        public Submissions {
            check(text);
            checkBy(by);
        }
    }

    /**
     * Reads what was said last.
     *
     * @throws io.tollgate.credits.ledger.StoreException if the store can't be asked
     * @throws IllegalStateException if something else stands there
     */
    public Doors(StateStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        this.said = read();
    }

    /** What is shown everywhere. */
    public Optional<Notice> notice() {
        return said.notice();
    }

    /** Whose submissions are taken now. */
    public Submissions submissions() {
        return said.submissions();
    }

    /** Which jobs were cleared from lists, if any. */
    public Optional<Cleared> cleared() {
        return said.cleared();
    }

    /** What those are told whose submissions aren't taken; empty if everybody's are. */
    public Optional<Refusal.Closed> closed() {
        Submissions now = said.submissions();
        return now.mode() == SubmissionMode.ENABLED
                ? Optional.empty()
                : Optional.of(new Refusal.Closed(now.mode(), now.text()));
    }

    /**
     * Shows a text everywhere, in place of what was shown.
     *
     * @throws IllegalArgumentException if it is blank, longer than {@value #MAX_TEXT} characters, or has control
     *     characters
     */
    public Notice show(String text, String by) {
        Notice notice = new Notice(text, by, now());
        writing.lock();
        try {
            store.put(NOTICE, written(notice.at(), by, text), Optional.empty());
            said = new Said(Optional.of(notice), said.submissions(), said.cleared());
            return notice;
        } finally {
            writing.unlock();
        }
    }

    /** Shows nothing any more. Returns whether anything was shown. */
    public boolean clearNotice() {
        writing.lock();
        try {
            boolean there = store.remove(NOTICE);
            said = new Said(Optional.empty(), said.submissions(), said.cleared());
            return there;
        } finally {
            writing.unlock();
        }
    }

    /**
     * Takes submissions of these users from now on. Jobs that were submitted go on.
     *
     * @param text why, for those whose aren't taken; at most {@value #MAX_TEXT} characters, may be empty
     */
    public Submissions take(SubmissionMode mode, String text, String by) {
        Submissions submissions = new Submissions(mode, text, by, now());
        writing.lock();
        try {
            store.put(SUBMISSIONS, written(submissions.at(), by, mode.word() + "\n" + text), Optional.empty());
            said = new Said(said.notice(), submissions, said.cleared());
            return submissions;
        } finally {
            writing.unlock();
        }
    }

    /**
     * Lists no job any more that has ended by now.
     *
     * @param before jobs whose {@code seq} is lower have all ended
     */
    public Cleared clear(long before, String by) {
        Cleared cleared = new Cleared(new ClearedJobs(now(), before), by);
        writing.lock();
        try {
            store.put(CLEARED, written(cleared.jobs().at(), by, Long.toString(before)), Optional.empty());
            said = new Said(said.notice(), said.submissions(), Optional.of(cleared));
            return cleared;
        } finally {
            writing.unlock();
        }
    }

    /** Reads again what was said last, in case another process said it. */
    public void reload() {
        writing.lock();
        try {
            said = read();
        } finally {
            writing.unlock();
        }
    }

    private Said read() {
        return new Said(
                store.get(NOTICE).map(value -> {
                    String[] parts = parts(NOTICE, value, 3);
                    return new Notice(parts[2], parts[1], at(parts[0]));
                }),
                store.get(SUBMISSIONS)
                        .map(value -> {
                            String[] parts = parts(SUBMISSIONS, value, 4);
                            return new Submissions(
                                    SubmissionMode.parse(parts[2]).orElseThrow(() -> unreadable(SUBMISSIONS)),
                                    parts[3],
                                    parts[1],
                                    at(parts[0]));
                        })
                        .orElse(Submissions.OPEN),
                store.get(CLEARED).map(value -> {
                    String[] parts = parts(CLEARED, value, 3);
                    return new Cleared(new ClearedJobs(at(parts[0]), Long.parseLong(parts[2])), parts[1]);
                }));
    }

    /** When, who and what, a line each: no JSON is at hand here, and texts have no line ends. */
    private static String written(Instant at, String by, String what) {
        return at.toEpochMilli() + "\n" + by + "\n" + what;
    }

    private static String[] parts(String key, String value, int count) {
        String[] parts = value.split("\n", -1);
        if (parts.length != count) {
            throw unreadable(key);
        }
        return parts;
    }

    private static Instant at(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }

    private static IllegalStateException unreadable(String key) {
        return new IllegalStateException("the state '" + key + "' was written by something else; remove it");
    }

    static boolean isTheirs(String key) {
        return key.equals(NOTICE) || key.equals(SUBMISSIONS) || key.equals(CLEARED);
    }

    /** What was said stays; who said it is struck out if it is the one to be forgotten. */
    static String without(String value, UserId gone) {
        String[] parts = value.split("\n", 3);
        if (parts.length < 3 || !EraseRules.says(parts[1], gone)) {
            return value;
        }
        return parts[0] + "\n" + EraseRules.GONE + "\n" + parts[2];
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    private static void check(String text) {
        if (text.length() > MAX_TEXT || !isPlain(text)) {
            throw new IllegalArgumentException(
                    "a text has at most " + MAX_TEXT + " characters and no control characters");
        }
    }

    private static void checkBy(String by) {
        if (by.isEmpty() || by.length() > MAX_BY || !isPlain(by)) {
            throw new IllegalArgumentException(
                    "who says it has 1 to " + MAX_BY + " characters and no control characters");
        }
    }

    private static boolean isPlain(String text) {
        return StorableText.isStorable(text) && text.chars().noneMatch(Character::isISOControl);
    }
}

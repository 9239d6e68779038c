package io.tollgate.credits.ledger;

/** The shapes of the words that people and programs bring. */
final class Texts {
    private static final int MAX_KEY = 200;
    private static final int MAX_ACTOR = 100;
    private static final int MIN_REASON = 3;
    private static final int MAX_REASON = 500;

    private Texts() {}

    static void checkKey(String what, String key) {
        if (key.isBlank() || key.length() > MAX_KEY) {
            throw new IllegalArgumentException(what + " must have 1 to " + MAX_KEY + " characters: '" + key + "'");
        }
        checkStorable(what, key);
    }

    static void checkActor(String actor) {
        if (actor.isBlank() || actor.length() > MAX_ACTOR) {
            throw new IllegalArgumentException("actor must have 1 to " + MAX_ACTOR + " characters: '" + actor + "'");
        }
        checkStorable("actor", actor);
    }

    static void checkReason(String reason) {
        if (reason.strip().length() < MIN_REASON || reason.length() > MAX_REASON) {
            throw new IllegalArgumentException(
                    "reason must have " + MIN_REASON + " to " + MAX_REASON + " characters: '" + reason + "'");
        }
        checkStorable("reason", reason);
    }

    private static void checkStorable(String what, String text) {
        if (!StorableText.isStorable(text)) {
            throw new IllegalArgumentException(what + " " + StorableText.RULE);
        }
    }
}

package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.access.Scope;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class CallersTest {
    private static final int GUESSES = 3;

    @TempDir
    Path home = Path.of("");

    private PlainFront front() throws Exception {
        return new PlainFront(
                home, new CallRates(0, GUESSES), Route.of("GET", "/", Route.Access.KEY, call -> Answer.ok("in")));
    }

    private static String guess(int number) {
        return "tg_live_" + String.format("%043d", number);
    }

    @Test
    void authenticate_guessesOfALimitedAddress_costTheStoreNothing() throws Exception {
        try (PlainFront front = front()) {
            for (int i = 0; i < GUESSES; i++) {
                assertThat(front.get("/", guess(i)).statusCode()).isEqualTo(401);
            }
            int asked = front.store.asked.get();

            for (int i = 0; i < 10; i++) {
                assertThat(front.get("/", guess(100 + i)).statusCode()).isEqualTo(429);
            }

            assertThat(asked).isEqualTo(GUESSES);
            assertThat(front.store.asked).hasValue(asked);
        }
    }

    @Test
    void authenticate_knownKeyFromALimitedAddress_isLetInUntilItIsRevoked() throws Exception {
        try (PlainFront front = front()) {
            String late = front.keys
                    .create(PlainFront.ANN, EnumSet.of(Scope.JOBS), Optional.empty(), "late")
                    .secret();
            assertThat(front.get("/", front.ann).statusCode()).isEqualTo(200);
            for (int i = 0; i < GUESSES; i++) {
                front.get("/", guess(i));
            }

            assertThat(front.get("/", front.ann).statusCode()).isEqualTo(200);
            assertThat(front.get("/", late).statusCode()).isEqualTo(429); // nobody can tell it from a guess yet
            front.keys.list(Optional.of(PlainFront.ANN)).forEach(key -> front.keys.revoke(key.id(), "test"));
            assertThat(front.get("/", front.ann).statusCode()).isEqualTo(429);
            int asked = front.store.asked.get();
            assertThat(front.get("/", front.ann).statusCode()).isEqualTo(429);
            assertThat(front.store.asked).hasValue(asked);
        }
    }

    @Test
    void authenticate_withoutAnyKey_sparesThoseWhoHaveOne() throws Exception {
        try (PlainFront front = front()) {
            for (int i = 0; i <= GUESSES; i++) {
                front.get("/", "");
            }

            assertThat(front.get("/", front.ann).statusCode()).isEqualTo(200);
        }
    }
}

package io.tollgate.http;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test of calls to a server of its own, where Ann has 100 credits. */
abstract class ApiTest {
    @TempDir
    Path home = Path.of("");

    ApiHouse house = unset();

    @SuppressWarnings("NullAway") // before each test
    private static ApiHouse unset() {
        return null;
    }

    /** The server; a test that wants another makes it here. */
    ApiHouse furnished() {
        return new ApiHouse(home);
    }

    @BeforeEach
    final void open() {
        house = furnished();
        house.credit(ApiHouse.ANN, 100);
    }

    @AfterEach
    final void close() {
        house.close();
    }
}

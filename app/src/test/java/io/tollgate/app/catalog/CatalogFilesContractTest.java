package io.tollgate.app.catalog;

import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.workflow.WorkflowSource;
import io.tollgate.queue.workflow.WorkflowSourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** Holds the catalogue's files to the contract of all sources. */
final class CatalogFilesContractTest extends WorkflowSourceContract {
    private static final String PLAIN = """
            title = T
            queue = image
            model = m
            price = 1
            recipes.java2d.recipe = r
            """;

    @TempDir
    private Path dir;

    @Override
    protected WorkflowSource source() throws IOException {
        Files.writeString(dir.resolve("own.conf"), PLAIN);
        return new CatalogFiles(Optional.of(dir), RetryPolicy.DEFAULT);
    }

    @Override
    protected WorkflowSource broken() throws IOException {
        Files.writeString(dir.resolve("broken.conf"), "outputs = 0");
        return new CatalogFiles(Optional.of(dir), RetryPolicy.DEFAULT);
    }
}

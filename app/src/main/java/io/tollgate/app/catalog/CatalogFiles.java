package io.tollgate.app.catalog;

import io.tollgate.app.config.Problem;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.queue.workflow.WorkflowSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The shipped workflows, and those in the operator's directory: each {@code NAME.conf} in it is one, and takes the
 * place of a shipped one of its name. Files that start with {@code _} are no workflows; they are there to be included.
 */
public final class CatalogFiles implements WorkflowSource {
    private static final String SHIPPED = "/workflows/";
    private static final String INDEX = "index";
    private static final String ENDING = ".conf";

    private final Optional<Path> directory;
    private final RetryPolicy usualRetry;

    /**
     * Reads nothing yet.
     *
     * @param directory the operator's; where it isn't there, there are only the shipped ones
     * @param usualRetry what holds for a workflow that says nothing about it
     */
    public CatalogFiles(Optional<Path> directory, RetryPolicy usualRetry) {
        this.directory = directory;
        this.usualRetry = usualRetry;
    }

    /**
     * What was found in files.
     *
     * @param workflows those that are right, by name
     * @param problems everything that is wrong
     */
    public record Reading(List<Workflow> workflows, List<Problem> problems) {
        public Reading {
            workflows = List.copyOf(workflows);
            problems = List.copyOf(problems);
        }
    }

    /** {@inheritDoc} Sorted by name. The message has all problems, a line each. */
    @Override
    public List<Workflow> load() {
        Reading reading = read();
        if (!reading.problems().isEmpty()) {
            throw new InvalidWorkflowException(
                    reading.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")));
        }
        return reading.workflows();
    }

    /** The same, where what is wrong doesn't stand in the way of what is right. */
    public Reading read() {
        List<Problem> problems = new ArrayList<>();
        Map<WorkflowName, Workflow> catalog = new TreeMap<>(shipped(problems::add));
        directory.filter(Files::exists).ifPresent(found -> operators(found, catalog, problems::add));
        return new Reading(List.copyOf(catalog.values()), problems);
    }

    /** What is in one file, or in the files of one directory, and nothing else. */
    public static Reading read(Path fileOrDirectory, RetryPolicy usualRetry) {
        List<Problem> problems = new ArrayList<>();
        Map<WorkflowName, Workflow> catalog = new TreeMap<>();
        CatalogFiles files = new CatalogFiles(Optional.empty(), usualRetry);
        if (Files.isDirectory(fileOrDirectory)) {
            files.operators(fileOrDirectory, catalog, problems::add);
        } else if (fileOrDirectory.toString().endsWith(ENDING)) {
            files.operator(fileOrDirectory, catalog, problems::add);
        } else {
            problems.add(new Problem(fileOrDirectory.toString(), "must be a directory or a file NAME" + ENDING));
        }
        return new Reading(List.copyOf(catalog.values()), problems);
    }

    private Map<WorkflowName, Workflow> shipped(Consumer<Problem> problems) {
        Map<WorkflowName, Workflow> shipped = new TreeMap<>();
        WorkflowFile reader = new WorkflowFile(usualRetry, problems);
        resource(INDEX).lines().filter(line -> !line.isBlank()).forEach(line -> {
            WorkflowName name = new WorkflowName(line.strip());
            String file = name + ENDING;
            reader.read(name, "shipped " + file, resource(file), Beside.resources(SHIPPED))
                    .ifPresent(workflow -> shipped.put(name, workflow));
        });
        return shipped;
    }

    private static String resource(String name) {
        try (InputStream stream = CatalogFiles.class.getResourceAsStream(SHIPPED + name)) {
            if (stream == null) {
                throw new IllegalStateException("the program was put together without " + SHIPPED + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void operators(Path found, Map<WorkflowName, Workflow> catalog, Consumer<Problem> problems) {
        try (Stream<Path> files = Files.list(found)) {
            files.filter(file -> file.getFileName().toString().endsWith(ENDING))
                    .filter(file -> !file.getFileName().toString().startsWith("_"))
                    .sorted()
                    .forEach(file -> operator(file, catalog, problems));
        } catch (IOException e) {
            problems.accept(new Problem(found.toString(), "must be a directory that can be read: " + e));
        }
    }

    private void operator(Path file, Map<WorkflowName, Workflow> catalog, Consumer<Problem> problems) {
        name(file, problems)
                .flatMap(name -> new WorkflowFile(usualRetry, problems).read(name, file))
                .ifPresent(workflow -> catalog.put(workflow.name(), workflow));
    }

    private static Optional<WorkflowName> name(Path file, Consumer<Problem> problems) {
        String name = file.getFileName().toString();
        try {
            return Optional.of(new WorkflowName(name.substring(0, name.length() - ENDING.length())));
        } catch (IllegalArgumentException e) {
            problems.accept(new Problem(file.toString(), String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }
}

package io.tollgate.app.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Prints the result of a command to standard output: with {@code --json} as exactly one document, else for people.
 * Names are in snake case, ids and instants are text, credits and seconds are numbers, enums are lower-case words.
 */
public final class Output {
    private static final ObjectMapper JSON = mapper();

    private final Terminal terminal;
    private final boolean json;
    private boolean printed;

    public Output(Terminal terminal, boolean json) {
        this.terminal = terminal;
        this.json = json;
    }

    /** Whether a program reads it. */
    public boolean isJson() {
        return json;
    }

    /**
     * Prints a result, as {@code document} or as the lines of {@code table}.
     *
     * @throws IllegalStateException if there was a document before, since a program expects one
     */
    public void result(Object document, Table table) {
        result(document, table.lines());
    }

    /** The same, with any lines for people. */
    public void result(Object document, List<String> lines) {
        if (!json) {
            lines.forEach(terminal.out()::println);
        } else if (printed) {
            throw new IllegalStateException("there was a document already");
        } else {
            terminal.out().println(write(document));
        }
        printed = true;
        terminal.out().flush();
    }

    /** A line for people along the way; goes nowhere with {@code --json}. */
    public void say(String line) {
        if (!json) {
            terminal.out().println(DisplayText.printable(line));
            terminal.out().flush();
        }
    }

    /** The JSON of {@code document}, over several lines. */
    static String write(Object document) {
        try {
            return JSON.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("can't be written as JSON: " + document.getClass(), e);
        }
    }

    private static ObjectMapper mapper() {
        SimpleModule ours = new SimpleModule("tollgate");
        for (Class<?> id : List.of(
                UserId.class,
                AssetId.class,
                BackendId.class,
                BatchId.class,
                DeliveryId.class,
                InvoiceId.class,
                JobId.class,
                KeyId.class,
                ModelName.class,
                NodeId.class,
                PaymentId.class,
                QueueName.class,
                RunId.class,
                WorkflowName.class,
                Instant.class,
                Path.class)) {
            ours.addSerializer(id, ToStringSerializer.instance);
        }
        ours.addSerializer(Amount.class, serializer((amount, generator) -> generator.writeNumber(amount.toCredits())));
        ours.addSerializer(
                Duration.class,
                serializer((span, generator) -> generator.writeNumber(
                        BigDecimal.valueOf(span.toMillis(), 3).stripTrailingZeros())));
        ours.addSerializer(
                Enum.class,
                Output.<Object>serializer((word, generator) ->
                        generator.writeString(((Enum<?>) word).name().toLowerCase(Locale.ROOT))));
        ours.addSerializer(Optional.class, Output.<Object>serializer((value, generator) -> {
            Optional<?> maybe = (Optional<?>) value;
            if (maybe.isPresent()) {
                generator.writePOJO(maybe.get());
            } else {
                generator.writeNull();
            }
        }));
        return JsonMapper.builder()
                .addModule(ours)
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                .build();
    }

    private static <T> JsonSerializer<T> serializer(Writer<T> writer) {
        return new JsonSerializer<>() {
            @Override
            public void serialize(T value, JsonGenerator generator, SerializerProvider provider) throws IOException {
                writer.write(value, generator);
            }
        };
    }

    private interface Writer<T> {
        void write(T value, JsonGenerator generator) throws IOException;
    }
}

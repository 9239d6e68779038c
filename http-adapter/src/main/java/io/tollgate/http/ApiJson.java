package io.tollgate.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.EndpointId;
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
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How documents look, over HTTP and on the command line alike. Names are in snake case, ids and instants are text,
 * credits and seconds are numbers, enums are lower-case words, what is absent is null.
 */
public final class ApiJson {
    /** How deep what is sent to us may nest. */
    static final int MAX_DEPTH = 100;

    private static final ObjectMapper WRITER = writer();
    private static final ObjectWriter PRETTY = WRITER.writerWithDefaultPrettyPrinter();
    private static final ObjectMapper READER = reader();

    private ApiJson() {}

    /** The JSON of {@code document}, over several lines. */
    public static String pretty(Object document) {
        try {
            return PRETTY.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("can't be written as JSON: " + document.getClass(), e);
        }
    }

    /** The JSON of {@code document}, in UTF-8 and on one line. */
    public static byte[] bytes(Object document) {
        try {
            return WRITER.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("can't be written as JSON: " + document.getClass(), e);
        }
    }

    /**
     * Reads one document and nothing after it. Names that stand twice in an object, and what nests deeper than
     * {@value #MAX_DEPTH}, are no JSON to us.
     *
     * @throws IOException if it is none; a {@link JsonProcessingException} where the place is known
     */
    public static JsonNode read(byte[] bytes) throws IOException {
        try {
            return READER.readTree(bytes);
        } catch (ArithmeticException | NumberFormatException e) { // 1e99999999999, which the parser lets through
            throw new IOException("a number in it is out of range", e);
        }
    }

    /** {@code document} as whoever is sent it reads it. */
    public static JsonNode tree(Object document) {
        try {
            return read(bytes(document));
        } catch (IOException e) {
            throw new IllegalArgumentException("can't be read again as JSON: " + document.getClass(), e);
        }
    }

    private static ObjectMapper reader() {
        JsonFactory factory = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNumberLength(200)
                        .build())
                .build();
        return JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();
    }

    private static ObjectMapper writer() {
        SimpleModule ours = new SimpleModule("tollgate");
        for (Class<?> id : List.of(
                UserId.class,
                AssetId.class,
                BackendId.class,
                BatchId.class,
                ContentHash.class,
                DeliveryId.class,
                EndpointId.class,
                GrantId.class,
                HoldId.class,
                InvoiceId.class,
                JobId.class,
                KeyId.class,
                ModelName.class,
                NodeId.class,
                PaymentId.class,
                QueueName.class,
                QuoteId.class,
                RunId.class,
                WorkflowName.class,
                Instant.class,
                LocalDate.class,
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
                ApiJson.<Object>serializer((word, generator) ->
                        generator.writeString(((Enum<?>) word).name().toLowerCase(Locale.ROOT))));
        ours.addSerializer(Optional.class, ApiJson.<Object>serializer((value, generator) -> {
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

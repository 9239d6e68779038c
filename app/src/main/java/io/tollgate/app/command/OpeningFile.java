package io.tollgate.app.command;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.DisplayText;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What users of another system had, read from its CSV or JSON and checked wholly before anybody believes a line of it.
 */
final class OpeningFile {
    /** The largest file. */
    static final long MOST_BYTES = 64L << 20;

    /** The most users in one. */
    static final int MOST_USERS = 1_000_000;

    /** So many problems are told; the others are counted. */
    static final int MOST_PROBLEMS = 100;

    private static final int LONGEST_TEXT = 80;
    private static final Amount MOST = Amount.credits(1_000_000_000);
    private static final Set<String> COLUMNS =
            Set.of("user", "balance", "available", "tier", "tier_until", "held", "debt");

    private final Tiers tiers;
    private final Instant now;
    private final List<Opening> openings = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Long> lines = new LinkedHashMap<>();
    private long problemCount;

    /** One user, as the file has it. */
    record Opening(UserId user, Amount balance, Optional<String> tier, Optional<Instant> tierUntil) {}

    private OpeningFile(Tiers tiers, Instant now) {
        this.tiers = tiers;
        this.now = now;
    }

    /**
     * Reads a file. Its kind is told by what it begins with.
     *
     * @throws CommandFailed if it can't be read at all
     */
    static OpeningFile read(Path file, Tiers tiers, Instant now) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailed("there is no file " + file);
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new CommandFailed(file + " has " + Files.size(file) + " bytes; at most " + MOST_BYTES
                    + " are read at once, so cut it into several");
        }
        OpeningFile read = new OpeningFile(tiers, now);
        try (BufferedReader reader = open(file)) {
            reader.mark(1);
            if (reader.read() != '\uFEFF') { // of a file that a spreadsheet wrote
                reader.reset();
            }
            reader.mark(1_000);
            int first = reader.read();
            for (int i = 0; i < 900 && Character.isWhitespace(first); i++) {
                first = reader.read();
            }
            reader.reset();
            if (first == '[' || first == '{') {
                read.json(reader);
            } else {
                read.csv(reader);
            }
        } catch (CharacterCodingException e) {
            throw new CommandFailed(file + " is not UTF-8, after " + read.lines.size() + " users", e);
        }
        return read;
    }

    private static BufferedReader open(Path file) throws IOException {
        return new BufferedReader(new InputStreamReader(
                Files.newInputStream(file),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
    }

    /** The users, in the file's order; to be believed only if there are no problems. */
    List<Opening> openings() {
        return openings;
    }

    /** The first problems, each with its line. */
    List<String> problems() {
        return problems;
    }

    /** How many problems there are. */
    long problemCount() {
        return problemCount;
    }

    private void problem(long line, String problem) {
        problemCount++;
        if (problems.size() < MOST_PROBLEMS) {
            problems.add("line " + line + ": " + problem);
        }
    }

    // ---- the two kinds

    private void csv(Reader reader) throws IOException {
        CsvMapper mapper = CsvMapper.builder()
                .enable(CsvParser.Feature.TRIM_SPACES)
                .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
                .enable(CsvParser.Feature.FAIL_ON_MISSING_HEADER_COLUMNS)
                .build();
        long line = 1;
        try (CsvParser parser = mapper.getFactory().createParser(reader)) {
            parser.setSchema(CsvSchema.emptySchema().withHeader());
            JsonToken token = parser.nextToken();
            line = line(parser);
            if (!columns(parser.getSchema())) {
                return;
            }
            while (token != null && goesOn(line)) {
                Map<String, String> fields = new LinkedHashMap<>();
                while ((token = parser.nextToken()) == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    line = line(parser);
                    parser.nextToken();
                    fields.put(name.toLowerCase(Locale.ROOT), parser.getText());
                }
                take(line, fields);
                token = parser.nextToken();
                line = line(parser);
            }
        } catch (JsonProcessingException e) {
            problem(line(e.getLocation(), line), "not CSV: " + shown(e.getOriginalMessage()));
        }
    }

    private boolean columns(CsvSchema schema) {
        boolean known = true;
        List<String> names = new ArrayList<>();
        schema.forEach(column -> names.add(column.getName().toLowerCase(Locale.ROOT)));
        for (String name : names) {
            if (!COLUMNS.contains(name)) {
                problem(1, "there is no column '" + shown(name) + "'; there are user, balance, tier, tier_until");
                known = false;
            }
        }
        if (known && (!names.contains("user") || !(names.contains("balance") ^ names.contains("available")))) {
            problem(1, "the first line names the columns: user, balance, and perhaps tier, tier_until");
            known = false;
        }
        return known;
    }

    private void json(Reader reader) throws IOException {
        JsonMapper mapper = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        long line = 1;
        try (JsonParser parser = mapper.getFactory().createParser(reader)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                problem(1, "the file is a list of objects: [{\"user\": \"eva\", \"balance\": 9.5}]");
                return;
            }
            while (parser.nextToken() == JsonToken.START_OBJECT && goesOn(line)) {
                line = line(parser);
                Map<String, String> fields = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    JsonToken value = parser.nextToken();
                    if (value == JsonToken.START_ARRAY || value == JsonToken.START_OBJECT) {
                        parser.skipChildren();
                        if (!name.equals("grants")) { // an export has them; what is available counts
                            fields.put(name, "");
                            problem(line, "'" + shown(name) + "' is a single value");
                        }
                    } else if (value != JsonToken.VALUE_NULL) {
                        fields.put(name, parser.getText());
                    }
                }
                for (String name : fields.keySet()) {
                    if (!COLUMNS.contains(name)) {
                        problem(line, "there is no '" + shown(name) + "'; there are user, balance, tier, tier_until");
                    }
                }
                take(line, fields);
            }
            if (parser.currentToken() != JsonToken.END_ARRAY && problemCount == 0) {
                problem(line(parser), "the list has something else than objects in it");
            }
            if (parser.currentToken() == JsonToken.END_ARRAY && parser.nextToken() != null) {
                problem(line(parser), "something follows the list");
            }
        } catch (JsonProcessingException e) {
            problem(line(e.getLocation(), line), "not JSON: " + shown(e.getOriginalMessage()));
        }
    }

    private static long line(JsonParser parser) {
        return line(parser.currentTokenLocation(), 1);
    }

    private static long line(JsonLocation location, long otherwise) {
        return location == null || location.getLineNr() < 1 ? otherwise : location.getLineNr();
    }

    private boolean goesOn(long line) {
        if (lines.size() >= MOST_USERS) {
            problem(line, "there are more than " + MOST_USERS + " users; cut the file into several");
            return false;
        }
        return problemCount < 100L * MOST_PROBLEMS;
    }

    // ---- one user

    private void take(long line, Map<String, String> fields) {
        long before = problemCount;
        Optional<UserId> user = user(line, fields.getOrDefault("user", ""));
        String text = fields.getOrDefault("balance", fields.getOrDefault("available", ""));
        Optional<Amount> balance = balance(line, text);
        Optional<String> tier = text(fields, "tier");
        if (tier.isPresent() && tiers.find(tier.get()).isEmpty()) {
            problem(line, "there is no tier '" + shown(tier.get()) + "'; there are " + tiers.names());
        }
        Optional<Instant> until = until(line, text(fields, "tier_until"));
        if (until.isPresent() && tier.isEmpty()) {
            problem(line, "tier_until without a tier");
        }
        for (String open : List.of("held", "debt")) {
            Optional<String> left = text(fields, open).filter(amount -> !amount.matches("[-+]?0*([.]0*)?"));
            left.ifPresent(amount -> problem(
                    line, open + " is " + shown(amount) + ": settle that first, it can't be" + " brought along"));
        }
        if (problemCount == before && user.isPresent() && balance.isPresent()) {
            openings.add(new Opening(user.get(), balance.get(), tier, until));
        }
    }

    private static Optional<String> text(Map<String, String> fields, String name) {
        return Optional.ofNullable(fields.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    private Optional<UserId> user(long line, String text) {
        UserId user;
        try {
            user = new UserId(text);
        } catch (IllegalArgumentException e) {
            problem(line, "not a user: '" + shown(text) + "'; that is 1 to 64 characters of A-Z a-z 0-9 . _ : @ + -");
            return Optional.empty();
        }
        if (user.isErased()) {
            problem(line, "nobody can be called " + user);
            return Optional.empty();
        }
        Long first = lines.putIfAbsent(text, line);
        if (first != null) {
            problem(line, user + " is in line " + first + " already");
            return Optional.empty();
        }
        return Optional.of(user);
    }

    private Optional<Amount> balance(long line, String text) {
        if (text.isBlank()) {
            problem(line, "a balance is missing");
            return Optional.empty();
        }
        // no exponents: 1e9 is a mistake, and one of many digits takes long to write out
        if (!text.strip().matches("[-+]?[0-9]{1,15}([.][0-9]{1,20})?")) {
            problem(line, "not a balance: '" + shown(text) + "'");
            return Optional.empty();
        }
        try {
            Amount balance = Amount.parse(text);
            if (balance.isNegative() || balance.compareTo(MOST) > 0) {
                problem(line, "a balance is 0 to " + MOST + ", not " + balance);
                return Optional.empty();
            }
            return Optional.of(balance);
        } catch (IllegalArgumentException e) {
            problem(line, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private Optional<Instant> until(long line, Optional<String> text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            Instant until = Instant.parse(text.get());
            if (!until.isAfter(now)) {
                problem(line, "a tier ends after now, not at " + until);
            }
            return Optional.of(until);
        } catch (DateTimeParseException e) {
            problem(line, "tier_until is a time such as 2027-01-31T00:00:00Z, not '" + shown(text.get()) + "'");
            return Optional.empty();
        }
    }

    /** As much of a stranger's text as can be shown. */
    private static String shown(String text) {
        String some = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
        return DisplayText.printable(some);
    }
}

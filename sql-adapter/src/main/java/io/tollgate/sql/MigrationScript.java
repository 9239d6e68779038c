package io.tollgate.sql;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One step of the schema, forth and back.
 *
 * @param fileName {@code NNNN_name.sql}, the number from 0001
 * @param text SQL with a line {@code -- //@UNDO} between what applies it and what undoes it
 */
public record MigrationScript(String fileName, String text) {
    private static final Pattern FILE_NAME = Pattern.compile("(\\d{4})_([a-z0-9_]+)\\.sql");
    private static final Pattern UNDO = Pattern.compile("(?m)^\\s*--\\s*//\\s*@UNDO\\s*$");

    public MigrationScript {
        if (!FILE_NAME.matcher(fileName).matches() || fileName.startsWith("0000")) {
            throw new IllegalArgumentException("not NNNN_name.sql from 0001 on: " + fileName);
        }
        text = text.replace("\r\n", "\n"); // so that a checkout on Windows has the same checksum
        if (!UNDO.matcher(text).find()) {
            throw new IllegalArgumentException("without a line '-- //@UNDO': " + fileName);
        }
    }

    public int version() {
        return Integer.parseInt(fileName.substring(0, 4));
    }

    /** The words of the file's name. */
    public String description() {
        Matcher matcher = FILE_NAME.matcher(fileName);
        return matcher.matches() ? matcher.group(2).replace('_', ' ') : fileName;
    }

    /** The SHA-256 of the text with {@code \n} between lines, in hex. */
    public String checksum() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

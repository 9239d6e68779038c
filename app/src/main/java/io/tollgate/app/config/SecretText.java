package io.tollgate.app.config;

import java.util.regex.Pattern;

/** Hides what looks like a secret inside a text, wherever it came from. Safe for use by many threads. */
public final class SecretText {
    private static final String KEEP_FIRST = "$1" + Secret.HIDDEN;
    private static final Pattern IN_ADDRESS = Pattern.compile("(://[^/\\s:@\"]*:)[^@/\\s\"]+(?=@)");
    private static final Pattern IN_PARAMETER = Pattern.compile(
            "(?i)((?:^|[?&;,\\s{\"])(?:password|passwd|pwd|sslpassword|secret|token|api[-_]?key|access[-_]?key)[\"]?\\s*[=:]\\s*\"?)[^&;,\\s\"}]+");
    private static final Pattern BEARER = Pattern.compile("(?i)(\\bBearer\\s+)[A-Za-z0-9._~+/=-]+");
    private static final Pattern API_KEY = Pattern.compile("(\\btg_(?:live|test)_)[A-Za-z0-9_-]+");
    private static final Pattern BOT_TOKEN = Pattern.compile("(\\b(?:bot)?\\d{6,12}:)[A-Za-z0-9_-]{30,}");

    private SecretText() {}

    /** The text with passwords in addresses and parameters, bearer tokens, API keys and bot tokens hidden. */
    public static String hide(String text) {
        String hidden = IN_ADDRESS.matcher(text).replaceAll(KEEP_FIRST);
        hidden = IN_PARAMETER.matcher(hidden).replaceAll(KEEP_FIRST);
        hidden = BEARER.matcher(hidden).replaceAll(KEEP_FIRST);
        hidden = API_KEY.matcher(hidden).replaceAll(KEEP_FIRST);
        return BOT_TOKEN.matcher(hidden).replaceAll(KEEP_FIRST);
    }
}

package io.tollgate.app.client;

import io.tollgate.app.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a server is, and what opens it.
 *
 * @param base {@code http} or {@code https}, with a host and maybe a path before the server's own, which doesn't end
 *     with a slash
 * @param key the API key; without one only what is open to everybody can be asked
 */
public record ServerAddress(URI base, Optional<Secret> key) {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,512}");

    /**
     * An address as somebody types it.
     *
     * @throws IllegalArgumentException if it is none; says why, and never shows the key
     */
    public static ServerAddress of(String url, Optional<String> key) {
        key.filter(text -> !KEY.matcher(text).matches()).ifPresent(text -> {
            throw new IllegalArgumentException("the key is none: keys have no blanks and no letters beyond ASCII");
        });
        return new ServerAddress(base(url), key.map(Secret::new));
    }

    private static URI base(String url) {
        URI uri;
        try {
            uri = new URI(url.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the server's address must be such as http://127.0.0.1:8080", e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("http") || scheme.equals("https")) || uri.getHost() == null) {
            throw new IllegalArgumentException("the server's address must begin with http:// or https:// and a host");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "the server's address takes no user, query or fragment; a key goes into TOLLGATE_KEY");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("/+$", "");
        return URI.create(scheme + "://" + uri.getRawAuthority() + path);
    }

    /** The address of a route. */
    URI of(String route) {
        return URI.create(base + route);
    }

    /** A text without the key, wherever it came from. */
    String hide(String text) {
        return key.map(secret -> text.replace(secret.reveal(), Secret.HIDDEN)).orElse(text);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return base.toString();
    }
}

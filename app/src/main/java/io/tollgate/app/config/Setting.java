package io.tollgate.app.config;

/**
 * One value that holds, as it may be shown.
 *
 * @param key its path
 * @param value the value; a secret is hidden
 * @param place who said so
 */
public record Setting(String key, String value, String place) {}

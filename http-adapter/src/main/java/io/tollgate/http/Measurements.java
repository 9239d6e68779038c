package io.tollgate.http;

import java.util.function.Supplier;

/**
 * What is measured, as a page for whoever collects it.
 *
 * @param contentType its media type
 * @param page makes it; may take some milliseconds
 * @param open whether it is shown without a key
 */
public record Measurements(String contentType, Supplier<byte[]> page, boolean open) {}

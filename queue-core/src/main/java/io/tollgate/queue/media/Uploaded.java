package io.tollgate.queue.media;

/**
 * What became of a file that a user brought.
 *
 * @param asset what it is now
 * @param isNew whether it is new; else the user had these bytes already, and the asset is the one from then
 */
public record Uploaded(Asset asset, boolean isNew) {}

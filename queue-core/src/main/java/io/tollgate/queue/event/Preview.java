package io.tollgate.queue.event;

import java.util.Optional;

/**
 * A small picture of what a run is making, for people who watch. It is not copied: nobody changes its bytes.
 *
 * @param contentType its media type, such as {@code image/jpeg}
 * @param bytes the whole file
 * @param nodeId the part of the workflow that makes it, if the backend says
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Preview(String contentType, byte[] bytes, Optional<String> nodeId) {}

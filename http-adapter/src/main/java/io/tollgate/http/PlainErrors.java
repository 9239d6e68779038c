package io.tollgate.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What Jetty itself refuses, such as a bad header, in the form of all problems and without its words. */
final class PlainErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        Problem problem = switch (status) {
            case HttpStatus.REQUEST_TIMEOUT_408 -> Problem.of(status, "timeout", "the call did not come in time");
            case HttpStatus.PAYLOAD_TOO_LARGE_413 -> Problem.of(status, "payload_too_large", "the body is too large");
            case HttpStatus.URI_TOO_LONG_414, HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 ->
                Problem.of(status, "headers_too_large", "the call's line or headers are too long");
            default ->
                status >= 500
                        ? Problem.of(status, "internal", "something went wrong here")
                        : Problem.of(status, "bad_request", "the call is not well formed");
        };
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.write(true, ByteBuffer.wrap(ApiJson.bytes(problem.document())), callback);
        return true;
    }
}

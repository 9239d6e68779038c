package io.tollgate.java2d;

import java.io.IOException;

/** A file is not a picture that can be used. The message is one line for the person who brought it. */
final class BadPictureException extends IOException {
    private static final long serialVersionUID = 1L;

    BadPictureException(String message) {
        super(message);
    }

    BadPictureException(String message, Throwable cause) {
        super(message, cause);
    }
}

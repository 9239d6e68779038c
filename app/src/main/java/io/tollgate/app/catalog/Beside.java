package io.tollgate.app.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The files that lie beside a workflow and belong to it. */
@FunctionalInterface
interface Beside {
    /** The longest file, in bytes. */
    int LONGEST = 1 << 20;

    /**
     * The text of a file.
     *
     * @param name its name, as the workflow says it
     * @throws IOException if it isn't there, can't be read, is too long, or lies elsewhere; the message is for people
     */
    String read(String name) throws IOException;

    /** Those of a directory and below, wherever links lead. */
    static Beside in(Path directory) {
        return name -> {
            Path file;
            try {
                file = directory.resolve(name);
            } catch (InvalidPathException e) {
                throw new IOException("is no name of a file", e);
            }
            if (!Files.exists(file)) {
                throw new IOException("there is no such file beside the workflow");
            }
            if (!file.toRealPath().startsWith(directory.toRealPath())) {
                throw new IOException("is refused: it lies outside of the directory");
            }
            if (!Files.isRegularFile(file)) {
                throw new IOException("is no file");
            }
            try (InputStream stream = Files.newInputStream(file)) {
                return text(stream);
            }
        };
    }

    /** Those that came with the program. */
    static Beside resources(String folder) {
        return name -> {
            if (!name.matches("[a-z0-9-]+\\.json")) {
                throw new IOException("is no name of a shipped file");
            }
            try (InputStream stream = Beside.class.getResourceAsStream(folder + name)) {
                if (stream == null) {
                    throw new IOException("the program was put together without it");
                }
                return text(stream);
            }
        };
    }

    /** There are none. */
    static Beside nothing() {
        return name -> {
            throw new IOException("there are no files beside this workflow");
        };
    }

    private static String text(InputStream stream) throws IOException {
        byte[] bytes = stream.readNBytes(LONGEST + 1);
        if (bytes.length > LONGEST) {
            throw new IOException("is larger than " + LONGEST + " bytes");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("is no UTF-8", e);
        }
    }
}

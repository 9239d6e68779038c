package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.credits.account.UserId;
import io.tollgate.java2d.Java2dLimits;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.AssetTooLargeException;
import io.tollgate.queue.media.ContentTypes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Files that a user names as inputs. They are looked at before anything is stored. */
final class InputFiles {
    private InputFiles() {}

    /**
     * Makes sure that a file is there and begins like a picture, film or sound, and that a picture's header asks for no
     * more pixels than are ever decoded.
     *
     * @return its media type
     * @throws CommandFailed if not
     */
    static String check(Path file) {
        try {
            if (!Files.exists(file)) {
                throw new CommandFailed(file + ": there is no such file");
            }
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw new CommandFailed(file + ": is not a file that can be read");
            }
            if (Files.size(file) == 0) {
                throw new CommandFailed(file + ": is empty");
            }
            String type;
            try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
                type = ContentTypes.sniff(bytes);
            }
            if (type.equals(ContentTypes.UNKNOWN)) {
                throw new CommandFailed(
                        file + ": is no picture, film or sound that is known here, whatever its name says");
            }
            if (type.startsWith("image/")) {
                checkPixels(file);
            }
            return type;
        } catch (IOException e) {
            throw new CommandFailed(file + ": can't be read: " + e, e);
        }
    }

    private static void checkPixels(Path file) throws IOException {
        try (ImageInputStream input = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
            if (!readers.hasNext()) {
                return; // the renderer will say
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(input, true, true);
                long width = reader.getWidth(0);
                long height = reader.getHeight(0);
                long most = Java2dLimits.DEFAULT.maxInputPixels();
                if (width * height > most) {
                    throw new CommandFailed(String.format(
                            Locale.ROOT,
                            "%s: has %d x %d pixels, %.0f megapixels; at most %d are taken",
                            file,
                            width,
                            height,
                            width * height / 1e6,
                            most / 1_000_000));
                }
            } catch (IOException | RuntimeException e) {
                if (e instanceof CommandFailed) {
                    throw e;
                }
                throw new CommandFailed(file + ": is not a sound picture: " + e.getMessage(), e);
            } finally {
                reader.dispose();
            }
        }
    }

    /** Stores a checked file. */
    static Asset add(Tollgate tollgate, UserId owner, Path file) {
        try {
            return tollgate.addFile(owner, file);
        } catch (AssetTooLargeException e) {
            throw new CommandFailed(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailed(file + ": can't be stored: " + e, e);
        }
    }
}

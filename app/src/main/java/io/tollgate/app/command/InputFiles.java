package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.credits.account.UserId;
import io.tollgate.java2d.Java2dLimits;
import io.tollgate.java2d.PictureInspector;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.media.AssetTooLargeException;
import io.tollgate.queue.media.InputCheck;
import io.tollgate.queue.media.QuotaExceededException;
import io.tollgate.queue.media.UnfitFileException;
import io.tollgate.queue.media.Uploaded;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files that a user names as inputs. They are looked at before anything is stored. */
final class InputFiles {
    private static final InputCheck CHECK = new InputCheck(List.of(new PictureInspector(Java2dLimits.DEFAULT)));

    private InputFiles() {}

    /**
     * Makes sure that a file is there and can be an input.
     *
     * @throws CommandFailed if not
     */
    static void check(Path file) {
        try {
            if (!Files.exists(file)) {
                throw new CommandFailed(file + ": there is no such file");
            }
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw new CommandFailed(file + ": is not a file that can be read");
            }
            CHECK.problem(file).ifPresent(problem -> {
                throw new CommandFailed(file + ": " + problem);
            });
        } catch (IOException e) {
            throw new CommandFailed(file + ": can't be read: " + e, e);
        }
    }

    /**
     * What is in a text file.
     *
     * @param most how many bytes it may have
     * @throws CommandFailed if it can't be read, or is longer
     */
    static String text(Path file, int most) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new CommandFailed(file + ": there is no such file");
            }
            if (Files.size(file) > most) {
                throw new CommandFailed(file + ": is longer than " + most + " bytes");
            }
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new CommandFailed(file + ": is not a text in UTF-8", e);
        } catch (IOException e) {
            throw new CommandFailed(file + ": can't be read: " + e, e);
        }
    }

    /** Stores a checked file. */
    static Uploaded add(Tollgate tollgate, UserId owner, Path file) {
        try {
            return tollgate.upload(owner, file);
        } catch (AssetTooLargeException | QuotaExceededException | UnfitFileException e) {
            throw new CommandFailed(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailed(file + ": can't be stored: " + e, e);
        }
    }
}

package io.tollgate.app.command;

import com.google.inject.Module;
import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.TollgateCommand;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.JobId;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A command that works on a data directory in this process, and on nothing else unless it says so. */
abstract class LocalCommand extends TollgateCommand {
    /**
     * Opens the data directory. One that nothing was ever written to is made, even to be looked at: it is empty then,
     * and no error.
     */
    final ServiceContainer open(Access access) {
        requireDirectory();
        return open(quietConfig().config(), access);
    }

    /** Whoever has named a server must not be surprised by what happens here. */
    final void requireDirectory() {
        server().ifPresent(server -> {
            throw wrongUsage("'" + commandName() + "' works on a data directory only, and TOLLGATE_URL names a server;"
                    + " say which directory with --data");
        });
    }

    final ServiceContainer open(TollgateConfig config, Access access, Module... more) {
        Access needed = access == Access.READ && !ServiceContainer.hasDatabase(config) ? Access.WRITE : access;
        return ServiceContainer.open(config, needed, commandName(), more);
    }

    /** Who did it, in the books. */
    final String actor() {
        return "cli:" + user();
    }

    /** The user who was typed. */
    static UserId userId(String text) {
        try {
            return new UserId(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }

    /** The id that was typed. */
    static JobId jobId(String text) {
        try {
            return JobId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("'" + text + "' is not a job's id; 'tollgate jobs list' shows them", e);
        }
    }

    /** Waits for the answer to a wish; one that makes no sense is refused in its own words. */
    static <T> T asked(Supplier<CompletionStage<T>> wish) {
        try {
            return await(wish.get());
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        } catch (ArithmeticException e) {
            throw new CommandFailed("the balance would grow out of range; nothing was changed", e);
        }
    }

    /** Waits for an answer; what went wrong is thrown as it was. */
    static <T> T await(CompletionStage<T> answer) {
        try {
            return answer.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}

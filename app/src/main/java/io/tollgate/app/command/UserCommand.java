package io.tollgate.app.command;

import io.tollgate.credits.account.UserId;
import picocli.CommandLine.Parameters;

/** A command on a user, on a data directory only. */
abstract class UserCommand extends LocalCommand {
    @Parameters(arity = "1", index = "0", paramLabel = "USER", description = "Whose.")
    private String whose = "";

    final UserId whose() {
        return userId(whose);
    }
}

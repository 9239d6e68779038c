package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.CreditService;
import io.tollgate.credits.DrawProof;
import io.tollgate.credits.ledger.LuckyDraw;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What everybody may know of a day's secret. */
@Command(
        name = "draw-proof",
        description =
                "Shows the hash of the secret that a day's draws are made of, and the secret itself when the day is"
                        + " over.")
final class DrawProofCommand extends LocalCommand {
    @Parameters(arity = "0..1", paramLabel = "DAY", description = "Such as 2026-11-22 (default: today).")
    private @Nullable String day;

    /** @param secret null until the day is over */
    private record Document(String day, String timeZone, String hash, Optional<String> secret) {}

    @Override
    protected void execute() {
        Optional<LocalDate> named = TotalsCommand.day("DAY", day);
        Optional<DrawProof> known;
        try (ServiceContainer container = open(Access.READ)) {
            CreditService credits = container.tollgate().credits();
            if (!credits.policy().draw().map(LuckyDraw::provable).orElse(false)) {
                throw new CommandFailed(
                        "draws are not provable; set lucky-draw and lucky-draw-proof = true in the" + " configuration");
            }
            known = credits.drawProof(named.orElseGet(credits::today)).filter(proof -> wholly(proof, credits));
        }
        if (known.isPresent()) {
            show(known.get());
            return;
        }
        // the day's own is made now, so that its hash is known before the first draw
        try (ServiceContainer container = open(Access.WRITE)) {
            CreditService credits = container.tollgate().credits();
            Optional<DrawProof> today = await(credits.prepareDraw());
            LocalDate asked = named.or(() -> today.map(DrawProof::day)).orElseGet(credits::today);
            show(credits.drawProof(asked)
                    .orElseThrow(() -> new CommandFailed("no draw of " + asked + " was made of a secret")));
        }
    }

    /** Whether all of it that will ever be known is known now. */
    private static boolean wholly(DrawProof proof, CreditService credits) {
        return proof.secret().isPresent() || !proof.day().isBefore(credits.today());
    }

    private void show(DrawProof proof) {
        String zone = quietConfig().config().timeZone().getId();
        List<String> lines = new ArrayList<>();
        lines.add("day     " + proof.day() + ", " + zone);
        lines.add("hash    " + proof.hash());
        lines.add("secret  " + proof.secret().orElse("shown when the day is over"));
        output().result(new Document(proof.day().toString(), zone, proof.hash(), proof.secret()), lines);
    }
}

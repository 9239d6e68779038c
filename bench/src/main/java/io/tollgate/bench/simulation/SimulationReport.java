package io.tollgate.bench.simulation;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of some runs, for people and for machines. */
final class SimulationReport {
    private final List<Map<String, Object>> runs = new ArrayList<>();

    /** Adds a run and the same without the noisy user, and gives what people are shown of it. */
    String section(Result with, Result without) {
        runs.add(figures(with, without));
        Settings settings = with.settings();
        StringBuilder text = new StringBuilder();
        line(
                text,
                "## %s at %.0f %% (%,d jobs in %.1f h; simulated in %.0f + %.0f s, at most %,d at once)",
                settings.order().name().toLowerCase(Locale.ROOT),
                100 * settings.load(),
                settings.jobs(),
                with.virtualHours(),
                with.seconds(),
                without.seconds(),
                with.most());
        line(text, "");
        line(text, "| waits (s) | jobs | p50 | p99 | p99 without the noisy user |");
        line(text, "|---|---:|---:|---:|---:|");
        waits(text, "VIP", with.vip(), without.vip());
        waits(text, "regular", with.regular(), without.regular());
        waits(text, "- quiet users", with.quiet(), without.quiet());
        waits(text, "- the noisy user", with.noisy(), without.noisy());
        line(text, "");
        line(
                text,
                "utilization %.1f %%, %.2f %% of the ideal; slots left free that a waiting job could have had: %.4f",
                100 * with.utilization(),
                100 * with.ofIdeal(),
                with.couldHaveRun());
        line(
                text,
                "promoted %,d; longest wait %,.0f s; longest wait of one that was passed %,.0f s; passed beyond the bound"
                        + " %,d times; refused %,d",
                with.promoted(),
                with.longestWait(),
                with.longestPassed(),
                with.passedBeyondBound(),
                with.refused());
        promises(text, "starts promised", with.promises());
        promises(text, "- to quiet users", with.quietPromises());
        promises(text, "- to the noisy user", with.noisyPromises());
        line(text, "");
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static void waits(StringBuilder text, String name, Waits with, Waits without) {
        line(
                text,
                "| %s | %,d | %,.1f | %,.1f | %s |",
                name,
                with.count(),
                with.quantile(0.5),
                with.quantile(0.99),
                without.count() == 0 ? "" : String.format(Locale.ROOT, "%,.1f", without.quantile(0.99)));
    }

    private static void promises(StringBuilder text, String name, Promises promises) {
        line(
                text,
                "%s: %,d, kept %.1f %%; of the %,d that waited %.1f %%; much earlier %.1f %%",
                name,
                promises.made(),
                100 * promises.kept(),
                promises.waited(),
                100 * promises.keptOfWaited(),
                100 * promises.early());
    }

    private static Map<String, Object> figures(Result with, Result without) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("order", with.settings().order().name().toLowerCase(Locale.ROOT));
        map.put("load", with.settings().load());
        map.put("jobs", with.settings().jobs());
        map.put("users", with.settings().users());
        map.put("models", with.settings().models());
        map.put("backends", with.settings().backends());
        map.put("seed", with.settings().seed());
        map.put("boundSeconds", with.settings().bound().toSeconds());
        map.put("virtualHours", with.virtualHours());
        map.put("seconds", with.seconds() + without.seconds());
        map.put("vip", waits(with.vip()));
        map.put("regular", waits(with.regular()));
        map.put("quiet", waits(with.quiet()));
        map.put("noisy", waits(with.noisy()));
        map.put("quietWithoutNoisy", waits(without.quiet()));
        map.put("utilization", with.utilization());
        map.put("ofIdeal", with.ofIdeal());
        map.put("couldHaveRun", with.couldHaveRun());
        map.put("promoted", with.promoted());
        map.put("longestWait", with.longestWait());
        map.put("longestPassed", with.longestPassed());
        map.put("passedBeyondBound", with.passedBeyondBound());
        map.put("refused", with.refused());
        map.put("promises", promises(with.promises()));
        map.put("quietPromises", promises(with.quietPromises()));
        map.put("noisyPromises", promises(with.noisyPromises()));
        return map;
    }

    private static Map<String, Object> waits(Waits waits) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("jobs", waits.count());
        map.put("p50", waits.quantile(0.5));
        map.put("p99", waits.quantile(0.99));
        return map;
    }

    private static Map<String, Object> promises(Promises promises) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("made", promises.made());
        map.put("kept", promises.kept());
        map.put("waited", promises.waited());
        map.put("keptOfWaited", promises.keptOfWaited());
        return map;
    }

    void writeJson(Path file) throws IOException {
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), runs);
    }
}

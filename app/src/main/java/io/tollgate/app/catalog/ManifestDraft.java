package io.tollgate.app.catalog;

import com.typesafe.config.ConfigUtil;
import io.tollgate.comfyui.WorkflowImport;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes a manifest for a graph from ComfyUI, for a person to look over. */
public final class ManifestDraft {
    private static final int LONGEST_TITLE = 80;
    private static final int LONGEST_MODEL = 64;

    private ManifestDraft() {}

    /**
     * The text of {@code NAME.conf}.
     *
     * @param graphFile the name of the graph's file, which lies beside it
     */
    public static String text(WorkflowName name, String graphFile, WorkflowImport proposal) {
        StringBuilder text = new StringBuilder();
        text.append("# Imported from ComfyUI. Look everything over, title, queue, model and price above all.\n");
        proposal.notes().forEach(note -> text.append("# ").append(note).append('\n'));
        text.append("title = ").append(quoted(title(name))).append('\n');
        text.append("queue = ").append(proposal.video() ? "video" : "image").append('\n');
        text.append("model = ")
                .append(quoted(model(name, proposal)))
                .append(" # its jobs count against the limit of this model\n");
        text.append("price = 10\n");
        text.append("inputs = [\n");
        proposal.inputs()
                .forEach(input -> text.append("  ").append(input(input.spec())).append('\n'));
        text.append("]\n");
        text.append("recipes { comfyui {\n");
        text.append("  graph = ").append(quoted(graphFile)).append('\n');
        if (!proposal.inputs().isEmpty()) {
            text.append("  inputs {\n");
            proposal.inputs()
                    .forEach(input -> text.append("    ")
                            .append(input.spec().name())
                            .append(" = ")
                            .append(places(input.places()))
                            .append('\n'));
            text.append("  }\n");
        }
        text.append("  outputs = ")
                .append(list(new TreeSet<>(proposal.outputs())))
                .append('\n');
        if (!proposal.models().isEmpty()) {
            text.append("  models = ")
                    .append(list(new TreeSet<>(proposal.models())))
                    .append('\n');
        }
        text.append("} }\n");
        text.append("timeout = 10m\n");
        return text.toString();
    }

    private static String title(WorkflowName name) {
        String words = name.value().replace('-', ' ').replace('_', ' ').strip();
        String title =
                words.isEmpty() ? name.value() : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
        return title.substring(0, Math.min(LONGEST_TITLE, title.length()));
    }

    /** After the first model file, since what is slow to load is what should be limited. */
    private static String model(WorkflowName name, WorkflowImport proposal) {
        String file = new TreeSet<>(proposal.models()).stream().findFirst().orElse(name.value());
        String last = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
        String stem = proposal.models().isEmpty() ? last : last.substring(0, last.lastIndexOf('.'));
        String model = stem.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[^A-Za-z0-9]+", "");
        return model.isEmpty() ? name.value() : model.substring(0, Math.min(LONGEST_MODEL, model.length()));
    }

    private static String input(InputSpec spec) {
        StringBuilder text = new StringBuilder("{ name = " + spec.name() + ", type = " + spec.type());
        if (!spec.label().isBlank()) {
            text.append(", label = ").append(quoted(spec.label()));
        }
        if (spec instanceof InputSpec.Text words) {
            text.append(", max-length = ").append(words.maxLength());
            words.preset().ifPresent(preset -> text.append(", default = ").append(quoted(preset)));
            unlessRequired(text, spec, words.preset().isPresent());
        } else if (spec instanceof InputSpec.Whole whole) {
            text.append(", min = ").append(whole.min()).append(", max = ").append(whole.max());
            whole.preset().ifPresent(preset -> text.append(", default = ").append(preset));
        } else if (spec instanceof InputSpec.Decimal decimal) {
            text.append(", min = ").append(decimal.min().toPlainString());
            text.append(", max = ").append(decimal.max().toPlainString());
            decimal.preset().ifPresent(preset -> text.append(", default = ").append(preset.toPlainString()));
        }
        return text.append(" }").toString();
    }

    private static void unlessRequired(StringBuilder text, InputSpec spec, boolean preset) {
        if (!spec.required() && !preset) {
            text.append(", required = false");
        }
    }

    private static String places(List<String> places) {
        return places.size() == 1 && places.get(0).chars().noneMatch(Character::isWhitespace)
                ? quoted(places.get(0))
                : list(places);
    }

    private static String list(Collection<String> words) {
        return words.stream().map(ManifestDraft::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String quoted(String text) {
        return ConfigUtil.quoteString(text);
    }
}

package io.tollgate.app.catalog;

import io.tollgate.app.config.Kind;
import io.tollgate.queue.workflow.InputSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads what one kind of backend needs to run a workflow, and checks it as far as that can be done without one. */
@FunctionalInterface
interface RecipeReader {
    /**
     * What one kind of backend needs.
     *
     * @param settings the recipe, whose meaning is the backend's business
     * @param requires tags that a backend of the kind must have
     */
    record Recipe(Map<String, String> settings, Set<String> requires) {}

    /**
     * Reads the section of a kind.
     *
     * @param beside the files that belong to the workflow
     * @param inputs what the workflow asks for, as far as it could be read
     * @return the recipe for backends of the kind, or nothing if something about them is wrong, which was told
     */
    Optional<Recipe> read(ObjectReader section, Beside beside, List<InputSpec> inputs);

    /** The one for a kind of backend. */
    static RecipeReader of(String kind) {
        return kind.equals(ComfyRecipe.KIND) ? new ComfyRecipe() : RecipeReader::flat;
    }

    /** Names and texts, whose meaning only the backend knows. */
    private static Optional<Recipe> flat(ObjectReader section, Beside beside, List<InputSpec> inputs) {
        Map<String, String> settings = new TreeMap<>();
        section.names().forEach(key -> section.find(key, Kind.text(10_000)).ifPresent(text -> settings.put(key, text)));
        return Optional.of(new Recipe(settings, Set.of()));
    }
}

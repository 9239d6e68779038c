package io.tollgate.comfyui;

/**
 * One thing that is wrong with a recipe.
 *
 * @param key the key of the recipe, such as {@code inputs.seed} or {@code graph}
 * @param text what is wrong and what is allowed, with the pointer at fault if there is one
 */
public record RecipeProblem(String key, String text) {
    /** One line: key and text. */
    @Override
    public String toString() {
        return key + ": " + text;
    }
}

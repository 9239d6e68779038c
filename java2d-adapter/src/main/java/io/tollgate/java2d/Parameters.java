package io.tollgate.java2d;

import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one request: an input's value, else what the workflow's recipe fixes, else the preset. Everything is
 * checked again here, since a catalogue may promise more than the renderer can do. Confined to one thread.
 */
final class Parameters {
    /** The recipe key that names the renderer. */
    static final String RECIPE = "recipe";

    private final RunRequest request;
    private final Set<String> asked = new HashSet<>(Set.of(RECIPE));

    Parameters(RunRequest request) {
        this.request = request;
    }

    AssetId asset(String name) throws Refusal {
        InputValue value = request.inputs().get(name);
        if (value instanceof InputValue.Asset asset) {
            return asset.id();
        }
        if (value instanceof InputValue.Assets assets && assets.ids().size() == 1) {
            return assets.ids().get(0);
        }
        throw bad(name + (value == null ? " is missing" : " must be one file"));
    }

    int whole(String name, int preset, int min, int max) throws Refusal {
        BigDecimal value = number(name, BigDecimal.valueOf(preset), min, max);
        try {
            return value.intValueExact();
        } catch (ArithmeticException e) {
            throw bad(name + " must be a whole number from " + min + " to " + max + ": " + value.toPlainString());
        }
    }

    double decimal(String name, double preset, double min, double max) throws Refusal {
        return number(name, BigDecimal.valueOf(preset), min, max).doubleValue();
    }

    boolean flag(String name, boolean preset) throws Refusal {
        InputValue value = request.inputs().get(name);
        String fixed = fixed(name);
        if (value instanceof InputValue.Flag flag) {
            return flag.value();
        }
        if (value != null) {
            throw bad(name + " must be yes or no");
        }
        if (fixed != null && !fixed.equals("true") && !fixed.equals("false")) {
            throw broken("'" + name + "' must be true or false: " + fixed);
        }
        return fixed == null ? preset : fixed.equals("true");
    }

    String choice(String name, String preset, List<String> options) throws Refusal {
        String value = text(name, preset, 100);
        if (!options.contains(value)) {
            throw bad(name + " must be one of " + String.join(", ", options) + ": " + value);
        }
        return value;
    }

    String text(String name, String preset, int maxLength) throws Refusal {
        InputValue value = request.inputs().get(name);
        String fixed = fixed(name);
        String text;
        if (value instanceof InputValue.Text given) {
            text = given.value();
        } else if (value == null) {
            text = fixed == null ? preset : fixed;
        } else {
            throw bad(name + " must be text");
        }
        if (text.codePointCount(0, text.length()) > maxLength) {
            throw bad(name + " has more than " + maxLength + " characters");
        }
        return text;
    }

    /**
     * To be called last.
     *
     * @throws Refusal if the recipe has keys that nobody asked for: most likely misspelled ones
     */
    void refuseUnknownRecipeKeys() throws Refusal {
        for (String key : request.recipe().keySet()) {
            if (!asked.contains(key)) {
                throw broken("unknown key '" + key + "'");
            }
        }
    }

    private BigDecimal number(String name, BigDecimal preset, double min, double max) throws Refusal {
        InputValue value = request.inputs().get(name);
        String fixed = fixed(name);
        BigDecimal number;
        if (value instanceof InputValue.Whole whole) {
            number = BigDecimal.valueOf(whole.value());
        } else if (value instanceof InputValue.Decimal decimal) {
            number = decimal.value();
        } else if (value != null) {
            throw bad(name + " must be a number");
        } else if (fixed == null) {
            number = preset;
        } else {
            try {
                number = new BigDecimal(fixed);
            } catch (NumberFormatException e) {
                throw broken("'" + name + "' must be a number: " + fixed);
            }
        }
        if (!(number.doubleValue() >= min && number.doubleValue() <= max)) {
            throw bad(name + " must be from " + plain(min) + " to " + plain(max) + ": " + number.toPlainString());
        }
        return number;
    }

    private @Nullable String fixed(String name) {
        asked.add(name);
        Map<String, String> recipe = request.recipe();
        return recipe.get(name);
    }

    private static String plain(double value) {
        return value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : BigDecimal.valueOf(value).toPlainString();
    }

    private static Refusal bad(String message) {
        return new Refusal(Failure.Kind.BAD_INPUT, message);
    }

    private Refusal broken(String message) {
        return new Refusal(Failure.Kind.BAD_WORKFLOW, "workflow " + request.workflow() + ": " + message);
    }
}

package io.tollgate.app.config;

import java.util.List;

/**
 * A configuration and where it came from.
 *
 * @param config what holds
 * @param settings every value that holds, sorted by key, fit to be shown and logged: secrets are hidden
 * @param warnings what is allowed but hardly meant, a line each
 */
public record LoadedConfig(TollgateConfig config, List<Setting> settings, List<String> warnings) {
    public LoadedConfig {
        settings = List.copyOf(settings);
        warnings = List.copyOf(warnings);
    }
}

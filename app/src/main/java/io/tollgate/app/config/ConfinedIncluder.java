package io.tollgate.app.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets a configuration file include other files, which must be there; never an address, never the class path, never
 * itself again. Can be confined to a directory, so that a file from elsewhere can't read what it shouldn't.
 */
public final class ConfinedIncluder
        implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    private static final int DEEPEST = 10;

    private final List<Path> chain;
    private final boolean confined;

    private ConfinedIncluder(List<Path> chain, boolean confined) {
        this.chain = chain;
        this.confined = confined;
    }

    /** For {@code file}, which may include files from anywhere. */
    public static ConfigIncluder free(Path file) {
        return new ConfinedIncluder(List.of(real(file)), false);
    }

    /** For {@code file}, which may include files only from its own directory and below. */
    public static ConfigIncluder confined(Path file) {
        return new ConfinedIncluder(List.of(real(file)), true);
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
        return this; // what this one refuses, nobody else shall include
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
        return includeFile(context, new File(what));
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
        Path from = chain.get(chain.size() - 1);
        Path file = real(from.resolveSibling(what.toPath()));
        if (confined && !file.startsWith(real(chain.get(0).resolveSibling(".")))) {
            throw refused(what.getPath(), "it lies outside of the directory");
        }
        if (chain.contains(file)) {
            throw refused(what.getPath(), "it includes itself");
        }
        if (chain.size() > DEEPEST) {
            throw refused(what.getPath(), "more than " + DEEPEST + " files deep");
        }
        List<Path> longer = new ArrayList<>(chain);
        longer.add(file);
        return ConfigFactory.parseFile(
                        file.toFile(),
                        context.parseOptions()
                                .setAllowMissing(false)
                                .setIncluder(new ConfinedIncluder(List.copyOf(longer), confined)))
                .root();
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
        throw refused("url(…)", "addresses are never included");
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
        throw refused(what, "only files are included");
    }

    private ConfigException refused(String what, String why) {
        return new ConfigException.Generic(
                chain.get(chain.size() - 1) + ": include \"" + what + "\" is refused: " + why);
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize(); // it isn't there, which reading it will tell
        }
    }
}

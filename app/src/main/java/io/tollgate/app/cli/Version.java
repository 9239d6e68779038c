package io.tollgate.app.cli;

import picocli.CommandLine.IVersionProvider;

/** Says which version runs: what the jar's manifest says, {@code development} outside of a jar. */
public final class Version implements IVersionProvider {
    /** The version of this program. */
    public static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"tollgate " + current()};
    }
}

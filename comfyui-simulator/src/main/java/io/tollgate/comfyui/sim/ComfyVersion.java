package io.tollgate.comfyui.sim;

/**
 * A release of ComfyUI, ordered as releases are. Behavior between the recorded releases (0.3.44, 0.3.64 and 0.27.0) is
 * decided by the first release of each feature.
 *
 * @param major 0 so far
 * @param minor at least 0
 * @param patch at least 0
 */
public record ComfyVersion(int major, int minor, int patch) implements Comparable<ComfyVersion> {

    /** The oldest recorded release: it ignores ids chosen by clients. */
    public static final ComfyVersion V0_3_44 = new ComfyVersion(0, 3, 44);

    /** A recorded release from the middle: it takes any string as an id. */
    public static final ComfyVersion V0_3_64 = new ComfyVersion(0, 3, 64);

    /** The newest recorded release. */
    public static final ComfyVersion V0_27_0 = new ComfyVersion(0, 27, 0);

    /** Checks that no part is negative. */
    public ComfyVersion {
        if (major < 0 || minor < 0 || patch < 0) {
            throw new IllegalArgumentException(
                    "version parts must not be negative: " + major + "." + minor + "." + patch);
        }
    }

    /**
     * Reads a version such as {@code 0.27.0}; a leading {@code v} is fine.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static ComfyVersion parse(String text) {
        String[] parts = (text.startsWith("v") ? text.substring(1) : text).split("\\.", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("version must look like 0.27.0: " + text);
        }
        try {
            return new ComfyVersion(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("version must look like 0.27.0: " + text, e);
        }
    }

    /** Whether this release is the given one or a later one. */
    public boolean atLeast(int otherMajor, int otherMinor, int otherPatch) {
        return compareTo(new ComfyVersion(otherMajor, otherMinor, otherPatch)) >= 0;
    }

    @Override
    public int compareTo(ComfyVersion other) {
        if (major != other.major) {
            return Integer.compare(major, other.major);
        }
        return minor != other.minor ? Integer.compare(minor, other.minor) : Integer.compare(patch, other.patch);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }

    boolean takesOwnIds() {
        return atLeast(0, 3, 45);
    }

    boolean idsMustBeUuids() {
        return atLeast(0, 25, 0);
    }

    boolean hasFeatureFlags() {
        return atLeast(0, 3, 45);
    }

    boolean hasProgressState() {
        return atLeast(0, 3, 45);
    }

    boolean hasPartialTargets() {
        return atLeast(0, 3, 48);
    }

    boolean interruptsById() {
        return atLeast(0, 3, 57);
    }

    boolean hasHistoryOffset() {
        return atLeast(0, 3, 60);
    }

    boolean stampsCreateTime() {
        return atLeast(0, 3, 69);
    }

    /** Progress is thinned out to ten updates a second in some release between 0.3.64 and 0.27.0; this is a guess. */
    boolean throttlesProgress() {
        return atLeast(0, 4, 0);
    }

    boolean hasJobs() {
        return atLeast(0, 6, 0);
    }

    boolean namesMissingNodes() {
        return atLeast(0, 12, 0);
    }

    boolean checksFetchSite() {
        return atLeast(0, 19, 0);
    }

    boolean hidesCachedOutputsFromNobody() {
        return atLeast(0, 19, 0);
    }

    boolean hasJobCancel() {
        return atLeast(0, 26, 0);
    }

    /** The security fix after 0.27.0: active file types become attachments. */
    boolean sendsActiveTypesAsAttachment() {
        return atLeast(0, 27, 1);
    }
}

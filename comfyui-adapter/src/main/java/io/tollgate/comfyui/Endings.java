package io.tollgate.comfyui;

import io.tollgate.queue.job.Failure;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Tells from a prompt's history what went wrong with it. */
final class Endings {
    private Endings() {}

    /**
     * What the run failed with; empty if it succeeded.
     *
     * @param secrets texts of the user's, which no message repeats
     */
    static Optional<ComfyError> problem(HistoryEntry entry, Collection<String> secrets) {
        if (entry.succeeded()) {
            return Optional.empty();
        }
        if (entry.interrupted()) {
            return Optional.of(new ComfyError.Interrupted());
        }
        HistoryEntry.NodeProblem problem =
                entry.problem().orElse(new HistoryEntry.NodeProblem("?", "?", "", "the server does not say why"));
        String reason = Wording.line(problem.message(), secrets);
        Failure.Kind kind = kind(problem);
        if (reason.isEmpty()) {
            reason = Wording.name(problem.exception());
        }
        return Optional.of(new ComfyError.ExecutionFailed(
                kind, Wording.name(problem.node()), Wording.name(problem.nodeClass()), reason));
    }

    private static Failure.Kind kind(HistoryEntry.NodeProblem problem) {
        String exception = problem.exception();
        String type = exception.substring(exception.lastIndexOf('.') + 1);
        String message = problem.message().toLowerCase(Locale.ROOT);
        // torch.OutOfMemoryError, torch.cuda.OutOfMemoryError, MemoryError; older drivers raise a plain
        // RuntimeException
        if (type.equals("OutOfMemoryError")
                || type.equals("MemoryError")
                || type.equals("OOM_EXCEPTION")
                || message.contains("cuda out of memory")
                || message.contains("cuda error: out of memory")) {
            return Failure.Kind.OUT_OF_MEMORY;
        }
        boolean picture = type.equals("UnidentifiedImageError") || type.equals("DecompressionBombError");
        return picture || readsUpload(problem.nodeClass()) ? Failure.Kind.BAD_INPUT : Failure.Kind.BACKEND;
    }

    /** The nodes that read what we uploaded, in ComfyUI itself and in the packs that people use. */
    private static boolean readsUpload(String nodeClass) {
        return nodeClass.startsWith("LoadImage")
                || nodeClass.startsWith("LoadVideo")
                || nodeClass.startsWith("LoadAudio");
    }
}

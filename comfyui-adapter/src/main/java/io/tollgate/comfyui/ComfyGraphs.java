package io.tollgate.comfyui;

import io.tollgate.queue.workflow.GraphReader;
import io.tollgate.queue.workflow.GraphReading;
import java.util.List;

/** Reads graphs that users bring in ComfyUI's API format. Safe for use by many threads. */
public final class ComfyGraphs implements GraphReader {
    @Override
    public GraphReading read(String graph) {
        RawGraph.Reading reading = RawGraph.read(graph);
        if (reading instanceof RawGraph.Reading.Invalid invalid) {
            return new GraphReading.Unfit(
                    invalid.code(), String.join("; ", invalid.message().lines().toList()), invalid.nodeErrors());
        }
        RawGraph valid = ((RawGraph.Reading.Valid) reading).graph();
        return new GraphReading.Fit(ComfyWorkflow.TYPE, valid.requires(), List.copyOf(valid.assets()), valid.texts());
    }
}

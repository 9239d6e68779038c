package io.tollgate.comfyui;

import io.tollgate.comfyui.sim.ComfyVersion;

final class ComfyBackendOn0344Test extends ComfyContract.Simulated {
    ComfyBackendOn0344Test() {
        super(ComfyVersion.V0_3_44);
    }

    /** It can't be stopped by its id there: it is let run to its end. */
    @Override
    double slowSeconds() {
        return 2;
    }
}

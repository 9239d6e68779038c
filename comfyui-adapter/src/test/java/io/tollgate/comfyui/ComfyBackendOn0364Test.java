package io.tollgate.comfyui;

import io.tollgate.comfyui.sim.ComfyVersion;

final class ComfyBackendOn0364Test extends ComfyContract.Simulated {
    ComfyBackendOn0364Test() {
        super(ComfyVersion.V0_3_64);
    }
}

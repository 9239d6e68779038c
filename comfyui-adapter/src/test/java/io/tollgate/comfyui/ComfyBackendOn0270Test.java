package io.tollgate.comfyui;

import io.tollgate.comfyui.sim.ComfyVersion;

final class ComfyBackendOn0270Test extends ComfyContract.Simulated {
    ComfyBackendOn0270Test() {
        super(ComfyVersion.V0_27_0);
    }
}

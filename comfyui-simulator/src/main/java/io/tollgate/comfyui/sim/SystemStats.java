package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** {@code /system_stats}: a machine without a GPU and with 24 GB, as in the recordings. */
final class SystemStats {

    private static final long RAM = 25_276_502_016L;
    private static final long FREE = 24_379_318_272L;

    private SystemStats() {}

    static ObjectNode of(ComfyVersion version) {
        ObjectNode stats = Json.object();
        ObjectNode system = stats.putObject("system");
        boolean newer = version.namesMissingNodes();
        system.put("os", newer ? "linux" : "posix").put("ram_total", RAM).put("ram_free", FREE);
        system.put("comfyui_version", version.toString());
        if (version.takesOwnIds()) {
            system.put("required_frontend_version", newer ? "1.45.20" : "1.27.10");
            system.putNull("installed_templates_version");
            system.put("required_templates_version", newer ? "0.11.1" : "0.1.94");
        }
        if (newer) {
            ArrayNode packages = system.putArray("comfy_package_versions");
            packages.add(required("comfyui-frontend-package", "1.45.20"));
            packages.add(required("comfyui-workflow-templates", "0.11.1"));
            packages.add(required("comfyui-embedded-docs", "0.5.6"));
            packages.add(required("comfy-kitchen", "0.2.16"));
            packages.add(required("comfy-aimdo", "0.4.10"));
        }
        system.put("python_version", "3.13.5 (simulated)").put("pytorch_version", "2.6.0+simulated");
        system.put("embedded_python", false);
        if (newer) {
            system.put("deploy_environment", "local-git");
        }
        system.putArray("argv").add("main.py").add("--cpu");
        ObjectNode device =
                stats.putArray("devices").addObject().put("name", "cpu").put("type", "cpu");
        device.putNull("index").put("vram_total", RAM).put("vram_free", FREE);
        device.put("torch_vram_total", RAM).put("torch_vram_free", FREE);
        return stats;
    }

    private static ObjectNode required(String name, String version) {
        return Json.object().put("name", name).putNull("installed").put("required", version);
    }

    static ArrayNode modelFolders() {
        return Json.strings(List.of(
                "checkpoints",
                "configs",
                "loras",
                "vae",
                "text_encoders",
                "diffusion_models",
                "clip_vision",
                "style_models",
                "embeddings",
                "diffusers",
                "vae_approx",
                "controlnet",
                "gligen",
                "upscale_models",
                "latent_upscale_models",
                "custom_nodes",
                "hypernetworks",
                "photomaker",
                "classifiers",
                "model_patches",
                "audio_encoders",
                "background_removal",
                "frame_interpolation",
                "geometry_estimation",
                "optical_flow",
                "detection"));
    }
}

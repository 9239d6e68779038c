package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.comfyui.WorkflowImport.Proposed;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WorkflowImportTest {
    private static final String GRAPH = """
            {"1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": "Your face"}},
             "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base.safetensors"}},
             "3": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 30, "cfg": 7.5, "denoise": 0.6,
                   "sampler_name": "euler", "scheduler": "normal", "model": ["2", 0], "positive": ["8", 0],
                   "negative": ["8", 1], "latent_image": ["5", 0]}},
             "4": {"class_type": "KSamplerAdvanced", "inputs": {"noise_seed": 6, "steps": 80}},
             "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 832, "height": 1216, "batch_size": 1}},
             "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry,\\r\\n ugly", "clip": ["2", 1]}},
             "7": {"class_type": "CLIPTextEncode", "inputs": {"text": ["11", 0], "clip": ["2", 1]}},
             "8": {"class_type": "ControlNetApplyAdvanced", "inputs": {"positive": ["7", 0], "negative": ["6", 0],
                   "image": ["1", 0], "strength": 1.5}},
             "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}},
             "10": {"class_type": "ImageScale", "inputs": {"width": 900, "height": 0}},
             "11": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a cat"}}}
            """;

    @Test
    void propose_usualGraph_asksForWhatPeopleTurn() {
        WorkflowImport proposal = WorkflowImport.propose(GRAPH);

        assertThat(proposal.inputs())
                .extracting(input -> input.spec().name())
                .containsExactly(
                        "image",
                        "prompt",
                        "negative_prompt",
                        "steps",
                        "cfg",
                        "denoise",
                        "steps_2",
                        "width",
                        "height",
                        "strength",
                        "seed");
        assertThat(find(proposal, "image").spec()).satisfies(spec -> {
            assertThat(spec.type()).isEqualTo("image");
            assertThat(spec.label()).isEqualTo("Your face");
        });
        assertThat(find(proposal, "prompt"))
                .isEqualTo(new Proposed(
                        new InputSpec.Text("prompt", "CLIPTextEncode", true, Optional.empty(), 2000),
                        List.of("/11/inputs/value")));
        assertThat(find(proposal, "negative_prompt"))
                .isEqualTo(new Proposed(
                        new InputSpec.Text(
                                "negative_prompt", "CLIPTextEncode", false, Optional.of("blurry,\n ugly"), 2000),
                        List.of("/6/inputs/text")));
        assertThat(find(proposal, "steps_2").spec())
                .isEqualTo(new InputSpec.Whole("steps_2", "KSamplerAdvanced", false, Optional.of(80L), 1, 80));
        assertThat(find(proposal, "strength").spec())
                .isEqualTo(new InputSpec.Decimal(
                        "strength",
                        "ControlNetApplyAdvanced",
                        false,
                        Optional.of(new BigDecimal("1.5")),
                        BigDecimal.ZERO,
                        new BigDecimal("1.5")));
        assertThat(find(proposal, "seed").places()).containsExactly("/3/inputs/seed", "/4/inputs/noise_seed");
        assertThat(proposal.outputs()).isEqualTo(Set.of("9"));
        assertThat(proposal.models()).isEqualTo(Set.of("base.safetensors"));
        assertThat(proposal.video()).isFalse();
    }

    @Test
    void propose_twoEncodersOfOneModel_areAskedForOnce() {
        WorkflowImport proposal = WorkflowImport.propose("""
                {"1": {"class_type": "CLIPTextEncodeFlux", "inputs": {"clip_l": "a cat", "t5xxl": "a cat", "guidance": 3}},
                 "2": {"class_type": "BasicGuider", "inputs": {"conditioning": ["1", 0]}},
                 "9": {"class_type": "SaveWEBM", "inputs": {"images": ["2", 0]}}}
                """);

        assertThat(proposal.inputs())
                .extracting(Proposed::places)
                .containsExactly(List.of("/1/inputs/clip_l", "/1/inputs/t5xxl"));
        assertThat(proposal.inputs().get(0).spec().name()).isEqualTo("prompt");
        assertThat(proposal.video()).isTrue();
    }

    @Test
    void propose_editorsFormat_saysWhatToDo() {
        assertThatThrownBy(() -> WorkflowImport.propose("{\"nodes\": [], \"links\": []}"))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining("Export (API)");
    }

    @Test
    void propose_nothingSaves_saysWhatToDo() {
        assertThatThrownBy(() -> WorkflowImport.propose("{\"1\": {\"class_type\": \"PreviewImage\", \"inputs\": {}}}"))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining("Save Image");
    }

    private static Proposed find(WorkflowImport proposal, String name) {
        return proposal.inputs().stream()
                .filter(input -> input.spec().name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}

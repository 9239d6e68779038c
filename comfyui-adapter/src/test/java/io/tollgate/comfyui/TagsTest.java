package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.job.Needs;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TagsTest {
    @ParameterizedTest
    @ValueSource(strings = {"KSampler", "Image Save & Show|100%", "%26", "%2526", "a%7Cb|", "Ünï"})
    void node_anyName_fitsIntoNeedsAndComesBack(String name) {
        String tag = Tags.node(name);

        Needs needs = new Needs(Set.of("comfyui"), Set.of(tag));
        assertThat(Needs.parse(needs.toString())).isEqualTo(needs);
        assertThat(Tags.nodeClass(tag)).contains(name);
        assertThat(Tags.modelFile(tag)).isEmpty();
        assertThat(Tags.modelFile(Tags.model(name))).contains(name);
    }

    @Test
    void described_tag_isForPeople() {
        assertThat(Tags.described(Tags.node("A&B"))).isEqualTo("node A&B");
        assertThat(Tags.described(Tags.model("x|y.pt"))).isEqualTo("model x|y.pt");
        assertThat(Tags.described("vram:24")).isEqualTo("vram:24");
    }

    @ParameterizedTest
    @CsvSource({
        "base.safetensors, true",
        "sub\\base.SAFETENSORS, true",
        "up.pth, true",
        "flux.gguf, true",
        "face.onnx, true",
        ".pt, false",
        "photo.png, false",
        "safetensors, false"
    })
    void isModelFile_byItsEnding(String file, boolean model) {
        assertThat(Tags.isModelFile(file)).isEqualTo(model);
    }
}

package io.tollgate.app.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.comfyui.ComfyWorkflow;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The graphs that ship, worked out in sizes and counts of pictures as ComfyUI's core nodes would, for every option of
 * every choice.
 */
final class ShippedGraphsTest {
    /** What the nodes take, in releases 0.3.44 to 0.27.0 of ComfyUI alike. */
    private static final Map<String, Set<String>> CORE = Map.of(
            "LoadImage", Set.of("image"),
            "ImageScaleBy", Set.of("image", "upscale_method", "scale_by"),
            "ImageScale", Set.of("image", "upscale_method", "width", "height", "crop"),
            "ImageSharpen", Set.of("image", "sharpen_radius", "sigma", "alpha"),
            "ImageCrop", Set.of("image", "width", "height", "x", "y"),
            "ImageBatch", Set.of("image1", "image2"),
            "ImagePadForOutpaint", Set.of("image", "left", "top", "right", "bottom", "feathering"),
            "EmptyImage", Set.of("width", "height", "batch_size", "color"),
            "ImageCompositeMasked", Set.of("destination", "source", "x", "y", "resize_source", "mask"));

    private static final Map<String, Set<String>> SAVING = Map.of(
            "SaveImage", Set.of("images", "filename_prefix"),
            "SaveAnimatedWEBP", Set.of("images", "filename_prefix", "fps", "lossless", "quality", "method"));

    private static final AssetId PHOTO = new AssetId(new UUID(0, 1));

    /** One workflow with one set of options. */
    private record Case(Workflow workflow, Map<String, String> options) {
        @Override
        public String toString() {
            return workflow.name() + " " + options;
        }
    }

    /** Pictures of one size. */
    private record Pictures(int count, int width, int height) {}

    private static List<Workflow> shipped() {
        return new CatalogFiles(Optional.empty(), RetryPolicy.DEFAULT).load();
    }

    private static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Workflow workflow : shipped()) {
            List<Map<String, String>> combined = List.of(Map.of());
            for (InputSpec input : workflow.inputs()) {
                if (input instanceof InputSpec.Choice choice) {
                    List<Map<String, String>> longer = new ArrayList<>();
                    for (Map<String, String> before : combined) {
                        for (String option : choice.options()) {
                            Map<String, String> one = new HashMap<>(before);
                            one.put(choice.name(), option);
                            longer.add(one);
                        }
                    }
                    combined = longer;
                }
            }
            combined.forEach(options -> cases.add(new Case(workflow, options)));
        }
        return cases.stream();
    }

    @Test
    void shipped_allFive_haveARecipe_andNeedNoModels() {
        assertThat(shipped()).hasSize(5).allSatisfy(workflow -> {
            ComfyWorkflow recipe = ComfyWorkflow.parse(workflow.recipes().getOrDefault("comfyui", Map.of()));
            assertThat(recipe.requires()).allMatch(tag -> tag.startsWith("node:"));
            assertThat(recipe.isOutput("9")).isTrue();
            assertThat(recipe.isOutput("1")).isFalse();
        });
    }

    @Test
    void shipped_nodes_takeExactlyWhatCoreNodesTake() {
        for (Workflow workflow : shipped()) {
            graph(new Case(workflow, Map.of())).properties().forEach(entry -> {
                String classType = entry.getValue().path("class_type").textValue();
                Set<String> fields = new TreeSet<>();
                entry.getValue().path("inputs").fieldNames().forEachRemaining(fields::add);
                assertThat(fields)
                        .as("%s %s %s", workflow.name(), entry.getKey(), classType)
                        .isEqualTo(CORE.containsKey(classType) ? CORE.get(classType) : SAVING.get(classType));
            });
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shipped_anyOptions_makeWhatTheTitlePromises(Case each) {
        ObjectNode graph = graph(each);

        Pictures made = pictures(graph, graph.at("/9/inputs/images"));

        assertThat(graph.at("/1/inputs/image").textValue()).isEqualTo("photo-1.png");
        switch (each.workflow().name().value()) {
            case "image-enhance" -> assertThat(made).isEqualTo(new Pictures(1, 4800, 3600));
            case "image-frame" -> {
                assertThat(made.count()).isEqualTo(1);
                assertThat(made.width()).isGreaterThan(1200);
                assertThat(made.height()).isGreaterThan(900);
            }
            case "video-orbit" -> {
                assertThat(made).isEqualTo(new Pictures(36, 640, 360));
                assertThat(graph.at("/9/inputs/fps").decimalValue()).isEqualByComparingTo("9");
            }
            default -> {
                assertThat(made).isEqualTo(new Pictures(48, 640, 360));
                assertThat(graph.at("/9/inputs/fps").decimalValue()).isEqualByComparingTo("12");
            }
        }
    }

    @Test
    void videoPan_everyDirection_isASteadyMove() {
        Workflow pan = shipped().get(3);
        for (String direction : List.of("right", "left", "up", "down")) {
            ObjectNode graph = graph(new Case(pan, Map.of("direction", direction)));

            List<Integer> places = places(
                    graph, graph.at("/8/inputs/image"), Set.of("right", "left").contains(direction));

            List<Integer> steady = new ArrayList<>();
            for (int i = 0; i < 48; i++) {
                boolean forward = direction.equals("right") || direction.equals("down");
                steady.add(5 * (forward ? i : 47 - i));
            }
            assertThat(places).as(direction).isEqualTo(steady);
        }
    }

    private static ObjectNode graph(Case each) {
        Map<String, InputValue> inputs = new HashMap<>();
        inputs.put("image", new InputValue.Asset(PHOTO));
        inputs.put("scale", new InputValue.Whole(4));
        inputs.put("sharpen", new InputValue.Decimal(new BigDecimal("0.4")));
        inputs.put("seconds", new InputValue.Decimal(new BigDecimal("4")));
        inputs.put("size", new InputValue.Whole(640));
        each.options().forEach((name, option) -> inputs.put(name, new InputValue.Text(option)));
        return ComfyWorkflow.parse(each.workflow().recipes().getOrDefault("comfyui", Map.of()))
                .graph(inputs, asset -> "photo-" + asset.value().getLeastSignificantBits() + ".png");
    }

    /** The photo has 1200 x 900 pixels. */
    private static Pictures pictures(ObjectNode graph, JsonNode link) {
        ObjectNode node = (ObjectNode) graph.path(link.get(0).textValue());
        JsonNode inputs = node.path("inputs");
        switch (node.path("class_type").textValue()) {
            case "LoadImage" -> {
                return new Pictures(1, 1200, 900);
            }
            case "EmptyImage" -> {
                return new Pictures(
                        1,
                        inputs.path("width").intValue(),
                        inputs.path("height").intValue());
            }
            case "ImageScaleBy" -> {
                Pictures of = pictures(graph, inputs.path("image"));
                double by = inputs.path("scale_by").doubleValue();
                return new Pictures(of.count(), (int) (of.width() * by), (int) (of.height() * by));
            }
            case "ImageScale" -> {
                Pictures of = pictures(graph, inputs.path("image"));
                int width = inputs.path("width").intValue();
                int height = inputs.path("height").intValue();
                return new Pictures(
                        of.count(), width, height == 0 ? Math.round((float) of.height() * width / of.width()) : height);
            }
            case "ImageSharpen" -> {
                return pictures(graph, inputs.path("image"));
            }
            case "ImageCrop" -> {
                Pictures of = pictures(graph, inputs.path("image"));
                int width = inputs.path("width").intValue();
                int height = inputs.path("height").intValue();
                assertThat(inputs.path("x").intValue() + width).isBetween(width, of.width());
                assertThat(inputs.path("y").intValue() + height).isBetween(height, of.height());
                return new Pictures(of.count(), width, height);
            }
            case "ImageBatch" -> {
                Pictures first = pictures(graph, inputs.path("image1"));
                Pictures second = pictures(graph, inputs.path("image2"));
                assertThat(second.width()).isEqualTo(first.width());
                assertThat(second.height()).isEqualTo(first.height());
                return new Pictures(first.count() + second.count(), first.width(), first.height());
            }
            case "ImagePadForOutpaint" -> {
                Pictures of = pictures(graph, inputs.path("image"));
                return new Pictures(
                        of.count(),
                        of.width()
                                + inputs.path("left").intValue()
                                + inputs.path("right").intValue(),
                        of.height()
                                + inputs.path("top").intValue()
                                + inputs.path("bottom").intValue());
            }
            case "ImageCompositeMasked" -> {
                assertThat(inputs.path("resize_source").booleanValue()).isTrue();
                assertThat(inputs.path("mask").get(1).intValue()).isEqualTo(1);
                assertThat(inputs.path("mask").get(0))
                        .isEqualTo(inputs.path("destination").get(0));
                pictures(graph, inputs.path("source"));
                return pictures(graph, inputs.path("destination"));
            }
            default -> throw new AssertionError("no core node: " + node);
        }
    }

    /** Where the window of each frame stands, along or down. */
    private static List<Integer> places(ObjectNode graph, JsonNode link, boolean along) {
        JsonNode node = graph.path(link.get(0).textValue());
        JsonNode inputs = node.path("inputs");
        List<Integer> places = new ArrayList<>();
        switch (node.path("class_type").textValue()) {
            case "ImageCrop" -> {
                int off = inputs.path(along ? "x" : "y").intValue();
                assertThat(inputs.path(along ? "y" : "x").intValue()).isZero();
                places(graph, inputs.path("image"), along).forEach(place -> places.add(place + off));
            }
            case "ImageBatch" -> {
                places.addAll(places(graph, inputs.path("image1"), along));
                places.addAll(places(graph, inputs.path("image2"), along));
            }
            default -> places.add(0);
        }
        return places;
    }
}

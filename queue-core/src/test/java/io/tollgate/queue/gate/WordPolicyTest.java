package io.tollgate.queue.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.GraphReading;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.queue.workflow.Workflows;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WordPolicyTest {
    private final WordPolicy policy = new WordPolicy();

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                // plain words
                "sexual; a nude woman",
                "sexual; Naked people on a beach",
                "sexual; nsfw version of this photo",
                "sexual; a classical statue, nude",
                "sexual; two people having sex",
                "sexual; sexy woman in a kitchen",
                "sexual; seductive pose",
                "sexual; x-rated movie poster",
                "sexual; nude color photo of a woman",
                "sexual; seen with the naked eye of a naked woman",
                // disguises
                "sexual; N U D E portrait",
                "sexual; s.e.x scene",
                "sexual; s e x",
                "sexual; s-3-x",
                "sexual; n00d3 nud3 art",
                "sexual; n@ked man",
                "sexual; nuuuude portrait",
                "sexual; nu.de portrait",
                "sexual; n\u200Bu\u200Dd\u00ADe portrait",
                "sexual; n\u0301u\u0302d\u0303e portrait",
                "sexual; \uFF4E\uFF55\uFF44\uFF45 portrait",
                "sexual; \uD835\uDC27\uD835\uDC2E\uD835\uDC1D\uD835\uDC1E portrait",
                "sexual; nu\u0501\u0435 portrait",
                "sexual; \u0455\u0435\u0445",
                "sexual; p0rn",
                // undressing
                "undressing; undress her",
                "undressing; nudify this photo",
                "undressing; remove her clothes",
                "undressing; REMOVE all of the girl's clothing",
                "undressing; take off her shirt",
                "undressing; take her dress off",
                "undressing; the same woman without any clothes",
                "undressing; same photo, no clothes",
                "undressing; she is wearing nothing",
                "undressing; see through her dress",
                "undressing; get rid of his trousers",
                "undressing; clothes removal",
                "undressing; with her clothes off",
                "undressing; un-dress the person",
                // minors: the gravest rule wins
                "minors; a naked child",
                "minors; sexy teen",
                "minors; 12-year-old girl in lingerie",
                "minors; 15yo, topless",
                "minors; undress the schoolgirl",
                "minors; little girl in a seductive pose",
                "minors; k.i.d.s nude",
                "minors; una ni\u00F1a desnuda",
                "minors; \u88F8\u4F53\u306E\u5C11\u5973",
                "minors; loli",
                // likeness
                "likeness; deepfake of a senator",
                "likeness; face swap onto this actor",
                "likeness; swap her face",
                "likeness; put my face on his body",
                "likeness; replace his face with the mayor's face",
                "likeness; make it look like the mayor said he lost",
                "likeness; fake mugshot of my boss",
                "likeness; clone her voice",
                "likeness; impersonating the president",
                // degrading
                "degrading; humiliate my classmate",
                "degrading; make him look stupid",
                "degrading; make the woman in this photo look like an animal",
                "degrading; a poster bullying her",
                // other languages
                "sexual; una mujer desnuda",
                "sexual; femme nue",
                "sexual; eine nackte Frau",
                "sexual; mulher nua",
                "sexual; donna nuda",
                "sexual; \u0433\u043E\u043B\u0430\u044F \u0436\u0435\u043D\u0449\u0438\u043D\u0430",
                "sexual; \u5168\u88F8\u7684\u5973\u4EBA",
                "sexual; \u88F8\u306E\u5973",
                "sexual; \u88F8 \u306E \u5973",
                "sexual; \uC54C\uBAB8",
                "undressing; qu\u00EDtale la ropa",
                "undressing; enl\u00E8ve ses v\u00EAtements",
                "undressing; ohne Kleidung",
                "undressing; sem roupa",
                "undressing; senza vestiti",
                "undressing; \u0431\u0435\u0437 \u043E\u0434\u0435\u0436\u0434\u044B",
                "undressing; \u8131\u6389\u8863\u670D",
                "undressing; \u670D\u3092\u8131\u304C\u305B\u3066",
                "undressing; \uC637\uC744 \uBC97\uACA8",
                "likeness; \u6362\u8138",
            })
    void review_refusedExample_namesTheRule(String rule, String text) {
        PolicyVerdict verdict = review(text);

        assertThat(verdict).isInstanceOfSatisfying(PolicyVerdict.Refused.class, refused -> {
            assertThat(refused.rule()).isEqualTo(rule);
            assertThat(refused.field()).isEqualTo("inputs.prompt");
            assertThat(refused.message()).isNotBlank();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a red barn in the snow",
                "Scunthorpe town hall",
                "a cottage in Essex, Sussex or Middlesex",
                "a brass sextant on a map",
                "Pornic harbor at dawn",
                "nude color palette",
                "living room in nude tones",
                "nude lipstick on a table",
                "the comet seen with the naked eye",
                "naked mole-rat",
                "bare trees in winter",
                "naked trees in fog",
                "bare feet in the sand",
                "a bare-chested warrior statue",
                "breast cancer awareness poster",
                "grilled chicken breast",
                "sex education poster",
                "a same-sex couple at their wedding",
                "unisex haircut",
                "great tits at a bird feeder",
                "remove the background",
                "remove the stains from her dress",
                "remove the shirt wrinkles",
                "remove the red eyes of the girl",
                "a striped dress without sleeves",
                "take off from the runway",
                "a plane taking off, people in coats",
                "clothes off the rack",
                "clothes on a line",
                "she takes off her coat",
                "children playing on a beach",
                "a 12-year-old boy with a kite",
                "a 12 year old whisky",
                "my daughter's birthday cake",
                "teenager reading a book",
                "a clock face",
                "a smiley face on a mug",
                "make it look like it snowed",
                "a sign that looks like it says OPEN",
                "make the sky look like a painting",
                "degraded film look, faded colors",
                "mock-up of a website",
                "an Elvis impersonator on stage",
                "tic-tac-toe: X X X O O",
                "a wire stripper on a workbench",
                "the letters A B C D E F G",
                "1girl, 4k, 8k, sd3xl, f1.8",
                "cocktail analysis of an assassin in class",
                "Dick Turpin, Dickens and Hancock",
                "visible \u00E0 l'\u0153il nu",
                "pieds nus dans le sable",
                "a occhio nudo",
                "un nudo marinero",
                "mit blo\u00DFem Auge",
                "eine Nacktschnecke im Garten",
                "\u0433\u043E\u043B\u044B\u0435 \u0434\u0435\u0440\u0435\u0432\u044C\u044F",
                "\u88F8\u773C",
                "\u88F8\u306E\u738B\u69D8",
                "\u6E29\u6CC9\u306E\u8131\u8863\u6240",
                "\u30CC\u30FC\u30C8\u30EA\u30A2",
                "family portrait, no nudity",
                "\uD83D\uDE00\uD83D\uDE00\u200D\u2640\uFE0F",
            })
    void review_allowedExample_isAllowed(String text) {
        assertThat(review(text)).isEqualTo(new PolicyVerdict.Allowed());
    }

    @Test
    void review_halvesInDifferentFields_areSeenTogether() {
        PolicyVerdict verdict =
                policy.review(request(Map.of("inputs.prompt", "a child at home", "inputs.style", "sensual")));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        PolicyVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("minors"));
    }

    @Test
    void review_negativeField_mayNameWhatIsNotWanted() {
        assertThat(policy.review(request(Map.of("inputs.negative_prompt", "nsfw, nude, naked"))))
                .isEqualTo(new PolicyVerdict.Allowed());
    }

    @Test
    void review_negativeFieldNamesClothes_isRefused() {
        assertThat(policy.review(
                        request(Map.of("inputs.prompt", "a woman", "inputs.negative_prompt", "clothes, dress"))))
                .isInstanceOfSatisfying(PolicyVerdict.Refused.class, refused -> {
                    assertThat(refused.rule()).isEqualTo("undressing");
                    assertThat(refused.field()).isEqualTo("inputs.negative_prompt");
                });
    }

    @Test
    void review_longerThanReviewed_isRefusedUnread() {
        assertThat(review("a".repeat(WordPolicy.MAX_LENGTH))).isEqualTo(new PolicyVerdict.Allowed());
        assertThat(review("a".repeat(WordPolicy.MAX_LENGTH + 1)))
                .isInstanceOfSatisfying(
                        PolicyVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("too_long"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.", "a ", "the ", "remove the ", "look like a ", "\uFDFA", "\u0301", "naked eye ", "1"})
    void review_longestHostileText_isQuick(String part) {
        String text = part.repeat(WordPolicy.MAX_LENGTH / part.length());

        // far more than it takes, far less than anything quadratic would
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> review(text));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void review_anyText_neverThrows(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(200); i > 0; i--) {
                text.append((char) (random.nextInt(3) == 0 ? random.nextInt(0x10000) : random.nextInt(128)));
            }

            assertThat(review(text.toString())).isNotNull();
        }
    }

    static LongStream seeds() {
        return LongStream.concat(LongStream.of(1, 2), new Random().longs(2));
    }

    @Test
    void of_checkedInputs_showsFreeTextsOnly() {
        Workflow workflow = Workflows.workflow("paint", Workflows.EVERY_KIND);

        PolicyRequest request = PolicyRequest.of(
                new UserId("me"),
                workflow,
                Map.of(
                        "prompt", new InputValue.Text("a red barn"),
                        "style", new InputValue.Text("photo"),
                        "strength", new InputValue.Decimal(BigDecimal.ONE)),
                Optional.of(new GraphReading.Fit("comfyui", Set.of(), List.of(), Map.of("6.text", "a boat"))));

        assertThat(request.texts()).isEqualTo(Map.of("inputs.prompt", "a red barn", "graph.6.text", "a boat"));
        assertThat(request.toString()).doesNotContain("barn");
    }

    private PolicyVerdict review(String text) {
        return policy.review(request(Map.of("inputs.prompt", text)));
    }

    private static PolicyRequest request(Map<String, String> texts) {
        return new PolicyRequest(new UserId("me"), new WorkflowName("paint"), texts);
    }
}

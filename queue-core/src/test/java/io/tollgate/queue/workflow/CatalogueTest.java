package io.tollgate.queue.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.job.WorkflowName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CatalogueTest {
    private final Catalogue catalogue = Catalogue.of(List.of(
            Workflows.workflow("video-pan"), Workflows.workflow("image-enhance"), Workflows.workflow("image-frame")));

    @Test
    void all_anyOrderGiven_isByName() {
        assertThat(catalogue.all())
                .extracting(workflow -> workflow.name().value())
                .containsExactly("image-enhance", "image-frame", "video-pan");
    }

    @Test
    void find_knownAndUnknown_isThereOrEmpty() {
        assertThat(catalogue.find(new WorkflowName("video-pan"))).isPresent();
        assertThat(catalogue.find(new WorkflowName("video-zoom"))).isEmpty();
    }

    @Test
    void of_sameNameTwice_isRefused() {
        assertThatThrownBy(() -> Catalogue.of(List.of(Workflows.workflow("a"), Workflows.workflow("a"))))
                .isInstanceOf(InvalidWorkflowException.class)
                .hasMessageContaining("workflow a");
    }

    @ParameterizedTest
    @CsvSource({
        "image-enhanc, image-enhance",
        "Image_Enhance, image-enhance",
        "imgae-frame, image-frame",
        "videopan, video-pan",
    })
    void nearest_typingError_findsWhatWasMeant(String typed, String meant) {
        assertThat(catalogue.nearest(typed)).contains(new WorkflowName(meant));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "zzz", "../../etc/passwd", "\u0000\uD800"})
    void nearest_nothingLikeIt_isEmpty(String typed) {
        assertThat(catalogue.nearest(typed)).isEmpty();
    }

    @Test
    void reload_changedSource_swapsWhatIsCurrent() {
        List<Workflow> files = new ArrayList<>(List.of(Workflows.workflow("a")));
        ReloadableCatalogue reloadable = new ReloadableCatalogue(() -> List.copyOf(files));
        Catalogue before = reloadable.current();

        files.set(0, Workflows.workflow("b"));
        Catalogue after = reloadable.reload();

        assertThat(reloadable.current()).isSameAs(after);
        assertThat(after.find(new WorkflowName("b"))).isPresent();
        assertThat(before.find(new WorkflowName("a"))).isPresent();
    }

    @Test
    void reload_brokenSource_leavesTheOldOne() {
        List<Workflow> files = new ArrayList<>(List.of(Workflows.workflow("a")));
        ReloadableCatalogue reloadable = new ReloadableCatalogue(() -> List.copyOf(files));
        Catalogue before = reloadable.current();
        files.add(Workflows.workflow("a"));

        assertThatThrownBy(reloadable::reload).isInstanceOf(InvalidWorkflowException.class);

        assertThat(reloadable.current()).isSameAs(before);
    }
}

package io.tollgate.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program in the guide is the one that is run here. */
final class EmbeddingGuideTest {
    private static final int LINES_AT_MOST = 40;

    @TempDir
    Path folder;

    @Test
    void guide_showsTheProgram_inFortyLines() throws IOException {
        List<String> guide = Files.readAllLines(Path.of("..", "docs", "embedding.md"));
        int start = guide.indexOf("```java") + 1;
        List<String> shown =
                guide.subList(start, start + guide.subList(start, guide.size()).indexOf("```"));

        List<String> source = Files.readAllLines(Path.of("src/test/java/io/tollgate/docs/EmbeddingExample.java"));
        int mark = source.indexOf("// the guide shows what follows");

        assertThat(shown).isEqualTo(source.subList(mark + 1, source.size())).hasSizeLessThanOrEqualTo(LINES_AT_MOST);
    }

    @Test
    @Timeout(120)
    void program_enhancesAPhoto() throws Exception {
        Path photo = folder.resolve("photo.png");
        ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", photo.toFile());
        Path result = folder.resolve("result");

        EmbeddingExample.main(new String[] {photo.toString(), result.toString()});

        assertThat(ImageIO.read(result.toFile()).getWidth()).isGreaterThanOrEqualTo(40);
    }
}

package io.tollgate.queue.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.media.ContentTypes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link MediaProcessor} must do. Extend it and give it a processor and files that it takes. */
public abstract class MediaProcessorContract {
    /** The processor under test. */
    protected abstract MediaProcessor processor();

    /** Whole files by media type, at least one: of each type that the processor takes. */
    protected abstract Map<String, byte[]> files() throws IOException;

    private String process(byte[] file, String type, ByteArrayOutputStream out) throws IOException {
        return processor().process(new ByteArrayInputStream(file), type, out);
    }

    @Test
    void process_fileItAccepts_writesAFileOfTheTypeItNames() throws IOException {
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            assertThat(processor().accepts(file.getKey())).as(file.getKey()).isTrue();
            ByteArrayOutputStream out = new ByteArrayOutputStream();

            String type = process(file.getValue(), file.getKey(), out);

            assertThat(ContentTypes.sniff(out.toByteArray())).as(file.getKey()).isEqualTo(type);
        }
    }

    @Test
    void process_sameFileTwice_writesTheSame() throws IOException {
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            ByteArrayOutputStream first = new ByteArrayOutputStream();
            ByteArrayOutputStream second = new ByteArrayOutputStream();

            process(file.getValue(), file.getKey(), first);
            process(file.getValue(), file.getKey(), second);

            assertThat(second.toByteArray()).as(file.getKey()).isEqualTo(first.toByteArray());
        }
    }

    @Test
    void process_fileThatIsNotWhatItSays_isRefused() throws IOException {
        byte[] garbage = "not a file of any kind".getBytes(StandardCharsets.UTF_8);
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            byte[] cut = Arrays.copyOf(file.getValue(), 20);

            assertThatThrownBy(() -> process(garbage, file.getKey(), new ByteArrayOutputStream()))
                    .as(file.getKey())
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> process(cut, file.getKey(), new ByteArrayOutputStream()))
                    .as(file.getKey())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void process_fileThatCantBeRead_tellsWhy() throws IOException {
        IOException lost = new IOException("the disk is gone");
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw lost;
            }

            @Override
            public int read(byte[] bytes, int from, int count) throws IOException {
                throw lost;
            }
        };
        String type = files().keySet().iterator().next();

        assertThatThrownBy(() -> processor().process(broken, type, new ByteArrayOutputStream()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void accepts_whatNobodyKnows_isNo() {
        assertThat(processor().accepts(ContentTypes.UNKNOWN)).isFalse();
        assertThat(processor().accepts("text/plain")).isFalse();
    }
}

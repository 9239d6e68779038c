package io.tollgate.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a benchmark ran on. */
public final class Machine {
    private Machine() {}

    /**
     * Java, system, processors, file system and database, by name.
     *
     * @param home where the databases go
     */
    public static Map<String, Object> about(Path home) throws IOException {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        about.put(
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        about.put("cpu", Runtime.getRuntime().availableProcessors() + " x " + cpuModel());
        about.put(
                "fileSystem", Files.getFileStore(Files.createDirectories(home)).type());
        about.put("sqlite", org.sqlite.SQLiteJDBCLoader.getVersion() + ", " + Sqlite.settings());
        return about;
    }

    private static String cpuModel() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return "unknown";
        }
        Optional<String> model = Files.readAllLines(info, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst();
        return model.map(line -> line.substring(line.indexOf(':') + 1).trim()).orElse("unknown");
    }
}

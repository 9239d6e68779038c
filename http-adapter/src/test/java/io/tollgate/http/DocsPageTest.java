package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.http.ApiHouse.Seen;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

final class DocsPageTest {
    private static Set<String> all(String pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static String page() {
        return new String(OpenApi.shipped().page().bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void html_ofTheContract_isWellFormed() throws Exception {
        String closed = page().replaceFirst("<!DOCTYPE html>", "").replaceAll("<meta ([^>]*)>", "<meta $1/>");

        org.w3c.dom.Document read = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(closed)));

        assertThat(read.getElementsByTagName("article").getLength()).isGreaterThan(60);
    }

    @Test
    void html_ofTheContract_showsEveryOperationAndEachLinkLeadsSomewhere() {
        String page = page();
        Set<String> ids = all(" id=\"([^\"]+)\"", page);

        for (Contract.Operation operation : new Contract(OpenApi.shipped().document()).operations()) {
            assertThat(ids).contains(operation.node().path("operationId").asText());
            assertThat(page).contains("<code>" + operation.path() + "</code>");
        }
        assertThat(ids).containsAll(all("href=\"#([^\"]+)\"", page));
        assertThat(all("href=\"([^#\"][^\"]*)\"", page)).containsExactly("/openapi.json", "/openapi.yaml");
        assertThat(page).doesNotContain("src=").doesNotContain("<script").doesNotContain("<link");
    }

    @Test
    void html_ofMarkupInTheDocument_isText() {
        JsonNode document = OpenApi.shipped().document().deepCopy();
        String evil = "</p><script>alert('x')</script> `\"&<b>`";
        ((ObjectNode) document.path("info")).put("description", evil).put("title", evil);
        ((ObjectNode) document.at("/paths/~1healthz/get"))
                .put("operationId", "\" onclick=\"x")
                .put("summary", evil);

        String page = new DocsPage(document, "").html();

        assertThat(page).doesNotContain("<script").doesNotContain("\" onclick").contains("&lt;script&gt;");
    }

    @Test
    void docs_asked_isAPageThatMayLoadNothing(@TempDir Path home) throws Exception {
        try (ApiHouse house = new ApiHouse(home)) {
            Seen seen = house.get("/docs", "");

            String style = seen.text().replaceFirst("(?s).*<style>", "").replaceFirst("(?s)</style>.*", "");
            String hash = Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8)));
            assertThat(seen.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
            assertThat(seen.header("Content-Security-Policy"))
                    .startsWith("default-src 'none'; style-src 'sha256-" + hash + "'")
                    .contains("frame-ancestors 'none'");
            assertThat(house.get("/openapi.json", "").json())
                    .isEqualTo(ApiJson.read(ApiJson.bytes(OpenApi.shipped().document())));
            assertThat(house.get("/openapi.yaml", "").text()).contains("openapi: '3.1.1'");
        }
    }
}

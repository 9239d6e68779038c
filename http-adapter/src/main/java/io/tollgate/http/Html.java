package io.tollgate.http;

import java.util.ArrayDeque;
import java.util.Deque;

/** Writes well-formed HTML. Whatever is given as text or as an attribute's value is escaped. Used by one thread. */
final class Html {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * Opens an element.
     *
     * @param attributes names and values in turn
     */
    Html open(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            out.append('"');
        }
        out.append('>');
        open.push(element);
        return this;
    }

    /** Closes the element that was opened last. */
    Html close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** An element that is never closed. */
    Html single(String element, String... attributes) {
        open(element, attributes);
        open.pop();
        return this;
    }

    Html text(String text) {
        escape(text);
        return this;
    }

    /** An element with nothing but a text. */
    Html element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close();
    }

    Html line() {
        out.append('\n');
        return this;
    }

    /** Style or markup of our own, as it is. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** One paragraph's words, in which what stands between backticks is code. */
    Html words(String text) {
        String[] parts = text.split("`", -1);
        for (int i = 0; i < parts.length; i++) {
            if (i % 2 == 1) {
                element("code", parts[i]);
            } else {
                text(parts[i]);
            }
        }
        return this;
    }

    /** Paragraphs and lists, parted by empty lines; an item of a list begins with a dash. */
    Html prose(String text) {
        for (String block : text.strip().split("\n\\s*\n", -1)) {
            if (block.startsWith("- ")) {
                open("ul");
                for (String item : block.substring(2).split("\n- ", -1)) {
                    open("li").words(item).close();
                }
                close().line();
            } else if (!block.isBlank()) {
                open("p").words(block).close().line();
            }
        }
        return this;
    }

    private void escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
    }

    /**
     * All that was written.
     *
     * @throws IllegalStateException if an element is open
     */
    String done() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("still open: " + open);
        }
        return out.toString();
    }
}

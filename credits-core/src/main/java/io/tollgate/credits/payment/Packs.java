package io.tollgate.credits.payment;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The book of packs by name. Immutable. Nothing is sold as long as there are none. */
public final class Packs {
    /** Nothing is sold. */
    public static final Packs NONE = new Packs(List.of());

    private final Map<String, Pack> byName;

    /**
     * A book of these packs, in this order.
     *
     * @throws IllegalArgumentException if a name comes twice
     */
    public Packs(Collection<Pack> packs) {
        Map<String, Pack> book = new LinkedHashMap<>();
        for (Pack pack : packs) {
            if (book.put(pack.name(), pack) != null) {
                throw new IllegalArgumentException("the pack is there twice: " + pack.name());
            }
        }
        byName = Collections.unmodifiableMap(book);
    }

    /** The pack of this name, if the book has it. */
    public Optional<Pack> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** All of them, in the order of the book. */
    public List<Pack> all() {
        return List.copyOf(byName.values());
    }

    /** All names, in the order of the book. */
    public Set<String> names() {
        return byName.keySet();
    }

    @Override
    public String toString() {
        return "Packs" + byName.keySet();
    }
}

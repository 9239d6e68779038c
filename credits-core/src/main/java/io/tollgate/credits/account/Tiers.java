package io.tollgate.credits.account;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The book of tiers by name. Immutable. There is always a {@link Tier#STANDARD standard} one. */
public final class Tiers {
    /**
     * The tiers that come with Tollgate: {@code standard}; {@code silver}, which pays a tenth less; {@code gold}, which
     * pays nothing; and {@code black_gold}, which pays nothing, has no quotas and goes first. Who pays nothing is still
     * not served without end.
     */
    public static final Tiers SHIPPED = new Tiers(List.of(
            new Tier(Tier.STANDARD, Perks.NONE),
            new Tier("silver", new Perks(Optional.empty(), false, false, 10, false, OptionalInt.empty())),
            new Tier("gold", new Perks(Optional.empty(), true, false, 0, false, OptionalInt.empty())),
            new Tier("black_gold", new Perks(Optional.of("vip"), true, true, 0, false, OptionalInt.empty()))));

    private final Map<String, Tier> byName;

    /**
     * A book of these tiers, in this order.
     *
     * @throws IllegalArgumentException if a name comes twice or there is no {@code standard}
     */
    public Tiers(Collection<Tier> tiers) {
        Map<String, Tier> book = new LinkedHashMap<>();
        for (Tier tier : tiers) {
            if (book.put(tier.name(), tier) != null) {
                throw new IllegalArgumentException("the tier is there twice: " + tier.name());
            }
        }
        if (!book.containsKey(Tier.STANDARD)) {
            throw new IllegalArgumentException("there must be a tier '" + Tier.STANDARD + "' among " + book.keySet());
        }
        byName = Collections.unmodifiableMap(book);
    }

    /** The tier of this name; the standard one if the book has none, as when a stored tier left the configuration. */
    public Tier tier(String name) {
        return find(name).orElseGet(this::standard);
    }

    /** The tier of this name, if the book has it. */
    public Optional<Tier> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The tier of those who have no other. */
    public Tier standard() {
        return find(Tier.STANDARD).orElseThrow();
    }

    /** All names, in the order of the book. */
    public Set<String> names() {
        return byName.keySet();
    }

    @Override
    public String toString() {
        return "Tiers" + byName.keySet();
    }
}

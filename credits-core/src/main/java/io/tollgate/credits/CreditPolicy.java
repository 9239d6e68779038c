package io.tollgate.credits;

import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.Trial;
import java.util.Optional;

/**
 * What users get, as data. Immutable.
 *
 * @param tiers what each tier is worth
 * @param trial what everybody may try things out with; empty for nothing
 */
public record CreditPolicy(Tiers tiers, Optional<Trial> trial) {
    /** The tiers that come with Tollgate, and no presents. */
    public static final CreditPolicy PLAIN = new CreditPolicy(Tiers.SHIPPED, Optional.empty());
}

package io.tollgate.credits.ledger;

/**
 * What became of a wish to draw.
 *
 * @param draw the day's draw
 * @param again whether it had been drawn before
 */
public record DrawResult(Draw draw, boolean again) {}

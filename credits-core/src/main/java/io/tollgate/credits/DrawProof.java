package io.tollgate.credits;

import java.time.LocalDate;
import java.util.Optional;

/**
 * What may be known of the secret that a day's draws are made of.
 *
 * @param hash the SHA-256 of the secret's bytes, in hex digits
 * @param secret the secret in hex digits; empty until the day is over
 */
public record DrawProof(LocalDate day, String hash, Optional<String> secret) {}

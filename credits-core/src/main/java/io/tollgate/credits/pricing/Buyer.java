package io.tollgate.credits.pricing;

import io.tollgate.credits.account.Perks;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * Who asks for a price, and when.
 *
 * @param perks those of the tier in force
 * @param percentOff what the day's draw takes off, 0 to 100
 * @param today the day it is
 * @param zone where it is that day
 */
public record Buyer(Perks perks, int percentOff, LocalDate today, ZoneId zone) {}

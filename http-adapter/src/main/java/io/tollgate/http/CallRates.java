package io.tollgate.http;

/**
 * How often one may call.
 *
 * @param perKey calls a minute of one key; 0 for no limit
 * @param perAddress calls a minute of an address without a key; 0 for no limit
 */
public record CallRates(int perKey, int perAddress) {
    /** What an operator who configures nothing gets. */
    public static final CallRates DEFAULT = new CallRates(600, 120);

    public CallRates {
        if (perKey < 0 || perAddress < 0) {
            throw new IllegalArgumentException("a rate must be 0 or more: " + perKey + ", " + perAddress);
        }
    }
}

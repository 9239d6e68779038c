package io.tollgate.queue.gate;

/** Holds the shipped policy to the contract of all. */
final class WordPolicyContractTest extends ContentPolicyContract {
    private final WordPolicy policy = new WordPolicy();

    @Override
    protected ContentPolicy policy() {
        return policy;
    }

    @Override
    protected String allowed() {
        return "a lighthouse at dawn";
    }

    @Override
    protected String refused() {
        return "undress her";
    }
}

package io.tollgate.comfyui.sim;

/** Bytes that are handed on, never copied and never changed. */
final class Bytes {

    static final Bytes NONE = new Bytes(new byte[0]);

    private final byte[] array;

    private Bytes(byte[] array) {
        this.array = array;
    }

    static Bytes of(byte[] array) {
        return new Bytes(array);
    }

    /** The bytes themselves; not to be changed. */
    byte[] array() {
        return array;
    }

    int length() {
        return array.length;
    }
}

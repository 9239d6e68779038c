package io.tollgate.java2d;

import java.io.IOException;

/** A way to make a file from a picture: one renderer that workflows can name. Safe for use by many threads. */
interface Recipe {
    /** The name by which a workflow's recipe asks for it. */
    String name();

    /**
     * Checks a request without touching its files.
     *
     * @throws Refusal if something is missing, of another type or out of range
     */
    Render plan(Parameters parameters) throws Refusal;

    /** A checked request, ready to be carried out. */
    @FunctionalInterface
    interface Render {
        /**
         * Makes the output. Looks at the bench's stop sign all along.
         *
         * @throws BadPictureException if the input file can't be used
         * @throws IOException if it was stopped, or a file can't be read or written
         */
        void run(Workbench bench) throws IOException;
    }
}

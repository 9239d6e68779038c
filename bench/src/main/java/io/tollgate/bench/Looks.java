package io.tollgate.bench;

import java.util.Arrays;

/** How long a question takes, asked again and again by one thread. */
final class Looks {
    private Looks() {}

    /** What is asked. */
    interface Question {
        /**
         * Asks it.
         *
         * @param number counts from 0
         */
        void ask(int number) throws Exception;
    }

    /**
     * Asks so often after a warm-up that is as long.
     *
     * @return the nanoseconds of each, ascending
     */
    static double[] nanos(int times, Question question) throws Exception {
        double[] nanos = new double[times];
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < times; i++) {
                long begin = System.nanoTime();
                question.ask(i);
                nanos[i] = System.nanoTime() - begin;
            }
        }
        Arrays.sort(nanos);
        return nanos;
    }
}

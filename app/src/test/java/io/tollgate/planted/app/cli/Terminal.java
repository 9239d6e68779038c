package io.tollgate.planted.app.cli;

final class Terminal {
    void print() {
        System.out.println("allowed here");
    }
}

package io.tollgate.planted.java2d;

final class Annotated {
    @com.google.inject.Inject
    Annotated() {}
}

package io.tollgate.planted.java2d;

public final class AllowedPainter {}

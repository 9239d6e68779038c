package io.tollgate.planted.unmarked;

import org.jspecify.annotations.NullMarked;

@NullMarked
final class Somebody {}

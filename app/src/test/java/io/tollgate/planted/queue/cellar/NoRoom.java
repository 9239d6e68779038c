package io.tollgate.planted.queue.cellar;

final class NoRoom {}

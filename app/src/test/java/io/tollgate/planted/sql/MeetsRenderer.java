package io.tollgate.planted.sql;

final class MeetsRenderer {
    io.tollgate.planted.java2d.AllowedPainter painter() {
        return new io.tollgate.planted.java2d.AllowedPainter();
    }
}

package io.tollgate.planted.sql;

final class KnowsApp {
    io.tollgate.planted.app.AllowedProgram program() {
        return new io.tollgate.planted.app.AllowedProgram();
    }
}

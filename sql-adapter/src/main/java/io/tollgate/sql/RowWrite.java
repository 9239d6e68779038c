package io.tollgate.sql;

import java.sql.SQLException;

/** A change of rows that the rules of jobs and credits know nothing of. */
@FunctionalInterface
interface RowWrite {
    /**
     * Does it, in the transaction that is open. May be called again after the transaction failed.
     *
     * @return how many rows it changed
     */
    int run(HotStatements statements) throws SQLException;
}

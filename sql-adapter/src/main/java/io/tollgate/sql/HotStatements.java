package io.tollgate.sql;

import java.sql.Connection;
import java.util.HashMap;
import java.util.Map;

/** The hot path's statements of one connection, each prepared once. Confined to the connection's thread. */
public final class HotStatements implements AutoCloseable {
    private final Connection connection;
    private final Map<String, HotStatement> bySql = new HashMap<>();

    public HotStatements(Connection connection) {
        this.connection = connection;
    }

    /** The statement with this text, the same one each time; prepared at its first use. Keep it in a field. */
    public HotStatement statement(String sql) {
        return bySql.computeIfAbsent(sql, text -> new HotStatement(connection, text));
    }

    /** Forgets what is bound and batched anywhere: call it from {@link BatchHandler#discard}. */
    public void clear() {
        bySql.values().forEach(HotStatement::clear);
    }

    @Override
    public void close() {
        bySql.values().forEach(HotStatement::close);
    }
}

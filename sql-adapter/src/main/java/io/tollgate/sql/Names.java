package io.tollgate.sql;

import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.WorkflowName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The names that rows refer to by number, and the numbers that new names get. The tables are small: one row for each
 * workflow, queue, model, backend, node and requirement set that was ever seen. Confined to one thread.
 */
final class Names {
    final Numbered<WorkflowName> workflows = new Numbered<>("workflow");
    final Numbered<QueueName> queues = new Numbered<>("queue");
    final Numbered<ModelName> models = new Numbered<>("model");
    final Numbered<BackendId> backends = new Numbered<>("backend");
    final Numbered<NodeId> nodes = new Numbered<>("node");
    final Numbered<RequirementSet> requirements = new Numbered<>("requirement");

    /** All names there are. */
    static Names load(Connection connection) throws SQLException {
        Names names = loadDriving(connection);
        load(connection, names.workflows, WorkflowName::new);
        load(connection, names.queues, QueueName::new);
        load(connection, names.models, ModelName::new);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, queue_id, lane, model_id, needs FROM requirement")) {
            while (row.next()) {
                names.requirements.put(
                        row.getLong(1),
                        new RequirementSet(
                                names.queues.name(row.getLong(2)),
                                Codes.lane(row.getInt(3)),
                                names.models.name(row.getLong(4)),
                                row.getString(5)));
            }
        }
        return names;
    }

    /** The names of backends and nodes alone. */
    static Names loadDriving(Connection connection) throws SQLException {
        Names names = new Names();
        load(connection, names.backends, BackendId::new);
        load(connection, names.nodes, NodeId::new);
        return names;
    }

    private static <T> void load(Connection connection, Numbered<T> names, Function<String, T> of) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, name FROM " + names.table)) {
            while (row.next()) {
                names.put(row.getLong(1), of.apply(row.getString(2)));
            }
        }
    }

    /** The names in one table. */
    static final class Numbered<T> {
        private final String table;
        private final Map<T, Long> numbers = new HashMap<>();
        private final Map<Long, T> names = new HashMap<>();
        private final List<T> added = new ArrayList<>(0);
        private long last;

        private Numbered(String table) {
            this.table = table;
        }

        private void put(long number, T name) {
            numbers.put(name, number);
            names.put(number, name);
            last = Math.max(last, number);
        }

        /** The number of a name. A new one is to be inserted: see {@link #takeAdded}. */
        long number(T name) {
            Long known = numbers.get(name);
            if (known != null) {
                return known;
            }
            put(last + 1, name);
            added.add(name);
            return last;
        }

        /** The number of a name, if it has one. */
        @Nullable Long find(T name) {
            return numbers.get(name);
        }

        T name(long number) {
            T name = names.get(number);
            if (name == null) {
                throw new IllegalArgumentException("no " + table + " has the key " + number);
            }
            return name;
        }

        Map<T, Long> all() {
            return numbers;
        }

        /** The names that aren't in the table yet, each once. */
        List<T> takeAdded() {
            if (added.isEmpty()) {
                return List.of();
            }
            List<T> taken = List.copyOf(added);
            added.clear();
            return taken;
        }
    }
}

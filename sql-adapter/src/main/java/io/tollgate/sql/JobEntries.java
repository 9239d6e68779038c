package io.tollgate.sql;

import io.tollgate.queue.job.JobId;
import io.tollgate.sql.Batch.JobEntry;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** So many jobs, to be found by id and by key; those go that were put in first. Confined to the writer's thread. */
final class JobEntries {
    private final Map<Long, JobEntry> byKey = new HashMap<>();
    private final Map<JobId, JobEntry> byId;

    JobEntries(int most) {
        byId = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<JobId, JobEntry> eldest) {
                boolean tooMany = size() > most;
                if (tooMany) {
                    byKey.remove(eldest.getValue().key);
                }
                return tooMany;
            }
        };
    }

    @Nullable JobEntry get(JobId id) {
        return byId.get(id);
    }

    @Nullable JobEntry get(long key) {
        return byKey.get(key);
    }

    boolean contains(JobId id) {
        return byId.containsKey(id);
    }

    int size() {
        return byId.size();
    }

    Collection<JobEntry> values() {
        return Collections.unmodifiableCollection(byId.values());
    }

    void put(JobEntry entry) {
        byId.put(entry.job.id(), entry);
        byKey.put(entry.key, entry);
    }

    void remove(JobEntry entry) {
        byId.remove(entry.job.id());
        byKey.remove(entry.key);
    }
}

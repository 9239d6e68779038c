-- Deliveries that wait for others, and a log of the tries.

-- A new state: 3, one that waits for what is owed before it to the same target. SQLite changes no CHECK in place.
CREATE TABLE delivery_new (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    job_id INTEGER NOT NULL REFERENCES job (id),
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    event INTEGER NOT NULL CHECK (event BETWEEN 0 AND 6),
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    tries INTEGER NOT NULL CHECK (tries >= 0),
    next_at INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO delivery_new SELECT id, uuid, job_id, channel, address, event, state, tries, next_at, last_error, created_at
FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_new RENAME TO delivery;

CREATE INDEX delivery_due ON delivery (next_at) WHERE state IN (0, 3);
CREATE INDEX delivery_dead ON delivery (id) WHERE state = 2;
-- What is over keeps the time of its last try here, so that it is forgotten some time after it, not after it was owed.
CREATE INDEX delivery_over ON delivery (next_at) WHERE state IN (1, 2);
CREATE INDEX delivery_owed ON delivery (id) WHERE state IN (0, 3);
CREATE INDEX delivery_job ON delivery (job_id);
-- What a standing endpoint was told; the addresses that are named with jobs are looked for by their jobs.
CREATE INDEX delivery_endpoint ON delivery (address) WHERE substr(address, 1, 9) = 'endpoint:';

-- The tries, in the order of their ids, at most 20 of a delivery.
CREATE TABLE delivery_try (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 1),
    at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
    status INTEGER,
    error TEXT,
    answer TEXT
) STRICT;
CREATE INDEX delivery_try_delivery ON delivery_try (delivery_id);

-- //@UNDO
DROP TABLE delivery_try;
CREATE TABLE delivery_old (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    job_id INTEGER NOT NULL REFERENCES job (id),
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    event INTEGER NOT NULL CHECK (event BETWEEN 0 AND 6),
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
    tries INTEGER NOT NULL CHECK (tries >= 0),
    next_at INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO delivery_old SELECT id, uuid, job_id, channel, address, event, iif(state = 3, 0, state), tries,
    iif(state = 3, created_at, next_at), last_error, created_at
FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_old RENAME TO delivery;
CREATE INDEX delivery_due ON delivery (next_at) WHERE state = 0;
CREATE INDEX delivery_dead ON delivery (id) WHERE state = 2;

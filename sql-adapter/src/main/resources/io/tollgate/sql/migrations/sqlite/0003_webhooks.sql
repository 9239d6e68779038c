-- Who is told of all jobs of a user. Seldom written; a submission asks the memory, not these.

-- Standing addresses. The secrets are kept as they are: one can't sign with a hash.
CREATE TABLE endpoint (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    user_id TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL CHECK (events <> ''), -- words with a space between
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_until INTEGER,
    created_at INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 1),
    reason TEXT,
    failing_since INTEGER,
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
) STRICT;

CREATE INDEX endpoint_user ON endpoint (user_id);

-- What messages to the addresses are signed with that users name with their jobs.
CREATE TABLE user_secret (
    user_id TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_until INTEGER,
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
) STRICT, WITHOUT ROWID;

-- //@UNDO
DROP TABLE user_secret;
DROP TABLE endpoint;

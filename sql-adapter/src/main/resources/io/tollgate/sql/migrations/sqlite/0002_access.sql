-- Who may come in, and small values of any room. Seldom written; nothing of a job's way goes through here.

-- Keys to the HTTP API. Their secrets are known to nobody: a key is found by a keyed hash of its secret, in hex.
CREATE TABLE api_key (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL CHECK (scopes <> ''), -- words with a space between
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    revoked_by TEXT,
    last_used_at INTEGER,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
) STRICT;

CREATE INDEX api_key_user ON api_key (user_id);

CREATE TABLE state_value (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX state_value_expiry ON state_value (expires_at) WHERE expires_at IS NOT NULL;

-- //@UNDO
DROP TABLE state_value;
DROP TABLE api_key;

-- The tables that the migrations and the shared commits need themselves. Made before the first script, never undone:
-- the audit outlives every schema. Statements end in ';' unless @DELIMITER says otherwise.

-- What is applied now. The first three columns are mybatis-migrations' own.
CREATE TABLE IF NOT EXISTS schema_changelog (
    id INTEGER PRIMARY KEY,
    applied_at TEXT NOT NULL,
    description TEXT NOT NULL,
    checksum TEXT
);

-- What was ever done, append-only.
CREATE TABLE IF NOT EXISTS schema_audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('UP', 'DOWN')),
    version INTEGER NOT NULL,
    script TEXT NOT NULL,
    checksum TEXT NOT NULL,
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0)
);

-- One row, raised by each shared commit: tells after a failed COMMIT whether it happened.
CREATE TABLE IF NOT EXISTS commit_seq (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL
);
INSERT INTO commit_seq (id, seq) VALUES (1, 0) ON CONFLICT DO NOTHING;

-- @DELIMITER !
CREATE TRIGGER IF NOT EXISTS schema_audit_no_update BEFORE UPDATE ON schema_audit
BEGIN
    SELECT RAISE(ABORT, 'schema_audit is append-only');
END!

CREATE TRIGGER IF NOT EXISTS schema_audit_no_delete BEFORE DELETE ON schema_audit
BEGIN
    SELECT RAISE(ABORT, 'schema_audit is append-only');
END!
-- @DELIMITER ;

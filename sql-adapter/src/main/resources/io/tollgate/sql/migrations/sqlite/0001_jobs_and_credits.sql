-- Jobs, the credits they are paid with, and the messages they owe. Times are milliseconds since 1970 (UTC), amounts are
-- hundredths of a credit, public ids are UUIDs in 16 bytes, lists and maps are JSON. Codes are those of the enums in
-- queue-core and credits-core. Rows hang together by integer keys: half the bytes of UUIDs.
--
-- What a commit costs is the pages it writes, so: what never changes of a row that often does stands apart; rows that
-- belong to another are keyed by one number made of its key and their own, so that new ones go to the table's end; and
-- the rows of one user are a chain, each naming the one before it, as an index by user would be written all over. A row
-- that will grow keeps room for it: its page is full of its neighbors and would be split. CHECKs are BETWEEN, not IN: a
-- list of three and more is made into a table of its own at each row.

-- Names, each written once.
CREATE TABLE workflow (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE backend (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- A queue's switch; without a mode it was only named so far.
CREATE TABLE queue (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    mode INTEGER CHECK (mode BETWEEN 0 AND 2),
    relaxed_running INTEGER NOT NULL CHECK (relaxed_running >= 0)
) STRICT;

-- A model's limit; without a count it was only named so far.
CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    max_running INTEGER CHECK (max_running BETWEEN 1 AND 50),
    running INTEGER CHECK (running >= 0)
) STRICT;

-- What jobs have in common that may be run in each other's place.
CREATE TABLE requirement (
    id INTEGER PRIMARY KEY,
    queue_id INTEGER NOT NULL REFERENCES queue (id),
    lane INTEGER NOT NULL CHECK (lane BETWEEN 1 AND 3),
    model_id INTEGER NOT NULL REFERENCES model (id),
    needs TEXT NOT NULL,
    UNIQUE (queue_id, lane, model_id, needs)
) STRICT;

-- A user's balances, and what is under way.
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    available INTEGER NOT NULL CHECK (available >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    debt INTEGER NOT NULL CHECK (debt <= 0),
    live INTEGER NOT NULL CHECK (live >= 0),
    relaxed INTEGER NOT NULL CHECK (relaxed BETWEEN 0 AND live),
    rate_until INTEGER NOT NULL,
    last_posting_id INTEGER, -- the newest of a chain, see ledger_posting.previous_id
    last_job_id INTEGER -- the newest of a chain, see job.previous_id
) STRICT;

-- Whose account it is. draw_day is the day of the user's latest draw, see lucky_draw.
CREATE TABLE account_holder (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    user_id TEXT NOT NULL UNIQUE,
    tier TEXT NOT NULL,
    tier_until INTEGER,
    trial_until INTEGER,
    draw_day INTEGER
) STRICT;

-- What a user drew on a day, counted from 1970-01-01.
CREATE TABLE lucky_draw (
    account_id INTEGER NOT NULL REFERENCES account (id),
    day INTEGER NOT NULL,
    roll INTEGER NOT NULL CHECK (roll BETWEEN 0 AND 9999),
    prize TEXT NOT NULL,
    percent_off INTEGER NOT NULL CHECK (percent_off BETWEEN 0 AND 100),
    at INTEGER NOT NULL,
    provable INTEGER NOT NULL CHECK (provable IN (0, 1)), -- whether the roll is of the day's draw_secret
    PRIMARY KEY (account_id, day)
) STRICT, WITHOUT ROWID;

-- What the draws of a day are made of, from a time on, if they are provable.
CREATE TABLE draw_secret (
    day INTEGER PRIMARY KEY,
    secret BLOB NOT NULL CHECK (length(secret) = 32),
    at INTEGER NOT NULL
) STRICT;

-- A bucket of credits: nothing is ever lost from it. revocation: 1 is taken back until its money went back, 2 for good;
-- revoked_before is what had been taken back by then.
CREATE TABLE credit_grant (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    granted INTEGER NOT NULL CHECK (granted > 0),
    remaining INTEGER NOT NULL CHECK (remaining >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    consumed INTEGER NOT NULL CHECK (consumed >= 0),
    expired INTEGER NOT NULL CHECK (expired >= 0),
    revoked INTEGER NOT NULL CHECK (revoked >= 0),
    spent INTEGER NOT NULL,
    repaid INTEGER NOT NULL CHECK (repaid >= 0),
    revocation INTEGER CHECK (revocation BETWEEN 1 AND 2),
    revocation_at INTEGER,
    revoked_before INTEGER CHECK (revoked_before BETWEEN 0 AND revoked),
    CHECK (remaining + held + consumed + expired + revoked + repaid = granted),
    CHECK (spent = (remaining = 0 AND held = 0)),
    CHECK (revocation IS NULL OR remaining = 0),
    CHECK ((revocation IS NULL) = (revocation_at IS NULL)),
    CHECK ((revocation IS NULL) = (revoked_before IS NULL))
) STRICT;
-- By a flag, since one by a balance would be written at each hold.
CREATE INDEX credit_grant_live ON credit_grant (account_id) WHERE spent = 0;

-- What never changes of a grant.
CREATE TABLE grant_terms (
    grant_id INTEGER PRIMARY KEY REFERENCES credit_grant (id),
    source INTEGER NOT NULL CHECK (source BETWEEN 1 AND 7),
    source_key TEXT NOT NULL UNIQUE,
    priority INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

-- What a user was asked to pay, as it was when the invoice was made.
CREATE TABLE invoice (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    account_id INTEGER NOT NULL REFERENCES account (id),
    payload TEXT NOT NULL UNIQUE CHECK (octet_length(payload) BETWEEN 1 AND 128),
    pack TEXT NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    price INTEGER NOT NULL CHECK (price > 0),
    credits INTEGER NOT NULL CHECK (credits > 0),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL CHECK (expires_at > created_at)
) STRICT;
CREATE INDEX invoice_account ON invoice (account_id);

-- Money that was taken. account_id is whose grant it made, whose source key is 'purchase:' and its uuid.
CREATE TABLE payment (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    provider TEXT NOT NULL CHECK (length(provider) > 0),
    external_id TEXT NOT NULL CHECK (length(external_id) > 0),
    period_end INTEGER NOT NULL CHECK (period_end >= 0),
    payer_id INTEGER NOT NULL REFERENCES account (id),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    amount INTEGER NOT NULL CHECK (amount > 0),
    payload TEXT,
    invoice_id INTEGER REFERENCES invoice (id),
    account_id INTEGER REFERENCES account (id),
    credits INTEGER NOT NULL CHECK (credits >= 0),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    note TEXT,
    raw TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (provider, external_id, period_end),
    CHECK ((account_id IS NULL) = (credits = 0)),
    CHECK (state <> 1 OR account_id IS NOT NULL),
    CHECK (state <> 2 OR account_id IS NULL)
) STRICT;
CREATE INDEX payment_state ON payment (state);
CREATE INDEX payment_payer ON payment (payer_id);
CREATE INDEX payment_account ON payment (account_id) WHERE account_id IS NOT NULL;

-- Credits set aside, with what each grant gives: [[grant, amount], ...], and how the list price became the amount, if
-- it differs: [["rule", before, after], ...]. Those of jobs have no name of their own. free_run is the free run that it
-- takes: ["product", day, "zone", limit].
CREATE TABLE credit_hold (
    id INTEGER PRIMARY KEY,
    uuid BLOB CHECK (length(uuid) = 16),
    account_id INTEGER NOT NULL REFERENCES account (id),
    list_price INTEGER NOT NULL CHECK (list_price >= 0),
    amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND list_price),
    slices TEXT NOT NULL,
    steps TEXT,
    free_run TEXT,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    captured INTEGER NOT NULL CHECK (captured BETWEEN 0 AND amount),
    opened_at INTEGER NOT NULL,
    settled_at INTEGER,
    CHECK (state = 2 OR captured = 0),
    CHECK ((state = 1) = (settled_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX credit_hold_uuid ON credit_hold (uuid) WHERE uuid IS NOT NULL;

-- What a user had of a product's free runs on a day, counted from 1970-01-01. live: it is the latest, or some are held.
CREATE TABLE quota_day (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    product TEXT NOT NULL,
    day INTEGER NOT NULL,
    zone TEXT NOT NULL,
    quota INTEGER NOT NULL CHECK (quota > 0),
    used INTEGER NOT NULL CHECK (used >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    latest INTEGER NOT NULL CHECK (latest BETWEEN 0 AND 1),
    live INTEGER NOT NULL,
    UNIQUE (account_id, product, day),
    CHECK (used + held <= quota),
    CHECK (live = (latest = 1 OR held > 0))
) STRICT;
CREATE INDEX quota_day_live ON quota_day (account_id) WHERE live = 1;

-- Prices that were promised, to someone who may have no account yet. lines: [[list, net, relaxed, steps], ...], steps as in credit_hold.
CREATE TABLE quote (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    user_id TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    lines TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    CHECK (expires_at > made_at)
) STRICT;
CREATE INDEX quote_open ON quote (user_id) WHERE used_at IS NULL;
CREATE INDEX quote_expires ON quote (expires_at);

-- What happened once, to one user, and why. previous_id is the user's posting before it.
CREATE TABLE ledger_posting (
    id INTEGER PRIMARY KEY,
    previous_id INTEGER CHECK (previous_id < id),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 12),
    account_id INTEGER NOT NULL REFERENCES account (id),
    hold_id INTEGER REFERENCES credit_hold (id),
    list_price INTEGER NOT NULL CHECK (list_price >= 0),
    net INTEGER NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) > 0),
    reason TEXT,
    idem_key TEXT,
    request_hash TEXT,
    at INTEGER NOT NULL,
    CHECK (kind <> 6 OR length(reason) >= 3)
) STRICT;
CREATE UNIQUE INDEX ledger_posting_key ON ledger_posting (idem_key) WHERE idem_key IS NOT NULL;

-- The lines: those of a posting sum to 0, and so do all. id is posting_id * 1048576 + the number of the line.
CREATE TABLE ledger_entry (
    id INTEGER PRIMARY KEY,
    posting_id INTEGER NOT NULL REFERENCES ledger_posting (id),
    account_id INTEGER REFERENCES account (id),
    book INTEGER NOT NULL CHECK (book BETWEEN 1 AND 3 OR book BETWEEN 11 AND 18),
    amount INTEGER NOT NULL CHECK (amount <> 0),
    CHECK (id / 1048576 = posting_id),
    CHECK ((account_id IS NULL) = (book > 10))
) STRICT;

-- A job, as far as it changes. Its key is its number in the order of submission. line: 0 doesn't wait, 1 is ready,
-- 2 waits for its backoff. urgency is the negated priority, place the order among equals: see OrderKey. previous_id is
-- its owner's job before it. history is appended to, one [state, at, "cause"], after the other.
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    previous_id INTEGER CHECK (previous_id < id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    hold_id INTEGER NOT NULL REFERENCES credit_hold (id),
    requirement_id INTEGER NOT NULL REFERENCES requirement (id),
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
    line INTEGER NOT NULL CHECK (line BETWEEN 0 AND 2),
    rank INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 3),
    urgency INTEGER NOT NULL,
    place INTEGER NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    counted INTEGER NOT NULL CHECK (counted >= 0),
    lost INTEGER NOT NULL CHECK (lost >= 0),
    transitions INTEGER NOT NULL CHECK (transitions > 0),
    ready_at INTEGER,
    avoid_id INTEGER REFERENCES backend (id),
    ended_at INTEGER,
    partial INTEGER,
    failure_kind TEXT,
    failure TEXT,
    history TEXT NOT NULL,
    room BLOB,
    CHECK ((state = 0) = (line > 0)),
    CHECK ((state = 0) = (ready_at IS NOT NULL)),
    CHECK ((state > 2) = (ended_at IS NOT NULL)),
    CHECK ((state = 3) = (partial IS NOT NULL)),
    CHECK ((state = 4) = (failure_kind IS NOT NULL))
) STRICT;
CREATE INDEX job_line ON job (requirement_id, rank, urgency, place) WHERE line = 1;
CREATE INDEX job_backoff ON job (ready_at) WHERE line = 2;

-- What never changes of a job, apart, so that a change writes few bytes. tariff: what of it costs nothing, {"free":
-- true} or {"quota": 5, "then": "refuse", "relaxed": false}; NULL for just a price.
CREATE TABLE job_spec (
    job_id INTEGER PRIMARY KEY REFERENCES job (id),
    batch BLOB CHECK (length(batch) = 16),
    workflow_id INTEGER NOT NULL REFERENCES workflow (id),
    list_price INTEGER NOT NULL CHECK (list_price >= 0),
    tariff TEXT,
    priority INTEGER NOT NULL,
    order_key INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    origin_kind INTEGER CHECK (origin_kind IN (0, 1)),
    origin BLOB CHECK (length(origin) = 16),
    inputs TEXT NOT NULL,
    targets TEXT NOT NULL,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    CHECK ((origin IS NULL) = (origin_kind IS NULL))
) STRICT;
CREATE INDEX job_spec_batch ON job_spec (batch) WHERE batch IS NOT NULL;

-- One try at running a job; the latest may be running, and then has a slot. id is job_id * 1048576 + number.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job (id),
    number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 1048575),
    run_id BLOB NOT NULL CHECK (length(run_id) = 16),
    backend_id INTEGER NOT NULL REFERENCES backend (id),
    slot INTEGER NOT NULL CHECK (slot >= 0),
    phase INTEGER NOT NULL CHECK (phase BETWEEN 0 AND 5),
    node_id INTEGER NOT NULL REFERENCES node (id),
    token INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    claimed_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    failure_kind TEXT,
    failure TEXT,
    room BLOB,
    CHECK (id = job_id * 1048576 + number),
    CHECK ((phase = 4) = (ended_at IS NOT NULL))
) STRICT;

-- id is backend_id * 1048576 + number.
CREATE TABLE slot (
    id INTEGER PRIMARY KEY,
    backend_id INTEGER NOT NULL REFERENCES backend (id),
    number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 1048575),
    job_id INTEGER REFERENCES job (id),
    CHECK (id = backend_id * 1048576 + number)
) STRICT;

-- Jobs whose attempt has left its slot while what it made is being fetched: few, and gone with the attempt's end.
CREATE TABLE collecting (
    job_id INTEGER PRIMARY KEY REFERENCES job (id)
) STRICT;

CREATE TABLE lane_clock (
    queue_id INTEGER NOT NULL REFERENCES queue (id),
    lane INTEGER NOT NULL CHECK (lane BETWEEN 1 AND 3),
    virtual_time INTEGER NOT NULL CHECK (virtual_time >= 0),
    PRIMARY KEY (queue_id, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE fair_line (
    account_id INTEGER NOT NULL REFERENCES account (id),
    queue_id INTEGER NOT NULL REFERENCES queue (id),
    lane INTEGER NOT NULL CHECK (lane BETWEEN 1 AND 3),
    last_key INTEGER NOT NULL CHECK (last_key >= 0),
    PRIMARY KEY (account_id, queue_id, lane)
) STRICT, WITHOUT ROWID;

-- What jobs made, in the order in which it was told. id is job_id * 1048576 + the number of the line.
CREATE TABLE output (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job (id),
    number INTEGER NOT NULL,
    asset BLOB NOT NULL CHECK (length(asset) = 16),
    name TEXT NOT NULL,
    part TEXT,
    content_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 33), -- the number of its function, and the digest
    thumbnail BLOB CHECK (length(thumbnail) = 16),
    CHECK (id / 1048576 = job_id)
) STRICT;

-- The outbox.
CREATE TABLE delivery (
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
CREATE INDEX delivery_due ON delivery (next_at) WHERE state = 0;
CREATE INDEX delivery_dead ON delivery (id) WHERE state = 2;

-- What a user's key was used for. jobs are keys of jobs: [7, 8].
CREATE TABLE idempotency (
    account_id INTEGER NOT NULL REFERENCES account (id),
    idem_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    jobs TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account_id, idem_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);

-- What is worth remembering for a while.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    user_id TEXT,
    job BLOB CHECK (length(job) = 16),
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX event_at ON event (at);
CREATE INDEX event_user ON event (user_id) WHERE user_id IS NOT NULL;

-- @DELIMITER !
CREATE TRIGGER lucky_draw_no_update BEFORE UPDATE ON lucky_draw
BEGIN
    SELECT RAISE(ABORT, 'lucky_draw is append-only');
END!

CREATE TRIGGER lucky_draw_no_delete BEFORE DELETE ON lucky_draw
BEGIN
    SELECT RAISE(ABORT, 'lucky_draw is append-only');
END!

CREATE TRIGGER draw_secret_no_update BEFORE UPDATE ON draw_secret
BEGIN
    SELECT RAISE(ABORT, 'draw_secret is append-only');
END!

CREATE TRIGGER draw_secret_no_delete BEFORE DELETE ON draw_secret
BEGIN
    SELECT RAISE(ABORT, 'draw_secret is append-only');
END!

CREATE TRIGGER ledger_posting_no_update BEFORE UPDATE ON ledger_posting
BEGIN
    SELECT RAISE(ABORT, 'ledger_posting is append-only');
END!

CREATE TRIGGER ledger_posting_no_delete BEFORE DELETE ON ledger_posting
BEGIN
    SELECT RAISE(ABORT, 'ledger_posting is append-only');
END!

CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'ledger_entry is append-only');
END!

CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'ledger_entry is append-only');
END!
-- @DELIMITER ;

-- //@UNDO
DROP TABLE event;
DROP TABLE idempotency;
DROP TABLE delivery;
DROP TABLE output;
DROP TABLE fair_line;
DROP TABLE lane_clock;
DROP TABLE collecting;
DROP TABLE slot;
DROP TABLE attempt;
DROP TABLE job_spec;
DROP TABLE job;
DROP TABLE ledger_entry;
DROP TABLE ledger_posting;
DROP TABLE quote;
DROP TABLE quota_day;
DROP TABLE credit_hold;
DROP TABLE payment;
DROP TABLE invoice;
DROP TABLE grant_terms;
DROP TABLE credit_grant;
DROP TABLE draw_secret;
DROP TABLE lucky_draw;
DROP TABLE account_holder;
DROP TABLE account;
DROP TABLE requirement;
DROP TABLE model;
DROP TABLE queue;
DROP TABLE node;
DROP TABLE backend;
DROP TABLE workflow;

-- Work owed to connectors. Times are microseconds since 1970, UTC.
CREATE TABLE outbox (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL,
    due      INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_by_due ON outbox (due, id);

-- Webhook deliveries that were seen.
CREATE TABLE delivery (
    connector TEXT NOT NULL,
    delivery  TEXT NOT NULL,
    PRIMARY KEY (connector, delivery)
) STRICT, WITHOUT ROWID;

-- Keyed requests. Without a status the first one has not been answered.
CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key       TEXT NOT NULL,
    digest    TEXT NOT NULL,
    begun     INTEGER NOT NULL,
    status    INTEGER,
    body      TEXT,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_begun ON idempotency (begun);

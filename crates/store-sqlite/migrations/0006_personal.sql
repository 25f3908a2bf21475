-- Personal values, apart from the bodies they belong in, each sealed under its subject's key. After an erasure only the
-- digest is left.
ALTER TABLE payload ADD COLUMN personal_digest BLOB;
ALTER TABLE payload ADD COLUMN personal BLOB;
ALTER TABLE payload ADD COLUMN subject_key BLOB;
CREATE INDEX payload_by_subject_key ON payload (subject_key) WHERE subject_key IS NOT NULL;

-- One key for each subject: under a random id, wrapped by the payload key, found by a keyed hash of whom it is for.
CREATE TABLE subject_key (
    id      BLOB PRIMARY KEY,
    subject BLOB NOT NULL UNIQUE,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The ids of keys that are gone for ever, whatever copy of this database somebody puts back.
CREATE TABLE erased_key (
    id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- One row: by which payload key this database was made.
CREATE TABLE payload_key (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    "check" TEXT NOT NULL
) STRICT;

-- A state that holds personal data is sealed like the events it is folded from.
ALTER TABLE projection ADD COLUMN subject_key BLOB;
ALTER TABLE projection ADD COLUMN sealed BLOB;
CREATE INDEX projection_by_subject_key ON projection (subject_key) WHERE subject_key IS NOT NULL;

-- Answers are kept sealed.
ALTER TABLE idempotency DROP COLUMN body;
ALTER TABLE idempotency ADD COLUMN sealed BLOB;

-- The system of record. Rows are only ever added.
CREATE TABLE entry (
    position    INTEGER PRIMARY KEY,
    entry       BLOB NOT NULL,
    stream_kind TEXT NOT NULL,
    stream_id   TEXT NOT NULL
) STRICT;
CREATE INDEX entry_by_stream ON entry (stream_kind, stream_id, position);

-- What opens an entry's commitment: apart from the entry, because it holds personal data.
CREATE TABLE payload (
    position INTEGER PRIMARY KEY REFERENCES entry (position),
    salt     BLOB NOT NULL,
    body     BLOB NOT NULL
) STRICT;

CREATE TABLE tile (
    level   INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    bytes   BLOB NOT NULL,
    PRIMARY KEY (level, "index")
) STRICT, WITHOUT ROWID;

-- One row: the newest signed note.
CREATE TABLE checkpoint (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    size INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;

-- One row: how far the journal was sequenced.
CREATE TABLE mark (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    segment INTEGER NOT NULL,
    offset  INTEGER NOT NULL
) STRICT;

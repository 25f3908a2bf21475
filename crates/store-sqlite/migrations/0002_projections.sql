-- States as folded from the ledger: all of this can be dropped and folded again.
CREATE TABLE projection (
    kind    TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    state   TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;

-- Under which keys a state is found. The primary key ends with the id, so that one key's states come by age.
CREATE TABLE projection_key (
    kind  TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    id    TEXT NOT NULL,
    PRIMARY KEY (kind, key, value, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX projection_key_by_id ON projection_key (kind, id);

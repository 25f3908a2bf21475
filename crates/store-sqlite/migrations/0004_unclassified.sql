-- What nobody classified, by application, folded from refused requests: all of this can be dropped and folded again.
-- Times are microseconds since 1970, UTC.
CREATE TABLE unclassified (
    application   TEXT NOT NULL,
    method        TEXT NOT NULL,
    path          TEXT NOT NULL,
    asked         TEXT NOT NULL,
    count         INTEGER NOT NULL,
    first_at      INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    last_position INTEGER NOT NULL,
    last_session  TEXT NOT NULL,
    PRIMARY KEY (application, method, path, asked)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX unclassified_by_last ON unclassified (application, last_position);

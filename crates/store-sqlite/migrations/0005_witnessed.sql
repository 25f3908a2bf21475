-- Checkpoints that enough witnesses cosigned, as notes. Their signatures prove them, whoever wrote the row.
CREATE TABLE witnessed (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
) STRICT;

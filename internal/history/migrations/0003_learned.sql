-- What is known of sources besides their readings, and of report counts.

CREATE TABLE sources (
    source         TEXT    NOT NULL PRIMARY KEY,
    asked          BIGINT,
    up             BOOLEAN NOT NULL,
    reason         TEXT    NOT NULL,
    polls          BIGINT  NOT NULL,
    failures       BIGINT  NOT NULL,
    engine_changes BIGINT  NOT NULL,
    unknown_words  TEXT    NOT NULL -- JSON object of counts by field
);

CREATE TABLE detectors (
    id        TEXT    NOT NULL PRIMARY KEY, -- service, source and row, a line each
    written   BIGINT,
    disagrees BOOLEAN NOT NULL,
    body      BLOB    NOT NULL,
    recent    BLOB    NOT NULL
);

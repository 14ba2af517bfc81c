-- What a shared store needs beside the tables of every store.

CREATE TABLE downstatus_meta (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row
    demo    BOOLEAN NOT NULL, -- whose store it is
    version BIGINT  NOT NULL  -- how many migrations it has seen
);

-- When each source was last about to be asked, in Unix milliseconds by the
-- clock of the database: replicas need not agree on the time.
CREATE TABLE claims (
    source TEXT   NOT NULL PRIMARY KEY,
    asked  BIGINT NOT NULL
);

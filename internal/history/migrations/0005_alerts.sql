-- Alerts that the bridge has fired and has not forgotten yet.

CREATE TABLE alerts (
    labels      TEXT   NOT NULL PRIMARY KEY, -- JSON object
    annotations TEXT   NOT NULL,             -- JSON object
    slug        TEXT   NOT NULL,
    page        TEXT   NOT NULL,
    starts_at   BIGINT,
    ends_at     BIGINT,
    version     BIGINT NOT NULL
);

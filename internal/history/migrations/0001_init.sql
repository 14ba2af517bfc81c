-- Times are Unix milliseconds, NULL where there is none. Durations are
-- nanoseconds. Statuses and signals are their words.

CREATE TABLE services (
    slug                TEXT   NOT NULL PRIMARY KEY,
    status              TEXT   NOT NULL,
    since               BIGINT,
    official            TEXT   NOT NULL,
    reports             TEXT   NOT NULL,
    last_good           BIGINT,
    accounted           BIGINT,
    seconds_unknown     BIGINT NOT NULL,
    seconds_operational BIGINT NOT NULL,
    seconds_degraded    BIGINT NOT NULL,
    seconds_down        BIGINT NOT NULL,
    opened_by_page      BIGINT NOT NULL,
    opened_by_users     BIGINT NOT NULL,
    disagreements       BIGINT NOT NULL
);

CREATE TABLE readings (
    source    TEXT NOT NULL PRIMARY KEY,
    last_good BIGINT,
    observed  BIGINT,
    body      BLOB NOT NULL
);

CREATE TABLE outages (
    id                  TEXT    NOT NULL PRIMARY KEY,
    slug                TEXT    NOT NULL,
    opened_by           TEXT    NOT NULL,
    started_at          BIGINT,
    detected_at         BIGINT,
    resolved_at         BIGINT,
    not_before          BIGINT,
    reports_started_at  BIGINT,
    official_started_at BIGINT,
    reports_ended_at    BIGINT,
    official_ended_at   BIGINT,
    worst               TEXT    NOT NULL,
    peak_reports        BIGINT  NOT NULL,
    description         TEXT    NOT NULL,
    incident_url        TEXT    NOT NULL,
    evidence            TEXT    NOT NULL, -- JSON list of incident ids
    reopened            BIGINT  NOT NULL,
    imported            BOOLEAN NOT NULL,
    unwatched           BOOLEAN NOT NULL
);

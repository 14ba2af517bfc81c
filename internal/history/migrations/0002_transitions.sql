-- What was shown of a service, from one moment until the next one.

CREATE TABLE transitions (
    slug     TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    status   TEXT   NOT NULL,
    official TEXT   NOT NULL,
    reports  TEXT   NOT NULL,
    PRIMARY KEY (slug, since)
);

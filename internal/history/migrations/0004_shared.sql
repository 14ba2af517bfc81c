-- One open record a service. Where an older store holds more, all but the
-- newest end where the next one begins, as no longer watched: nobody saw how
-- they ended.
UPDATE outages SET unwatched = TRUE, resolved_at = (
    SELECT COALESCE(MIN(next.started_at), 0) FROM outages AS next
    WHERE next.slug = outages.slug
    AND (COALESCE(next.started_at, 0), next.id) > (COALESCE(outages.started_at, 0), outages.id)
)
WHERE resolved_at IS NULL AND EXISTS (
    SELECT 1 FROM outages AS newer
    WHERE newer.slug = outages.slug AND newer.resolved_at IS NULL
    AND (COALESCE(newer.started_at, 0), newer.id) > (COALESCE(outages.started_at, 0), outages.id)
);

CREATE UNIQUE INDEX outages_one_open ON outages (slug) WHERE resolved_at IS NULL;

-- The number of the save that wrote a row last. What is there already came
-- with number 1.
CREATE TABLE saves (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row
    version BIGINT  NOT NULL
);
INSERT INTO saves (id, version) VALUES (1, 1);

ALTER TABLE services ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE readings ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE outages ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sources ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE detectors ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE transitions ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

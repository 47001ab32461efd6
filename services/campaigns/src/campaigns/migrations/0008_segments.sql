-- migrate:up

-- Groups of customers. A filter is judged by redemption; who is on a list stands in the row, by
-- customers' ids in order, so that a version is what it is whole.
CREATE TABLE segments (
    project_id  text NOT NULL REFERENCES projects,
    id          text NOT NULL,
    version     bigint NOT NULL DEFAULT 1,
    name        text NOT NULL,
    type        text NOT NULL CHECK (type IN ('static', 'auto-update', 'passive')),
    filter      jsonb,
    members     text[] NOT NULL DEFAULT '{}',
    in_reports  boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz,
    PRIMARY KEY (project_id, id),
    CONSTRAINT segments_name UNIQUE (project_id, name),
    CHECK ((type = 'static') = (filter IS NULL)),
    CHECK (type = 'static' OR members = '{}')
);

-- A segment without those who are on its list.
CREATE VIEW segment_sheets AS
SELECT project_id, id, version, name, type, filter, cardinality(members) AS members_count,
    in_reports, created_at, updated_at
FROM segments;

-- migrate:down

-- migrate:up

-- Groups of customers, as campaigns defines them: whole snapshots, the highest version wins. Who is
-- in one by its filter stands nowhere: it is judged. One that was deleted stays, without either.
CREATE TABLE segments (
    project_id text COLLATE "C",
    segment_id text COLLATE "C",
    version bigint NOT NULL,
    name text NOT NULL,
    filter jsonb, -- NULL: a list
    in_reports boolean NOT NULL, -- outcomes tell who is in it; changed behind all campaigns' locks
    deleted boolean NOT NULL,
    PRIMARY KEY (project_id, segment_id)
);
CREATE INDEX segments_in_reports ON segments (project_id, segment_id) WHERE in_reports;

CREATE TABLE segment_members (
    project_id text COLLATE "C",
    segment_id text COLLATE "C",
    customer_id text COLLATE "C",
    PRIMARY KEY (project_id, segment_id, customer_id)
);

-- The campaigns whose terms name a segment: behind their locks it changes.
CREATE TABLE campaign_segments (
    project_id text COLLATE "C",
    segment_id text COLLATE "C",
    campaign_id text COLLATE "C",
    PRIMARY KEY (project_id, segment_id, campaign_id)
);
CREATE INDEX campaign_segments_of_campaign ON campaign_segments (project_id, campaign_id);

-- migrate:down
-- forward only: dbmate wants this block

-- migrate:up

-- A change of many things, some of them a transaction: whoever finds it unfinished goes on where
-- it stands. What is changed was decided when it was asked for: items are numbered from 1.
CREATE TABLE bulk_jobs (
    project_id   text NOT NULL REFERENCES projects,
    id           text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('campaign', 'voucher')),
    action       text NOT NULL,
    changes      jsonb NOT NULL DEFAULT '{}',  -- of metadata
    status       text NOT NULL DEFAULT 'ENQUEUED',
    wanted       bigint NOT NULL CHECK (wanted > 0),
    done         bigint NOT NULL DEFAULT 0,
    skipped      bigint NOT NULL DEFAULT 0,
    failed       bigint NOT NULL DEFAULT 0,
    enforced     bigint NOT NULL DEFAULT 0,  -- redemption acts by all items up to this number
    stopped      boolean NOT NULL DEFAULT false,
    failure      text,                       -- why it could not go on
    actor        text NOT NULL,
    request_id   text NOT NULL,
    undo_of      text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    enforced_at  timestamptz,  -- since when redemption acts by all of them
    PRIMARY KEY (project_id, id),
    CONSTRAINT bulk_jobs_undo UNIQUE (project_id, undo_of),
    CHECK (done + skipped + failed <= wanted)
);
CREATE INDEX bulk_jobs_newest ON bulk_jobs (project_id, created_at, id);
CREATE INDEX bulk_jobs_open ON bulk_jobs (updated_at) WHERE status IN ('ENQUEUED', 'IN_PROGRESS');

CREATE TABLE bulk_items (
    project_id  text NOT NULL,
    job_id      text NOT NULL,
    number      bigint NOT NULL,
    target      text NOT NULL,  -- its id, or what was sent for one
    name        text,
    wish        jsonb,          -- of an undo: the fields to give back
    expected    bigint,         -- of an undo: the version that it undoes
    outcome     text CHECK (outcome IN ('done', 'skipped', 'failed')),
    reason      text,
    message     text,
    before      jsonb,          -- the fields that were changed, as they were
    version     bigint,         -- that redemption has to report
    PRIMARY KEY (project_id, job_id, number),
    FOREIGN KEY (project_id, job_id) REFERENCES bulk_jobs
);
CREATE INDEX bulk_items_not_done ON bulk_items (project_id, job_id, number)
    WHERE outcome IN ('skipped', 'failed');

CREATE INDEX issue_jobs_newest ON issue_jobs (project_id, created_at, id);

-- migrate:down

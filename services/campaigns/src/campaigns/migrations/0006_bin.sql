-- migrate:up

-- What was deleted and can be restored: the things themselves stay where they are, with deleted_at.
CREATE TABLE bin (
    project_id  text NOT NULL REFERENCES projects,
    id          text NOT NULL,  -- of the campaign or the code
    kind        text NOT NULL CHECK (kind IN ('campaign', 'voucher')),
    deleted_at  timestamptz NOT NULL,
    deleted_by  text NOT NULL,
    job_id      text,
    purging     boolean NOT NULL DEFAULT false,  -- it is gone for whoever looks, piece by piece
    PRIMARY KEY (project_id, id)
);
CREATE INDEX bin_newest ON bin (project_id, deleted_at, id) WHERE NOT purging;
CREATE INDEX bin_oldest ON bin (deleted_at) WHERE NOT purging;

-- Codes that were purged. Redemption refuses them for ever, so nobody may issue them anew.
CREATE TABLE retired_codes (
    project_id   text NOT NULL REFERENCES projects,
    code         text NOT NULL,
    campaign_id  text NOT NULL,
    PRIMARY KEY (project_id, code)
);

CREATE OR REPLACE VIEW issued_codes AS
SELECT project_id, code, campaign_id FROM vouchers
UNION ALL
SELECT project_id, code, campaign_id FROM retired_codes;

-- migrate:down

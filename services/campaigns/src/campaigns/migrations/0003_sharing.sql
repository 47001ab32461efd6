-- migrate:up

-- A partner as the API shows it: how far its switch got. Off, it is enforced once redemption has
-- the versions of all its campaigns.
CREATE VIEW partner_sheets AS
SELECT p.*, CASE
    WHEN p.active THEN 'live'
    WHEN EXISTS (
        SELECT FROM campaigns AS c
        WHERE c.project_id = p.project_id AND c.partner_id = p.id
            AND c.version > coalesce((
                SELECT a.version FROM applied_versions AS a
                WHERE a.project_id = c.project_id AND a.kind = 'campaign' AND a.id = c.id
            ), 0)
    ) THEN 'not_enforced'
    ELSE 'disabled'
END AS status
FROM partners AS p;


-- What a campaign's partner may see of its codes. A share is of all codes, those to come among them
-- (and then no code has a row), of named ones, or an allotment of unique ones. Nothing is shared
-- until somebody shares it.
CREATE TABLE shares (
    project_id   text NOT NULL,
    id           text NOT NULL,
    campaign_id  text NOT NULL,
    partner_id   text NOT NULL,  -- the campaign's own, which never changes
    kind         text NOT NULL CHECK (kind IN ('campaign', 'codes', 'allotment')),
    state        text NOT NULL DEFAULT 'shared' CHECK (state IN ('shared', 'held_back', 'withdrawn')),
    name         text,
    codes_count  bigint,         -- NULL: all
    shared_by    text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    changed_at   timestamptz,    -- when its state did
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, campaign_id) REFERENCES campaigns ON DELETE CASCADE
);
CREATE UNIQUE INDEX shares_campaign ON shares (project_id, campaign_id) WHERE kind = 'campaign';
CREATE INDEX shares_of_partner ON shares (project_id, partner_id, created_at, id);
CREATE INDEX shares_of_campaign ON shares (project_id, campaign_id, created_at, id);

-- Codes of which something is said by themselves. The key keeps any code from being given twice. No
-- foreign keys: checked a hundred thousand times in one allotment they cost twice what all the rest
-- does. Whoever lists codes joins vouchers and shares; who purges those deletes here as well.
CREATE TABLE shared_codes (
    project_id   text NOT NULL,
    voucher_id   text NOT NULL,
    campaign_id  text NOT NULL,
    issued_at    timestamptz NOT NULL,  -- the voucher's created_at: one order for all lists
    share_id     text NOT NULL,
    state        text NOT NULL DEFAULT 'shared' CHECK (state IN ('shared', 'held_back', 'withdrawn')),
    PRIMARY KEY (project_id, voucher_id)
);
CREATE INDEX shared_codes_of_share ON shared_codes (project_id, share_id, issued_at, voucher_id);
CREATE INDEX shared_codes_of_campaign ON shared_codes (project_id, campaign_id, issued_at, voucher_id);

-- Codes that a partner may hand out: they can be redeemed as far as they themselves say, and are no
-- customer's own.
CREATE VIEW usable_codes AS
SELECT * FROM vouchers AS v
WHERE v.active AND v.deleted_at IS NULL AND v.publication_id IS NULL
    AND (v.quantity IS NULL OR v.redeemed_quantity < v.quantity);

-- What partners may see of their campaigns: of which something is shared, and that are live or will
-- be. Here it says, and nowhere else, what such a deal is.
CREATE VIEW visible_deals AS
SELECT c.project_id, c.partner_id, c.id, c.name,
    CASE WHEN c.starts_at > now() THEN 'scheduled' ELSE 'live' END AS status,
    EXISTS (
        SELECT FROM shares AS s WHERE s.project_id = c.project_id AND s.campaign_id = c.id
            AND s.kind = 'campaign' AND s.state = 'shared'
    ) AS whole
FROM campaigns AS c
JOIN partners AS p ON p.project_id = c.project_id AND p.id = c.partner_id
LEFT JOIN campaign_uses AS u ON u.project_id = c.project_id AND u.campaign_id = c.id
WHERE c.active AND c.deleted_at IS NULL AND p.active
    AND (c.ends_at IS NULL OR c.ends_at > now())
    AND coalesce(least((c.terms #>> '{limits,total}')::bigint, (
        SELECT t.most FROM totals_of_rules AS t
        WHERE t.project_id = c.project_id AND t.campaign_id = c.id
    )) > coalesce(u.uses, 0), true)
    AND coalesce((c.terms #>> '{limits,per_customer}')::bigint > 0, true)
    AND EXISTS (
        SELECT FROM shares AS s WHERE s.project_id = c.project_id AND s.campaign_id = c.id
            AND s.state = 'shared'
    );

-- The key by which a partner's machine fetches what is shared with it: one a partner, of which only
-- a digest is kept. `version` grows when it is made anew or revoked.
CREATE TABLE feed_keys (
    project_id       text NOT NULL,
    partner_id       text NOT NULL,
    id               text NOT NULL UNIQUE,  -- a caller names its key before its project is known
    digest           text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    version          bigint NOT NULL DEFAULT 1,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    revoked_at       timestamptz,
    last_fetched_at  timestamptz,
    last_fetched_by  text,  -- what the machine calls itself
    PRIMARY KEY (project_id, partner_id),
    FOREIGN KEY (project_id, partner_id) REFERENCES partners
);

-- When what a partner fetched was another one last: for If-Modified-Since. `page` is the first page
-- of a format and a size, so there are few.
CREATE TABLE feed_pages (
    project_id  text NOT NULL,
    partner_id  text NOT NULL,
    page        text NOT NULL,
    etag        text NOT NULL,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (project_id, partner_id, page),
    FOREIGN KEY (project_id, partner_id) REFERENCES partners
);

-- Until when a person of a partner's has seen what changed.
CREATE TABLE portal_visits (
    project_id  text NOT NULL,
    partner_id  text NOT NULL,
    person      text NOT NULL,
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (project_id, partner_id, person),
    FOREIGN KEY (project_id, partner_id) REFERENCES partners
);

-- migrate:down

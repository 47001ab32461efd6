-- migrate:up

-- Copies of what campaigns owns: whole snapshots, the highest version wins.
CREATE TABLE projects (
    project_id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    currency text NOT NULL,
    time_zone text NOT NULL
);

CREATE TABLE api_keys (
    key_id text COLLATE "C" PRIMARY KEY,
    project_id text COLLATE "C" NOT NULL,
    digest bytea NOT NULL, -- SHA-256 of the secret; the secret itself is nowhere
    scopes text[] NOT NULL
);
CREATE INDEX api_keys_of_project ON api_keys (project_id);

CREATE TABLE campaigns (
    project_id text COLLATE "C",
    campaign_id text COLLATE "C",
    version bigint NOT NULL,
    name text NOT NULL,
    partner_id text NOT NULL,
    channel text NOT NULL,
    category_id text,
    active boolean NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz, -- exclusive
    total_limit bigint,
    per_customer_limit bigint,
    currency text NOT NULL,
    amount_off_minor bigint, -- one of these two
    discount_basis_points integer,
    commission_share_basis_points integer NOT NULL,
    commission_flat_minor bigint NOT NULL,
    commission_bonus_minor bigint NOT NULL,
    margin_basis_points integer NOT NULL,
    PRIMARY KEY (project_id, campaign_id)
);

-- One narrow row per campaign, which every decision, snapshot and rollback locks first, in the
-- order of this key. The kill switch hangs on it, so it exists even where nothing is capped.
-- No CHECK (used <= limit): a limit may legally be lowered below what is used.
CREATE TABLE counters (
    project_id text COLLATE "C",
    campaign_id text COLLATE "C",
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    PRIMARY KEY (project_id, campaign_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Kept only for campaigns that limit their customers; filled from the ledger when a limit appears.
CREATE TABLE customer_uses (
    project_id text COLLATE "C",
    campaign_id text COLLATE "C",
    customer_id text COLLATE "C",
    used bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (project_id, campaign_id, customer_id)
) WITH (fillfactor = 70);

-- A code never moves to another campaign, so its campaign may be looked up before any lock.
-- uses and sequence are ours; the rest is the copy.
CREATE TABLE vouchers (
    project_id text COLLATE "C",
    code text COLLATE "C",
    campaign_id text COLLATE "C" NOT NULL,
    voucher_id text NOT NULL,
    version bigint NOT NULL,
    active boolean NOT NULL,
    quantity bigint,
    uses bigint NOT NULL DEFAULT 0 CHECK (uses >= 0),
    sequence bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, code)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- Who has redeemed before: inserting here is what makes a customer new, once.
CREATE TABLE customers (
    project_id text COLLATE "C",
    customer_id text COLLATE "C",
    first_redemption_id uuid NOT NULL,
    PRIMARY KEY (project_id, customer_id)
);

-- Every decision, accepted or refused, with the answer that was given: the only source of truth.
-- Not partitioned: the unique key must hold over all time.
CREATE TABLE ledger (
    id uuid PRIMARY KEY, -- also the id of the event
    key bytea NOT NULL UNIQUE, -- digest of project and request id: one answer per request
    fingerprint bytea NOT NULL, -- digest of what was asked
    project_id text COLLATE "C" NOT NULL,
    campaign_id text COLLATE "C", -- NULL: unknown code
    campaign_version bigint,
    code text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C",
    order_id text,
    accepted boolean NOT NULL,
    reason text,
    order_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    currency text,
    at timestamptz NOT NULL, -- the moment by which it was judged
    decided_at timestamptz NOT NULL,
    status smallint NOT NULL,
    body bytea NOT NULL, -- the answer, byte for byte
    CHECK (accepted = (reason IS NULL))
);
CREATE INDEX ledger_of_campaign ON ledger (project_id, campaign_id, id);

-- What others may read of this service: whoever reconciles, and whoever waits for what it decided.
CREATE VIEW reconciliation_entries AS
SELECT
    l.id,
    l.project_id,
    coalesce(l.campaign_id, '') AS campaign_id,
    coalesce(c.partner_id, '') AS partner_id, -- as the campaign now is
    l.accepted,
    coalesce(l.reason, '') AS reason,
    l.order_minor,
    l.discount_minor,
    coalesce(l.currency, '') AS currency,
    l.at,
    l.decided_at
FROM ledger l LEFT JOIN campaigns c USING (project_id, campaign_id);

CREATE VIEW reconciliation_counters AS SELECT project_id, campaign_id, used FROM counters;

CREATE VIEW reconciliation_projects AS SELECT project_id FROM projects;

-- Codes that can be judged: with their campaign.
CREATE VIEW reconciliation_codes AS
SELECT v.project_id, v.code, v.campaign_id
FROM vouchers v JOIN campaigns c USING (project_id, campaign_id);

-- migrate:down
-- forward only: dbmate wants this block

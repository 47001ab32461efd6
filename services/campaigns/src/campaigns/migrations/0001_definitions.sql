-- migrate:up

-- project_id comes first in every key: no statement can reach into another tenant by accident.
CREATE TABLE projects (
    id            text PRIMARY KEY,
    version       bigint NOT NULL DEFAULT 1,
    name          text NOT NULL,
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    time_zone     text NOT NULL,
    case_sensitive_codes boolean NOT NULL,  -- for ever; if not, all its codes are in capitals
    guess_limits  jsonb NOT NULL,  -- how many wrong codes redemption bears of it
    stacking      jsonb NOT NULL DEFAULT '{}',  -- how several codes apply together
    created_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now()
);

-- Only a digest of the secret is kept: 256 random bits need no slow hash.
CREATE TABLE api_keys (
    project_id  text NOT NULL REFERENCES projects,
    id          text NOT NULL UNIQUE,  -- a caller names its key before its project is known
    digest      text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    scopes      text[] NOT NULL,
    origins     text[] NOT NULL,  -- from whose pages a publishable one may be used
    name        text NOT NULL,
    hint        text NOT NULL,  -- the secret's first characters, for people to tell keys apart
    created_by  text NOT NULL,  -- a user, a key, or the operator
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    revoked_at  timestamptz,
    used_at     timestamptz,    -- as of a minute ago
    PRIMARY KEY (project_id, id)
);

CREATE TABLE partners (
    project_id      text NOT NULL REFERENCES projects,
    id              text NOT NULL,
    name            text NOT NULL,
    active          boolean NOT NULL DEFAULT true,  -- false switches off all its campaigns
    contract_notes  text,
    deal_url        text,
    landing_url     text,
    contact         text,
    metadata        jsonb NOT NULL DEFAULT '{}',
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz,
    PRIMARY KEY (project_id, id),
    CONSTRAINT partners_name UNIQUE (project_id, name)
);

CREATE TABLE categories (
    project_id  text NOT NULL REFERENCES projects,
    id          text NOT NULL,
    name        text NOT NULL,
    hierarchy   integer NOT NULL CHECK (hierarchy >= 0),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz,
    PRIMARY KEY (project_id, id),
    CONSTRAINT categories_name UNIQUE (project_id, name)
);

-- What redemption enforces is one document, `terms`: a new term is no new column. Of it only the
-- time has columns of its own, for lists to filter by. `details` is what people read and nobody
-- enforces. No check compares a limit with what is used: lowering a limit below it is legal.
CREATE TABLE campaigns (
    project_id           text NOT NULL REFERENCES projects,
    id                   text NOT NULL UNIQUE,  -- a shopper's link names the campaign alone
    version              bigint NOT NULL DEFAULT 1,
    name                 text NOT NULL,
    partner_id           text NOT NULL,
    channel              text NOT NULL,
    category_id          text,
    active               boolean NOT NULL DEFAULT true,
    terms                jsonb NOT NULL,
    starts_at            timestamptz,
    ends_at              timestamptz,
    details              jsonb NOT NULL,
    commission_plan      jsonb NOT NULL,
    margin_basis_points  integer NOT NULL,
    code_template        jsonb NOT NULL,  -- how its codes look, and how often each may be used
    metadata             jsonb NOT NULL DEFAULT '{}',
    vouchers_count       bigint NOT NULL DEFAULT 0,
    chunks               integer NOT NULL DEFAULT 0,  -- numbers the chunks of all its bulk issues
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz,
    standalone           boolean NOT NULL DEFAULT false,  -- a single code's own, named by the code
    deleted_at           timestamptz,  -- in the bin since: redeems no more
    PRIMARY KEY (project_id, id),
    CONSTRAINT campaigns_partner FOREIGN KEY (project_id, partner_id) REFERENCES partners,
    CONSTRAINT campaigns_category FOREIGN KEY (project_id, category_id) REFERENCES categories
);
CREATE UNIQUE INDEX campaigns_name ON campaigns (project_id, name) WHERE NOT standalone;
CREATE INDEX campaigns_newest ON campaigns (project_id, created_at, id);
CREATE INDEX campaigns_of_partner ON campaigns (project_id, partner_id);
CREATE INDEX campaigns_of_category ON campaigns (project_id, category_id);

-- The products, SKUs and collections that a document names: who adds a product looks for them.
CREATE FUNCTION named_at(document jsonb, place jsonpath) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT name #>> '{}' FROM jsonb_path_query(document, place) AS found (name));
CREATE INDEX campaigns_of_products ON campaigns
USING gin (named_at(terms, '$.applicable_to.*.*[*]'));

-- Room on each page, and no index on the counts: following redemptions stays cheap.
CREATE TABLE vouchers (
    project_id         text NOT NULL,
    id                 text NOT NULL,
    code               text NOT NULL,
    campaign_id        text NOT NULL,
    generated          boolean NOT NULL,  -- a unique code, drawn at random; not a public one
    chunk              integer,           -- of the bulk issue that it came with
    active             boolean NOT NULL DEFAULT true,
    version            bigint NOT NULL DEFAULT 1,
    quantity           bigint,            -- NULL: as often as the campaign allows
    redeemed_quantity  bigint NOT NULL DEFAULT 0,
    sequence           bigint NOT NULL DEFAULT 0,  -- of the outcome that told redeemed_quantity
    metadata           jsonb NOT NULL DEFAULT '{}',
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz,
    deleted_at         timestamptz,  -- in the bin since: redeems no more
    publication_id     text,         -- by which a customer was given it: once, and no other
    holder_id          text,         -- who that is, by a pseudonym
    published_at       timestamptz,
    ends_at            timestamptz,  -- its own end, beside its campaign's
    active_from_version bigint,      -- of its campaign, not before that; NULL: from any
    PRIMARY KEY (project_id, id),
    CONSTRAINT vouchers_code UNIQUE (project_id, code),
    CONSTRAINT vouchers_campaign FOREIGN KEY (project_id, campaign_id) REFERENCES campaigns
) WITH (fillfactor = 85);
CREATE INDEX vouchers_newest ON vouchers (project_id, created_at, id);
CREATE INDEX vouchers_of_campaign ON vouchers (project_id, campaign_id, created_at, id);
CREATE INDEX vouchers_public ON vouchers (project_id, campaign_id, created_at) WHERE NOT generated;

-- How often all of a campaign's codes were used: the sum of redeemed_quantity, kept beside it,
-- because a link asks for it at every look.
CREATE TABLE campaign_uses (
    project_id   text NOT NULL,
    campaign_id  text NOT NULL,
    uses         bigint NOT NULL,
    PRIMARY KEY (project_id, campaign_id),
    FOREIGN KEY (project_id, campaign_id) REFERENCES campaigns
) WITH (fillfactor = 50);

-- A bulk issue, one chunk a transaction: whoever finds it unfinished goes on where it stands.
CREATE TABLE issue_jobs (
    project_id   text NOT NULL,
    id           text NOT NULL,
    campaign_id  text NOT NULL,
    status       text NOT NULL DEFAULT 'ENQUEUED',
    wanted       bigint NOT NULL CHECK (wanted > 0),
    done         bigint NOT NULL DEFAULT 0,
    last_chunk   integer,
    quantity     bigint,
    active       boolean NOT NULL DEFAULT true,
    config       jsonb NOT NULL,
    metadata     jsonb NOT NULL DEFAULT '{}',
    actor        text NOT NULL,
    request_id   text NOT NULL,
    failure      text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    CHECK (done <= wanted),
    FOREIGN KEY (project_id, campaign_id) REFERENCES campaigns
);
CREATE INDEX issue_jobs_open ON issue_jobs (updated_at) WHERE status IN ('ENQUEUED', 'IN_PROGRESS');
CREATE INDEX issue_jobs_of_campaign ON issue_jobs (project_id, campaign_id)
    WHERE status IN ('ENQUEUED', 'IN_PROGRESS');

-- What redemption says it enforces by now; a kill switch waits for its version here.
CREATE TABLE applied_versions (
    project_id  text NOT NULL,
    kind        text NOT NULL,
    id          text NOT NULL,
    version     bigint NOT NULL,
    applied_at  timestamptz NOT NULL,  -- when redemption began to enforce this version
    PRIMARY KEY (project_id, kind, id)
);

-- What orders, customers and redemptions have to be like: conditions and the logic between them, as
-- redemption judges them. They hold where they are assigned, and are published with that campaign.
CREATE TABLE validation_rules (
    project_id    text NOT NULL REFERENCES projects,
    id            text NOT NULL,
    version       bigint NOT NULL DEFAULT 1,
    name          text NOT NULL,
    expression    jsonb NOT NULL,
    message       text,
    context_type  text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz,
    PRIMARY KEY (project_id, id)
);
CREATE INDEX validation_rules_newest ON validation_rules (project_id, created_at, id);
CREATE INDEX validation_rules_of_products ON validation_rules
USING gin (named_at(expression, '$.nodes[*].lines.*[*]'));

CREATE TABLE rule_assignments (
    project_id   text NOT NULL,
    id           text NOT NULL,
    rule_id      text NOT NULL,
    campaign_id  text NOT NULL,
    voucher_id   text,  -- of this code of it alone; NULL: of all, as of a standalone code's campaign
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (project_id, id),
    CONSTRAINT assignments_rule
        UNIQUE NULLS NOT DISTINCT (project_id, rule_id, campaign_id, voucher_id),
    CONSTRAINT rule_assignments_rule FOREIGN KEY (project_id, rule_id) REFERENCES validation_rules,
    FOREIGN KEY (project_id, campaign_id) REFERENCES campaigns ON DELETE CASCADE,
    FOREIGN KEY (project_id, voucher_id) REFERENCES vouchers ON DELETE CASCADE
);
CREATE INDEX rule_assignments_of_campaign
ON rule_assignments (project_id, campaign_id, voucher_id, created_at, id);
CREATE INDEX rule_assignments_of_code ON rule_assignments (project_id, voucher_id)
WHERE voucher_id IS NOT NULL;
CREATE INDEX rule_assignments_newest ON rule_assignments (project_id, created_at, id);

-- Assignments as the API shows them: a standalone code's campaign is nobody's but the code's.
CREATE VIEW shown_assignments AS
SELECT a.project_id, a.id, a.rule_id, a.campaign_id, a.created_at, a.voucher_id AS of_code,
    coalesce(a.voucher_id, (
        SELECT v.id FROM vouchers AS v
        WHERE c.standalone AND v.project_id = a.project_id AND v.campaign_id = a.campaign_id
        LIMIT 1
    )) AS voucher_id
FROM rule_assignments AS a
JOIN campaigns AS c ON c.project_id = a.project_id AND c.id = a.campaign_id;

-- The rules that a code of a campaign has beside its campaign's: the oldest rule first.
CREATE FUNCTION rules_of_code(of_project text, of_voucher text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT jsonb_agg(
        jsonb_build_object('id', a.id, 'rule_id', a.rule_id, 'created_at', a.created_at)
        ORDER BY r.created_at, r.id
    )
    FROM rule_assignments AS a
    JOIN validation_rules AS r ON r.project_id = a.project_id AND r.id = a.rule_id
    WHERE a.project_id = of_project AND a.voucher_id = of_voucher
);

-- How often campaigns may be used at most in all, as rules that hold for them say; beside each's own.
CREATE VIEW totals_of_rules AS
SELECT a.project_id, a.campaign_id, min((counted ->> 'most')::bigint) AS most
FROM rule_assignments AS a
JOIN validation_rules AS r ON r.project_id = a.project_id AND r.id = a.rule_id
CROSS JOIN jsonb_array_elements(r.expression -> 'limits') AS counted
WHERE a.voucher_id IS NULL AND counted ->> 'name' = 'campaign.redemptions.count'
GROUP BY 1, 2;

-- A campaign with the names that its snapshot and the API show beside its ids.
CREATE VIEW campaign_sheets AS
SELECT c.project_id, c.id, c.version, c.name, c.partner_id, c.channel, c.category_id, c.active,
    c.terms, c.details, c.commission_plan, c.margin_basis_points, c.code_template, c.metadata,
    c.vouchers_count, c.created_at, c.updated_at, c.standalone, c.deleted_at,
    projects.currency, projects.time_zone, partners.name AS partner_name, partners.active AS partner_active,
    categories.name AS category_name,
    categories.hierarchy AS category_hierarchy,
    EXISTS (
        SELECT FROM issue_jobs AS j
        WHERE j.project_id = c.project_id AND j.campaign_id = c.id
        AND j.status IN ('ENQUEUED', 'IN_PROGRESS')
    ) AS issuing,
    coalesce((
        SELECT uses FROM campaign_uses AS u
        WHERE u.project_id = c.project_id AND u.campaign_id = c.id
    ), 0) AS redemptions,
    coalesce((
        SELECT version FROM applied_versions AS a
        WHERE a.project_id = c.project_id AND a.kind = 'campaign' AND a.id = c.id
    ), 0) >= c.version AS enforced,
    coalesce((
        SELECT jsonb_agg(
            jsonb_build_object(
                'id', a.id,
                'created_at', a.created_at,
                'rule', r.expression
                    || jsonb_build_object('id', r.id, 'name', r.name, 'message', r.message)
            ) ORDER BY a.created_at, a.id
        )
        FROM rule_assignments AS a
        JOIN validation_rules AS r ON r.project_id = a.project_id AND r.id = a.rule_id
        WHERE a.project_id = c.project_id AND a.campaign_id = c.id AND a.voucher_id IS NULL
    ), '[]') AS assignments
FROM campaigns AS c
JOIN projects ON projects.id = c.project_id
JOIN partners ON partners.project_id = c.project_id AND partners.id = c.partner_id
LEFT JOIN categories ON categories.project_id = c.project_id AND categories.id = c.category_id;

-- What others may read of this store: whoever waits until all is told. Granted to all: who is let
-- into this database besides its roles may read these, and nothing else.
CREATE VIEW reconciliation_outbox AS SELECT written_at FROM outbox;

CREATE VIEW issued_codes AS SELECT project_id, code, campaign_id FROM vouchers;

GRANT SELECT ON reconciliation_outbox, issued_codes TO PUBLIC;

-- migrate:down

-- migrate:up

-- Copies of what campaigns owns: whole snapshots, the highest version wins.
CREATE TABLE projects (
    project_id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    currency text NOT NULL,
    time_zone text NOT NULL,
    case_sensitive_codes boolean NOT NULL, -- for ever; if not, all its codes are in capitals
    -- How several codes apply together; changed behind the locks of all its campaigns.
    stacking jsonb NOT NULL,
    guess_limits jsonb NOT NULL, -- how many wrong codes it bears
    ended text[] NOT NULL -- sessions and grants whose tokens open nothing any more
);

CREATE TABLE api_keys (
    key_id text COLLATE "C" PRIMARY KEY,
    project_id text COLLATE "C" NOT NULL,
    digest bytea NOT NULL, -- SHA-256 of the secret; the secret itself is nowhere
    scopes text[] NOT NULL,
    expires_at timestamptz,
    origins text[] NOT NULL -- from whose pages a publishable one may be used
);
CREATE INDEX api_keys_of_project ON api_keys (project_id);

-- Beside the document of terms, which only Python reads, stands what is joined by.
CREATE TABLE campaigns (
    project_id text COLLATE "C",
    campaign_id text COLLATE "C",
    version bigint NOT NULL,
    name text NOT NULL,
    partner_id text NOT NULL,
    channel text NOT NULL,
    category_id text,
    category_hierarchy bigint,
    currency text NOT NULL,
    time_zone text NOT NULL,
    terms jsonb NOT NULL,
    commission_plan jsonb NOT NULL,
    margin_basis_points integer NOT NULL,
    PRIMARY KEY (project_id, campaign_id)
);

-- What a redemption is judged by and what its partner earns by it, for whoever gives it back: whose a
-- campaign was and by which plan, in each version that was in force.
CREATE TABLE campaign_versions (
    project_id text COLLATE "C",
    campaign_id text COLLATE "C",
    version bigint,
    partner_id text NOT NULL,
    channel text NOT NULL,
    category_id text,
    commission_plan jsonb NOT NULL,
    margin_basis_points integer NOT NULL,
    PRIMARY KEY (project_id, campaign_id, version)
);

CREATE INDEX campaigns_of_name ON campaigns (project_id, name);
CREATE INDEX campaigns_of_partner ON campaigns (project_id, partner_id);

-- One narrow row per campaign, which every decision, snapshot and rollback locks first, in the
-- order of this key. The kill switch hangs on it, so it exists even where nothing is capped. Who
-- holds it reads from it the newest version, switch and uses, whatever else was read before; the
-- version is NULL while only codes of the campaign have arrived.
-- The revision rises with all that is changed behind the lock, here and in other tables, and never
-- falls: what was read together with it is still true while it is the same.
-- `reports` tells that outcomes of its project name segments: so that nobody looks where none does.
-- No CHECK (used <= limit): a limit may legally be lowered below what is used.
CREATE TABLE campaign_locks (
    project_id text COLLATE "C",
    campaign_id text COLLATE "C",
    version bigint,
    active boolean NOT NULL DEFAULT false,
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    revision bigint NOT NULL DEFAULT 0,
    reports boolean NOT NULL DEFAULT false,
    PRIMARY KEY (project_id, campaign_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Sets what a campaign has used, which locks it, if nobody has changed it since it was read. Or else
-- undoes the statement that asks for it, as PostgreSQL does with transactions that collide.
CREATE FUNCTION use_unchanged(
    of_project text, of_campaign text, as_read bigint, used_by_now bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE campaign_locks SET used = used_by_now, revision = revision + 1
    WHERE project_id = of_project AND campaign_id = of_campaign AND revision = as_read;
    IF NOT FOUND THEN
        RAISE 'campaign % was changed', of_campaign USING ERRCODE = 'serialization_failure';
    END IF;
END $$;

-- Every other thing that is limited in a campaign, kept while it is limited: filled from the ledger
-- when a limit appears. A campaign's own uses stand in its lock, a code's beside the code.
CREATE TABLE counters (
    project_id text COLLATE "C",
    campaign_id text COLLATE "C",
    kind text COLLATE "C",
    subject text COLLATE "C",
    used bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (project_id, campaign_id, kind, subject)
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
    ends_at timestamptz, -- its own end, beside its campaign's
    active_from_version bigint, -- of its campaign, not before that; NULL: from any
    uses bigint NOT NULL DEFAULT 0 CHECK (uses >= 0),
    sequence bigint NOT NULL DEFAULT 0,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- of the row: found by it, once it is known
    PRIMARY KEY (project_id, code)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX vouchers_of_id ON vouchers USING hash (voucher_id);

-- Undoes the statement that asks for it, where something is not as it was read any more.
CREATE FUNCTION was_changed(what text, which text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RAISE '% % was changed', what, which USING ERRCODE = 'serialization_failure';
END $$;

-- What customers did, by their pseudonyms: counted with each order, so that nothing has to read
-- their past. Whose row is locked, or in the revision in which it was read, did nothing meanwhile.
CREATE TABLE customers (
    project_id text COLLATE "C",
    customer_id text COLLATE "C",
    first_redemption_id uuid, -- NULL: has not redeemed
    paid_orders bigint NOT NULL DEFAULT 0,
    spent_minor bigint NOT NULL DEFAULT 0, -- before coupons, less what was refunded
    first_paid_at timestamptz,
    first_order_id text, -- what was paid then
    last_paid_at timestamptz,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL, -- with an order, or for the first time
    source_id text, -- the shop's own id; NULL: a guest's e-mail is it, or the person was erased
    metadata jsonb,
    said_at jsonb, -- when each property of them was, in microseconds: the newest word holds
    said_last bigint, -- the newest of these
    revision bigint NOT NULL, -- rises with each change
    PRIMARY KEY (project_id, customer_id)
) WITH (fillfactor = 80);

-- Partial by what hardly changes: an update that changes nothing of any index is cheaper.
CREATE INDEX customers_of_project ON customers (project_id, created_at, customer_id)
WHERE created_at > '-infinity';

-- Who customers are: apart from all figures, so that it can go.
CREATE TABLE customer_profiles (
    project_id text COLLATE "C",
    customer_id text COLLATE "C",
    name text,
    named_at timestamptz, -- when it was said: the newest word holds
    email text,
    email_at timestamptz,
    details jsonb, -- whatever else was told at the API
    PRIMARY KEY (project_id, customer_id)
);
CREATE INDEX customer_profiles_of_email ON customer_profiles (project_id, email)
WHERE email IS NOT NULL;
CREATE INDEX customer_profiles_of_name ON customer_profiles (project_id, lower(name))
WHERE name IS NOT NULL;

-- Orders by the shop's own ids, as whoever told of one last: an event, or a redemption, which says
-- that it is paid.
CREATE TABLE orders (
    project_id text COLLATE "C",
    order_id text COLLATE "C",
    customer_id text COLLATE "C",
    status text NOT NULL CHECK (status IN ('CREATED', 'PAID', 'CANCELED', 'FULFILLED')),
    amount_minor bigint NOT NULL, -- before coupons
    refunded_minor bigint NOT NULL DEFAULT 0,
    returned_minor bigint NOT NULL DEFAULT 0, -- of what was refunded, what was rolled back
    counted_minor bigint NOT NULL DEFAULT 0, -- of the amount, what entries of the ledger share
    currency text, -- NULL: the project's
    items json, -- as they were told; null: those of the last redemption, which the ledger has
    metadata jsonb,
    version bigint, -- the shop's, where it told one
    paid_at timestamptz, -- for the first time
    changed_at timestamptz NOT NULL, -- by the clock of whoever told of it
    created_at timestamptz NOT NULL, -- likewise
    revision bigint NOT NULL, -- rises with each change
    PRIMARY KEY (project_id, order_id)
) WITH (fillfactor = 80);
-- Partial, like every index of what decisions look up by its key: or a plan of an empty table may
-- take it for the look-up, and keep to it when there are millions.
CREATE INDEX orders_of_project ON orders (project_id, created_at, order_id)
WHERE created_at > '-infinity';
-- Of which something is to be rolled back, and nobody has yet: few, and those alone. By what is in no
-- other index, or a plan may walk that one past all orders.
CREATE INDEX orders_overdue ON orders ((project_id || ''), (order_id || '')) WHERE returned_minor
    < CASE WHEN status = 'CANCELED' THEN greatest(amount_minor, 1) ELSE refunded_minor END;
CREATE INDEX orders_of_customer ON orders (customer_id, paid_at) WHERE customer_id IS NOT NULL;

-- What was told of orders under an Idempotency-Key, and the answer, byte for byte.
CREATE TABLE order_requests (
    key bytea PRIMARY KEY, -- digest of project and key
    fingerprint bytea NOT NULL, -- digest of what was told
    project_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    body bytea -- NULL: not answered yet, or the person was erased
);
CREATE INDEX order_requests_of_order ON order_requests (project_id, order_id);

-- The response that a request got, byte for byte: one per request, for ever. Nobody waits for one
-- to a request that came by Kafka: should somebody ask, it is made from the entries.
-- Not partitioned: the key must be unique over all time. Rows are only added, here and in the ledger,
-- so there is nothing to clean, and no plan that hangs on how many there are.
CREATE TABLE requests (
    key bytea PRIMARY KEY, -- digest of project and request id
    project_id text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL, -- digest of what was asked
    status smallint NOT NULL,
    body bytea,
    entries bytea NOT NULL -- the ids of its entries in the ledger, in the order of the codes
) WITH (autovacuum_vacuum_insert_threshold = 1000000, autovacuum_analyze_threshold = 1000000);

-- What became of each code of a request: the only source of truth. What gives one back is an entry
-- of its own, of negative amounts: nothing here is ever changed.
CREATE TABLE ledger (
    id uuid PRIMARY KEY, -- also the id of the event
    request_key bytea NOT NULL,
    parent_id uuid, -- the entry that this one gives back
    project_id text COLLATE "C" NOT NULL,
    campaign_id text COLLATE "C", -- NULL: unknown code
    campaign_version bigint,
    code text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C",
    customer_is_new boolean NOT NULL DEFAULT false, -- won by this entry
    order_id text,
    kind text NOT NULL CHECK (kind IN ('redeemed', 'refused', 'rolled_back')),
    -- Why it was refused; '' is redeemed, since a walk of the NULLs has no order, and rollbacks
    -- are walked by themselves.
    reason text COLLATE "C" NOT NULL DEFAULT '',
    hint text, -- what would have made it pass
    would_pass json, -- the same for machines; NULL: nothing to say
    campaign_name text, -- as it was
    order_minor bigint, -- its share of what the order has grown by; NULL: none was sent
    basket_minor bigint, -- the whole order, where some of it was counted before
    discount_minor bigint NOT NULL,
    currency text, -- the order's own, else its campaign's; NULL: unknown code, the project's
    claims json, -- [[kind, subject, amount], …]; NULL: took nothing
    -- [[product, SKU, quantity, amount, discount], …]: the order's lines, and what this code took off
    -- each, with the free units behind it where the discount is on the line; NULL: no lines, refused
    lines json,
    tracking_id text, -- as it was sent; NULL: none
    metadata json, -- in the order in which it was sent; NULL: none was
    segment_ids json, -- of those in reports, which the customer was in; NULL: none, or a rollback
    caller text NOT NULL, -- the API key or the topic that it came by
    at timestamptz NOT NULL, -- the moment by which it was judged
    decided_at timestamptz NOT NULL,
    -- Of what gives back alone.
    redeemed_at timestamptz, -- the `at` of its parent, in whose periods it counts
    is_whole boolean, -- whether nothing is left of its parent
    gives_use boolean, -- whether the use comes back, which it does with the whole
    gives_budget boolean, -- whether the amounts come back to budgets
    rollback_reason text, -- as it was sent; NULL: none
    CHECK ((kind = 'redeemed') = (reason = '')),
    CHECK ((kind = 'rolled_back') = (reason = 'rolled_back')),
    CHECK ((kind = 'rolled_back') = (parent_id IS NOT NULL)),
    CHECK ((kind = 'rolled_back') = (redeemed_at IS NOT NULL)),
    CHECK ((kind = 'rolled_back') = (is_whole IS NOT NULL)),
    CHECK ((kind = 'rolled_back') = (gives_use IS NOT NULL)),
    CHECK ((kind = 'rolled_back') = (gives_budget IS NOT NULL))
) WITH (autovacuum_vacuum_insert_threshold = 1000000, autovacuum_analyze_threshold = 1000000);
-- Lists are read by these alone; each costs the decision path 1 to 2 µs an entry. Every list is a
-- merge of ordered walks, one for each reason ('': redeemed), so no filter by result or reason has
-- to pass over what it leaves out.
CREATE INDEX ledger_of_project ON ledger (project_id, reason, at, id);
CREATE INDEX ledger_of_campaign ON ledger (project_id, campaign_id, reason, at, id);
CREATE INDEX ledger_of_parent ON ledger (parent_id) WHERE parent_id IS NOT NULL;

-- Who looks for a code, a customer or an order looks for one of these numbers, week by week: so that
-- of what is hot no page reads more than a week. A B-tree of each would cost three random pages an
-- entry; here they are appended to a list, which merge_traces() sorts into the index in bulk, beside
-- the path. Look-ups read the list too: nothing is found late.
-- There are 8,192 numbers for each kind and week, few on purpose: a merge adds many entries to each
-- at once, at a quarter of what a number for each order would cost. Who looks reads one in 8,192 of
-- all other entries too, and leaves them out.
CREATE FUNCTION trace(of_project text, kind integer, week integer, subject text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (week << 15) + (kind << 13) + (
    hashtextextended(subject COLLATE "C", hashtextextended(of_project COLLATE "C", 0)) & 8191
)::integer;

CREATE FUNCTION week_of(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN floor(date_part('epoch', at - timestamptz 'epoch') / 604800)::integer;

CREATE FUNCTION traces(
    of_project text, at timestamptz, code text, customer_id text, order_id text
) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
    trace(of_project, 1, week_of(at), code),
    trace(of_project, 2, week_of(at), customer_id),
    trace(of_project, 3, week_of(at), order_id)
];

CREATE INDEX ledger_by_traces ON ledger
USING gin (traces(project_id, at, code, customer_id, order_id))
WITH (fastupdate = on, gin_pending_list_limit = 65536); -- kB: should nobody merge, inserting does
ALTER INDEX ledger_by_traces ALTER COLUMN 1 SET STATISTICS 0; -- nobody plans by them

-- Only an index's owner may do it.
CREATE FUNCTION merge_traces() RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
RETURN gin_clean_pending_list('public.ledger_by_traces');

-- What others may read of this store: whoever reconciles, and whoever waits for what was decided.
-- Granted to all: who is let into this database besides its roles may read these, and nothing else.
CREATE VIEW reconciliation_projects AS SELECT project_id FROM projects;

CREATE VIEW reconciliation_entries AS
SELECT
    l.id,
    l.request_key,
    l.project_id,
    coalesce(l.campaign_id, '') AS campaign_id,
    coalesce(c.partner_id, '') AS partner_id, -- as the campaign now is
    l.kind = 'redeemed' AS accepted,
    l.reason,
    l.code,
    coalesce(l.customer_id, '') AS customer_id,
    coalesce(l.order_minor, 0) AS order_minor,
    l.discount_minor,
    coalesce(l.currency, '') AS currency,
    l.at,
    l.decided_at
FROM ledger AS l LEFT JOIN campaigns AS c USING (project_id, campaign_id);

CREATE FUNCTION microseconds(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce((extract(epoch FROM at) * 1000000)::bigint, 0);

CREATE VIEW campaign_uses AS SELECT project_id, campaign_id, used FROM campaign_locks;

-- Every counter that decisions go by, and what the ledger says it should be: told here once more, in
-- another language than that of `claims/limits.py`, which it proves.
CREATE VIEW reconciliation_counters AS
WITH limited AS NOT MATERIALIZED (
    -- What is counted of each campaign beside its own uses and its codes'. By a zone that this server
    -- does not know nothing can be recounted.
    SELECT project_id, campaign_id, time_zone, 'customer' AS kind,
        'customer' AS whose, NULL AS per, 'redemptions' AS what
    FROM campaigns WHERE jsonb_typeof(terms #> '{limits,per_customer}') = 'number'
    UNION ALL
    SELECT project_id, campaign_id, time_zone,
        each ->> 'what' || ' of ' || (each ->> 'of')
            || coalesce(' per ' || (each ->> 'per') || ' in ' || time_zone, ''),
        each ->> 'of', each ->> 'per', each ->> 'what'
    FROM campaigns, jsonb_array_elements(terms #> '{limits,others}') AS each
    WHERE each ->> 'per' IS NULL OR time_zone IN (SELECT name FROM pg_timezone_names)
), used AS NOT MATERIALIZED (
    -- What was used, and what was given back of it.
    SELECT project_id, campaign_id, code, customer_id, coalesce(redeemed_at, at) AS used_at,
        CASE WHEN kind = 'redeemed' THEN 1 ELSE -gives_use::integer END AS uses,
        CASE WHEN kind = 'redeemed' OR gives_budget THEN discount_minor ELSE 0 END
            AS discount_minor,
        CASE WHEN kind = 'redeemed' OR gives_budget THEN coalesce(order_minor, 0) ELSE 0 END
            AS order_minor
    FROM ledger WHERE kind IN ('redeemed', 'rolled_back')
), recounted AS (
    SELECT n.project_id, n.campaign_id, n.kind,
        concat_ws(' ',
            CASE n.per
                WHEN 'day' THEN to_char(l.used_at AT TIME ZONE n.time_zone, 'YYYY-MM-DD')
                WHEN 'week' THEN to_char(l.used_at AT TIME ZONE n.time_zone, 'IYYY-"W"IW')
                WHEN 'month' THEN to_char(l.used_at AT TIME ZONE n.time_zone, 'YYYY-MM')
            END,
            CASE WHEN n.whose IN ('customer', 'customer_and_code') THEN l.customer_id END,
            CASE WHEN n.whose IN ('code', 'customer_and_code') THEN l.code END
        ) AS subject,
        least(sum(CASE n.what
            WHEN 'discount' THEN l.discount_minor
            WHEN 'order' THEN l.order_minor
            ELSE l.uses
        END), 9223372036854775807)::bigint AS uses -- as store/sums.py keeps it
    FROM limited AS n JOIN used AS l USING (project_id, campaign_id)
    WHERE n.whose IN ('campaign', 'code') OR l.customer_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
)
SELECT project_id, campaign_id, 'campaign' AS kind, '' AS subject,
    coalesce(c.used, 0) AS used, coalesce(e.uses, 0) AS recounted
FROM campaign_locks AS c FULL JOIN (
    SELECT project_id, campaign_id, sum(uses) AS uses FROM used GROUP BY 1, 2
) AS e USING (project_id, campaign_id)
UNION ALL
SELECT project_id, v.campaign_id, each.kind, code, each.used, each.recounted
FROM vouchers AS v LEFT JOIN (
    SELECT project_id, code, sum(uses) AS uses, count(*) AS outcomes FROM used GROUP BY 1, 2
) AS e USING (project_id, code)
CROSS JOIN LATERAL (
    VALUES
        ('code', v.uses, coalesce(e.uses, 0)), ('outcomes of code', v.sequence, coalesce(e.outcomes, 0))
) AS each (kind, used, recounted)
UNION ALL
SELECT project_id, campaign_id, kind, subject, coalesce(c.used, 0), coalesce(r.uses, 0)
FROM (
    SELECT project_id, campaign_id, kind, subject, used
    FROM counters JOIN limited USING (project_id, campaign_id, kind)
) AS c
FULL JOIN recounted AS r USING (project_id, campaign_id, kind, subject)
UNION ALL
SELECT project_id, '', 'counted of order', order_id, coalesce(o.counted_minor, 0),
    coalesce(e.counted_minor, 0)
FROM orders AS o FULL JOIN (
    SELECT project_id, order_id, sum(order_minor)::bigint AS counted_minor FROM ledger
    WHERE order_id IS NOT NULL AND kind IN ('redeemed', 'rolled_back') GROUP BY 1, 2
) AS e USING (project_id, order_id)
UNION ALL
-- By the orders, with and without coupons; moments in microseconds, since these are numbers.
SELECT project_id, '', each.kind, customer_id, each.used, each.recounted
FROM customers AS c FULL JOIN (
    SELECT project_id, customer_id, count(*) AS paid_orders,
        min(paid_at) AS first_paid_at, max(paid_at) AS last_paid_at,
        least(sum(greatest(0, amount_minor - refunded_minor)), 9223372036854775807)::bigint
            AS spent_minor
    FROM orders WHERE status IN ('PAID', 'FULFILLED') AND customer_id IS NOT NULL GROUP BY 1, 2
) AS bought USING (project_id, customer_id)
LEFT JOIN (
    SELECT project_id, customer_id FROM ledger
    WHERE kind = 'redeemed' AND customer_id IS NOT NULL GROUP BY 1, 2
) AS redeemer USING (project_id, customer_id)
CROSS JOIN LATERAL (
    VALUES
        ('paid orders of customer', coalesce(c.paid_orders, 0), coalesce(bought.paid_orders, 0)),
        ('spent by customer', coalesce(c.spent_minor, 0), coalesce(bought.spent_minor, 0)),
        ('first payment of customer', microseconds(c.first_paid_at),
            microseconds(bought.first_paid_at)),
        ('last payment of customer', microseconds(c.last_paid_at),
            microseconds(bought.last_paid_at)),
        ('customer who has redeemed', (c.first_redemption_id IS NOT NULL)::integer,
            (redeemer.project_id IS NOT NULL)::integer)
) AS each (kind, used, recounted);

CREATE VIEW reconciliation_outbox AS SELECT written_at FROM outbox;

-- What each request was answered, byte for byte; by Kafka nobody was sent a body.
CREATE VIEW reconciliation_answers AS SELECT project_id, key, status, body FROM requests;

-- Codes that can be judged: with their campaign.
CREATE VIEW known_codes AS
SELECT v.project_id, v.code, v.campaign_id
FROM vouchers AS v JOIN campaigns AS c USING (project_id, campaign_id);

CREATE VIEW known_orders AS SELECT project_id, order_id FROM orders;

GRANT SELECT ON
    known_orders,
    reconciliation_projects,
    reconciliation_entries,
    campaign_uses,
    reconciliation_counters,
    reconciliation_outbox,
    reconciliation_answers,
    known_codes
TO PUBLIC;

-- migrate:down
-- forward only: dbmate wants this block

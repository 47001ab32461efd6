-- migrate:up

-- What lists are sorted and filtered by, one narrow row per code. `vouchers` itself has no index on
-- what redemptions change: its counts are followed without touching one (decision 60). These rows
-- follow: switches and the bin at once, by triggers; counts within seconds, by the worker.
CREATE TABLE voucher_listing (
    project_id         text NOT NULL,
    voucher_id         text NOT NULL,
    campaign_id        text NOT NULL,
    code               text NOT NULL,  -- a part of it is looked for along any order
    active             boolean NOT NULL,
    deleted            boolean NOT NULL,
    quantity           bigint,
    redeemed_quantity  bigint NOT NULL,
    created_at         timestamptz NOT NULL,
    published          boolean NOT NULL,
    ends_at            timestamptz,  -- its own end
    over               boolean NOT NULL DEFAULT false,  -- that has come
    -- Its own part of its status: the rank of in_bin, disabled, expired, used_up or live (status.py).
    state  smallint NOT NULL GENERATED ALWAYS AS (
        CASE WHEN deleted THEN 1 WHEN NOT active THEN 3 WHEN over THEN 5
            WHEN redeemed_quantity >= quantity THEN 6 ELSE 7 END
    ) STORED,
    PRIMARY KEY (project_id, voucher_id)
) WITH (fillfactor = 85);
CREATE INDEX voucher_listing_newest
    ON voucher_listing (project_id, state, created_at, voucher_id) INCLUDE (campaign_id);
CREATE INDEX voucher_listing_newest_of
    ON voucher_listing (project_id, campaign_id, state, created_at, voucher_id);
CREATE INDEX voucher_listing_used
    ON voucher_listing (project_id, state, redeemed_quantity, voucher_id)
    INCLUDE (campaign_id);
-- What a publication takes from: the newest first, and no code that it would have to pass over for
-- ever. An allotment takes the oldest.
CREATE INDEX voucher_listing_free ON voucher_listing (project_id, campaign_id, created_at, voucher_id)
    WHERE state = 7 AND NOT published;
-- What a partner's count of codes leaves out.
CREATE INDEX voucher_listing_published ON voucher_listing (project_id, campaign_id, voucher_id)
    WHERE published;
CREATE INDEX voucher_listing_ending ON voucher_listing (ends_at) WHERE ends_at IS NOT NULL AND NOT over;
CREATE INDEX voucher_listing_used_of
    ON voucher_listing (project_id, campaign_id, state, redeemed_quantity, voucher_id);

-- How many codes of each campaign are in each state: rows that add up, because a sum in one row
-- would make every two changes of a campaign's codes wait for each other. The worker adds them up.
-- And between which times they were made: no code is older or newer, though the code that was may
-- have left. So a list by age need not look at campaigns whose codes lie beyond its page.
CREATE TABLE voucher_counts (
    project_id   text NOT NULL,
    campaign_id  text NOT NULL,
    state        smallint NOT NULL,
    count        bigint NOT NULL,
    oldest       timestamptz NOT NULL,
    newest       timestamptz NOT NULL
);
CREATE INDEX voucher_counts_of ON voucher_counts (project_id, campaign_id, state)
    INCLUDE (count, oldest, newest);

-- Whose counts have moved and are not yet in voucher_listing: a row per batch of outcomes.
CREATE TABLE moved_uses (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id   text NOT NULL,
    voucher_ids  text[] NOT NULL
);

-- Three letters in a row, as many as a code has, of its project: what finds a part of a code.
CREATE FUNCTION code_parts(project_id text, code text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT project_id || substr(lower(code COLLATE "C"), n, 3)
    FROM generate_series(1, length(code) - 2) AS n
);

CREATE INDEX vouchers_by_part ON vouchers USING gin (code_parts(project_id, code))
    WITH (gin_pending_list_limit = 256);
CREATE INDEX vouchers_by_metadata ON vouchers USING gin (metadata)
    WITH (gin_pending_list_limit = 256);
CREATE INDEX vouchers_by_code ON vouchers (project_id, lower(code COLLATE "C"), id);
CREATE INDEX vouchers_changed ON vouchers (project_id, coalesce(updated_at, created_at), id);
CREATE INDEX vouchers_changed_of
    ON vouchers (project_id, campaign_id, coalesce(updated_at, created_at), id);
DROP INDEX vouchers_newest;
DROP INDEX vouchers_of_campaign;

CREATE FUNCTION list_new_vouchers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO voucher_listing (project_id, voucher_id, campaign_id, code, active, deleted,
        quantity, redeemed_quantity, created_at, published, ends_at)
    SELECT project_id, id, campaign_id, code, active, deleted_at IS NOT NULL, quantity,
        redeemed_quantity, created_at, publication_id IS NOT NULL, ends_at
    FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER list_new AFTER INSERT ON vouchers REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION list_new_vouchers();

CREATE FUNCTION list_changed_voucher() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE voucher_listing SET active = NEW.active, deleted = NEW.deleted_at IS NOT NULL,
        quantity = NEW.quantity, published = NEW.publication_id IS NOT NULL, ends_at = NEW.ends_at
    WHERE project_id = NEW.project_id AND voucher_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER list_changed AFTER UPDATE OF active, deleted_at, quantity, publication_id ON vouchers
    FOR EACH ROW WHEN (
        (OLD.active, OLD.deleted_at, OLD.quantity, OLD.publication_id)
        IS DISTINCT FROM (NEW.active, NEW.deleted_at, NEW.quantity, NEW.publication_id)
    ) EXECUTE FUNCTION list_changed_voucher();

CREATE FUNCTION unlist_vouchers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM voucher_listing AS l USING removed
    WHERE l.project_id = removed.project_id AND l.voucher_id = removed.id;
    RETURN NULL;
END $$;
CREATE TRIGGER unlist AFTER DELETE ON vouchers REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION unlist_vouchers();

CREATE FUNCTION count_listed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO voucher_counts
        SELECT project_id, campaign_id, state, count(*), min(created_at), max(created_at)
        FROM added GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO voucher_counts
        SELECT project_id, campaign_id, state, -count(*), min(created_at), max(created_at)
        FROM removed GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO voucher_counts
        SELECT project_id, campaign_id, state, sum(one), min(created_at), max(created_at) FROM (
            SELECT project_id, campaign_id, state, created_at, 1 AS one FROM added
            UNION ALL SELECT project_id, campaign_id, state, created_at, -1 FROM removed
        ) AS moved GROUP BY 1, 2, 3
        HAVING sum(one) <> 0  -- or as many came as went, and one of them is older or newer
            OR min(created_at) < min(created_at) FILTER (WHERE one < 0)
            OR max(created_at) > max(created_at) FILTER (WHERE one < 0);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_added AFTER INSERT ON voucher_listing REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_listed();
CREATE TRIGGER count_removed AFTER DELETE ON voucher_listing REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION count_listed();
CREATE TRIGGER count_moved AFTER UPDATE ON voucher_listing
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_listed();

-- A campaign as lists see it.
CREATE VIEW listed_campaigns AS
SELECT c.project_id, c.id, c.name, c.channel, c.partner_id, partners.name AS partner,
    c.category_id, categories.name AS category, c.terms -> 'discount' ->> 'type' AS discount_type,
    c.details ->> 'type' AS type, c.starts_at, c.ends_at,
    least((c.terms -> 'limits' ->> 'total')::bigint, (
        SELECT t.most FROM totals_of_rules AS t
        WHERE t.project_id = c.project_id AND t.campaign_id = c.id
    )) AS total_limit,
    coalesce(u.uses, 0) AS redemptions,
    c.vouchers_count, c.metadata, c.created_at, coalesce(c.updated_at, c.created_at) AS changed_at,
    c.active, partners.active AS partner_active, c.deleted_at, c.standalone,
    coalesce(a.version, 0) >= c.version AS enforced
FROM campaigns AS c
-- All are LEFT, though each has a partner: what a statement does not ask for is not joined.
LEFT JOIN partners ON partners.project_id = c.project_id AND partners.id = c.partner_id
LEFT JOIN categories ON categories.project_id = c.project_id AND categories.id = c.category_id
LEFT JOIN campaign_uses AS u ON u.project_id = c.project_id AND u.campaign_id = c.id
LEFT JOIN applied_versions AS a
    ON a.project_id = c.project_id AND a.kind = 'campaign' AND a.id = c.id;

-- migrate:down

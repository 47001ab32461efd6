-- What reports and BI read. Every view says FINAL, so that no figure depends on redelivery.
-- Columns: docs/metrics.md; a test compares.

-- What a campaign was called at each of its versions. Asked with ASOF for a version that has not come
-- yet, the one before it answers; for one that Kafka had compacted away before we read it, the oldest
-- that we know, which stands here as version 0 too.
CREATE OR REPLACE VIEW campaign_names AS
SELECT
    project_id,
    campaign_id,
    version,
    name AS campaign_name,
    partner_name,
    channel,
    category_id,
    category_name
FROM campaigns FINAL
UNION ALL
SELECT
    project_id,
    campaign_id,
    toUInt64(0) AS version,
    argMin(name, c.version) AS campaign_name,
    argMin(c.partner_name, c.version) AS partner_name,
    argMin(c.channel, c.version) AS channel,
    argMin(c.category_id, c.version) AS category_id,
    argMin(c.category_name, c.version) AS category_name
FROM campaigns AS c FINAL
GROUP BY project_id, campaign_id;

-- The one place that says what a figure of earnings is: reports and the views below select from it.
-- Of one project, partner or campaign, NULL for all of them, from an instant up to and excluding
-- another; a row per partner, or per campaign, or per day (a UTC day) of either.
-- Gross times margin is summed exactly and rounded once per row, half up: who adds rows up adds
-- gross_profit_exact_minor and rounds the sum. Sums are 128 bits wide, so that no basket that the
-- contract allows makes one overflow. A visit has no currency, and a refusal need not name one:
-- both count in the project's. A name is the one that the row's latest redemption or visit had at its
-- time, so that a period which is over keeps its names.
CREATE OR REPLACE VIEW performance AS
SELECT
    f.project_id AS project_id,
    f.day AS day,
    f.partner_id AS partner_id,
    argMax(c.partner_name, f.last_at) AS partner_name,
    f.campaign AS campaign_id,
    if({by_campaign:Bool}, argMax(c.campaign_name, f.last_at), '') AS campaign_name,
    if({by_campaign:Bool}, argMax(c.channel, f.last_at), '') AS channel,
    if(f.currency = '', p.currency, f.currency) AS currency,
    sum(f.visits) AS visits,
    sum(f.redemptions) AS redemptions,
    sum(f.new_customers) AS new_customers,
    sum(f.gross) AS gross_minor,
    sum(f.discount) AS discount_minor,
    sum(f.commission) AS commission_minor,
    toDecimal128(sum(f.weighted), 4) / 10000 AS gross_profit_exact_minor,
    intDiv(sum(f.weighted) + 5000, 10000) AS gross_profit_minor,
    discount_minor + commission_minor AS cost_minor,
    gross_profit_minor - cost_minor AS profit_minor,
    if(cost_minor = 0, NULL, profit_minor / cost_minor) AS roi,
    sum(f.refused) AS refused,
    sum(f.refused_value) AS refused_minor
FROM (
    SELECT
        project_id,
        if({by_day:Bool}, toDate(occurred_at), toDate(0)) AS day,
        partner_id,
        if({by_campaign:Bool}, campaign_id, '') AS campaign,
        currency,
        max(occurred_at) AS last_at,
        argMax((campaign_id, campaign_version), occurred_at) AS last,
        toUInt64(0) AS visits,
        countIf(result = 'succeeded') AS redemptions,
        countIf(result = 'succeeded' AND customer_is_new) AS new_customers,
        sumIf(toInt128(order_minor), result = 'succeeded') AS gross,
        sumIf(toInt128(discount_minor), result = 'succeeded') AS discount,
        sumIf(toInt128(commission_minor), result = 'succeeded') AS commission,
        sumIf(toInt128(order_minor) * margin_basis_points, result = 'succeeded') AS weighted,
        countIf(result = 'failed') AS refused,
        sumIf(toInt128(order_minor), result = 'failed') AS refused_value
    FROM redemption_events FINAL
    WHERE ({project:Nullable(String)} IS NULL OR project_id = {project:Nullable(String)})
        AND ({partner:Nullable(String)} IS NULL OR partner_id = {partner:Nullable(String)})
        AND ({campaign:Nullable(String)} IS NULL OR campaign_id = {campaign:Nullable(String)})
        AND occurred_at >= {starts_at:DateTime64(3, 'UTC')}
        AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
        AND partner_id != ''
    GROUP BY project_id, day, partner_id, campaign, currency
    UNION ALL
    SELECT
        project_id,
        if({by_day:Bool}, toDate(occurred_at), toDate(0)) AS day,
        partner_id,
        if({by_campaign:Bool}, campaign_id, '') AS campaign,
        '' AS currency,
        max(occurred_at) AS last_at,
        -- Of an unknown version: as the campaign now is.
        argMax(
            (campaign_id, if(campaign_version = 0, toUInt64(-1), campaign_version)), occurred_at
        ) AS last,
        count() AS visits,
        0, 0, 0, 0, 0, 0, 0, 0
    FROM visits FINAL
    WHERE ({project:Nullable(String)} IS NULL OR project_id = {project:Nullable(String)})
        AND ({partner:Nullable(String)} IS NULL OR partner_id = {partner:Nullable(String)})
        AND ({campaign:Nullable(String)} IS NULL OR campaign_id = {campaign:Nullable(String)})
        AND occurred_at >= {starts_at:DateTime64(3, 'UTC')}
        AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
        AND partner_id != ''
    GROUP BY project_id, day, partner_id, campaign
) AS f
ASOF LEFT JOIN (
    SELECT * FROM campaign_names
    WHERE {project:Nullable(String)} IS NULL OR project_id = {project:Nullable(String)}
) AS c
    ON c.project_id = f.project_id
    AND c.campaign_id = f.last.1
    AND c.version <= f.last.2
LEFT JOIN (SELECT * FROM projects FINAL) AS p ON p.project_id = f.project_id
GROUP BY project_id, day, partner_id, campaign_id, currency
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- The same for refusals. A refusal of a code that nobody issued has neither partner nor campaign:
-- both are empty. So they are for requests that were refused unread, after too many wrong codes;
-- these name no basket and no customer either, and bear the key that they were answered with.
CREATE OR REPLACE VIEW failures AS
SELECT
    f.project_id AS project_id,
    f.day AS day,
    f.reason AS reason,
    f.partner_id AS partner_id,
    argMax(c.partner_name, f.last_at) AS partner_name,
    f.campaign AS campaign_id,
    if({by_campaign:Bool}, argMax(c.campaign_name, f.last_at), '') AS campaign_name,
    if(f.currency = '', p.currency, f.currency) AS currency,
    sum(f.refusals) AS failures,
    uniqExactIfMerge(f.who) AS customers,
    sum(f.refused_value) AS refused_minor
FROM (
    SELECT
        project_id,
        if({by_day:Bool}, toDate(occurred_at), toDate(0)) AS day,
        reason,
        partner_id,
        if({by_campaign:Bool}, campaign_id, '') AS campaign,
        currency,
        max(occurred_at) AS last_at,
        argMax((campaign_id, campaign_version), occurred_at) AS last,
        count() AS refusals,
        uniqExactIfState(customer_id, customer_id != '') AS who,
        sum(toInt128(order_minor)) AS refused_value
    FROM redemption_events FINAL
    WHERE ({project:Nullable(String)} IS NULL OR project_id = {project:Nullable(String)})
        AND ({partner:Nullable(String)} IS NULL OR partner_id = {partner:Nullable(String)})
        AND ({campaign:Nullable(String)} IS NULL OR campaign_id = {campaign:Nullable(String)})
        AND occurred_at >= {starts_at:DateTime64(3, 'UTC')}
        AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
        AND result = 'failed'
    GROUP BY project_id, day, reason, partner_id, campaign, currency
    UNION ALL
    SELECT
        project_id,
        if({by_day:Bool}, toDate(minute), toDate(0)) AS day,
        toLowCardinality('too_many_requests') AS reason,
        toLowCardinality('') AS partner_id,
        '' AS campaign,
        '' AS currency,
        max(minute) AS last_at,
        ('', toUInt64(0)) AS last,
        sum(requests) AS refusals,
        uniqExactIfState('', false) AS who,
        toInt128(0) AS refused_value
    FROM guess_events FINAL
    WHERE ({project:Nullable(String)} IS NULL OR project_id = {project:Nullable(String)})
        AND ({partner:Nullable(String)} IS NULL OR {partner:Nullable(String)} = '')
        AND ({campaign:Nullable(String)} IS NULL OR {campaign:Nullable(String)} = '')
        AND minute >= {starts_at:DateTime64(3, 'UTC')}
        AND minute < {ends_at:DateTime64(3, 'UTC')}
    GROUP BY project_id, day
) AS f
ASOF LEFT JOIN (
    SELECT * FROM campaign_names
    WHERE {project:Nullable(String)} IS NULL OR project_id = {project:Nullable(String)}
) AS c
    ON c.project_id = f.project_id
    AND c.campaign_id = f.last.1
    AND c.version <= f.last.2
LEFT JOIN (SELECT * FROM projects FINAL) AS p ON p.project_id = f.project_id
GROUP BY project_id, day, reason, partner_id, campaign_id, currency
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- For BI, of all time and all that its reader may see: filter by project and day.

CREATE OR REPLACE VIEW campaign_performance AS
SELECT
    project_id,
    day,
    partner_id,
    partner_name,
    campaign_id,
    campaign_name,
    currency,
    visits,
    redemptions,
    new_customers,
    toInt64(gross_minor) AS gross_minor,
    toInt64(discount_minor) AS discount_minor,
    toInt64(commission_minor) AS commission_minor,
    gross_profit_exact_minor,
    toInt64(gross_profit_minor) AS gross_profit_minor,
    toInt64(cost_minor) AS cost_minor,
    toInt64(profit_minor) AS profit_minor,
    roi,
    refused,
    toInt64(refused_minor) AS refused_minor
FROM performance(
    by_day = true, by_campaign = true, project = NULL, partner = NULL, campaign = NULL,
    starts_at = '1900-01-01 00:00:00', ends_at = '2299-12-31 23:59:59'
);

CREATE OR REPLACE VIEW partner_performance AS
SELECT
    project_id,
    day,
    partner_id,
    partner_name,
    currency,
    visits,
    redemptions,
    new_customers,
    toInt64(gross_minor) AS gross_minor,
    toInt64(discount_minor) AS discount_minor,
    toInt64(commission_minor) AS commission_minor,
    gross_profit_exact_minor,
    toInt64(gross_profit_minor) AS gross_profit_minor,
    toInt64(cost_minor) AS cost_minor,
    toInt64(profit_minor) AS profit_minor,
    roi,
    refused,
    toInt64(refused_minor) AS refused_minor
FROM performance(
    by_day = true, by_campaign = false, project = NULL, partner = NULL, campaign = NULL,
    starts_at = '1900-01-01 00:00:00', ends_at = '2299-12-31 23:59:59'
);

CREATE OR REPLACE VIEW failure_reasons AS
SELECT
    project_id,
    day,
    reason,
    partner_id,
    partner_name,
    campaign_id,
    campaign_name,
    currency,
    failures,
    customers,
    toInt64(refused_minor) AS refused_minor
FROM failures(
    by_day = true, by_campaign = true, project = NULL, partner = NULL, campaign = NULL,
    starts_at = '1900-01-01 00:00:00', ends_at = '2299-12-31 23:59:59'
);

-- When somebody guessed codes, by which limit it was stopped, and by whose key or topic it came.
CREATE OR REPLACE VIEW refused_guesses AS
SELECT
    project_id,
    toDate(g.minute) AS day,
    g.minute AS minute,
    passed_limit,
    caller,
    sum(g.requests) AS requests
FROM guess_events AS g FINAL
GROUP BY project_id, day, minute, passed_limit, caller
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Awareness, conversion, acquisition.
CREATE OR REPLACE VIEW funnel AS
SELECT
    project_id,
    day,
    partner_id,
    max(d.partner_name) AS partner_name,
    campaign_id,
    max(d.campaign_name) AS campaign_name,
    sum(d.visits) AS visits,
    sum(d.redemptions) + sum(d.refused) AS attempts,
    sum(d.redemptions) AS redemptions,
    sum(d.new_customers) AS new_customers,
    if(visits = 0, NULL, redemptions / visits) AS redemptions_per_visit,
    if(redemptions = 0, NULL, new_customers / redemptions) AS new_customers_per_redemption
FROM campaign_performance AS d
GROUP BY project_id, day, partner_id, campaign_id;

CREATE OR REPLACE VIEW redemption_log AS
SELECT
    f.project_id AS project_id,
    toDate(f.occurred_at) AS day,
    f.occurred_at AS occurred_at,
    f.decided_at AS decided_at,
    f.event_id AS event_id,
    f.redemption_id AS redemption_id,
    f.parent_redemption_id AS parent_redemption_id,
    f.result AS result,
    f.reason AS reason,
    f.hint AS hint,
    f.partner_id AS partner_id,
    c.partner_name AS partner_name,
    f.campaign_id AS campaign_id,
    c.campaign_name AS campaign_name,
    f.campaign_version AS campaign_version,
    f.channel AS channel,
    f.category_id AS category_id,
    if(c.category_id = f.category_id, c.category_name, '') AS category_name,
    f.code AS code,
    f.voucher_id AS voucher_id,
    f.customer_id AS customer_id,
    f.customer_is_new AS customer_is_new,
    f.order_id AS order_id,
    f.order_minor AS order_minor,
    f.discount_minor AS discount_minor,
    f.commission_minor AS commission_minor,
    f.margin_basis_points AS margin_basis_points,
    f.currency AS currency,
    f.visit_id AS visit_id
FROM redemption_events AS f FINAL
ASOF LEFT JOIN campaign_names AS c
    ON c.project_id = f.project_id
    AND c.campaign_id = f.campaign_id
    AND c.version <= f.campaign_version
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- For `counterfoil`: what a reconciliation compares with the ledger, one row per decision.
CREATE OR REPLACE VIEW reconciliation_entries AS
SELECT
    event_id,
    project_id,
    campaign_id,
    partner_id,
    toUInt8(result = 'succeeded') AS accepted,
    reason,
    code,
    customer_id,
    order_minor,
    discount_minor,
    commission_minor,
    margin_basis_points,
    currency,
    occurred_at,
    decided_at
FROM redemption_events FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- One row per look at a deal.
CREATE OR REPLACE VIEW visit_log AS
SELECT
    project_id,
    toDate(occurred_at) AS day,
    occurred_at,
    event_id,
    visit_id,
    partner_id,
    campaign_id,
    channel,
    customer_id
FROM visits FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- The campaigns that a report can name to whoever has a key: both snapshots have arrived.
CREATE OR REPLACE VIEW known_campaigns AS
SELECT
    c.project_id AS project_id,
    c.campaign_id AS campaign_id,
    c.version AS version,
    c.name AS campaign_name,
    c.partner_id AS partner_id,
    c.partner_name AS partner_name,
    c.channel AS channel,
    c.active AS active,
    c.currency AS currency
FROM (
    SELECT * FROM campaigns FINAL ORDER BY version DESC LIMIT 1 BY project_id, campaign_id
) AS c
INNER JOIN (SELECT project_id FROM projects FINAL) AS p ON p.project_id = c.project_id;

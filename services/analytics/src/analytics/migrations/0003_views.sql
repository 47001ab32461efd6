-- What BI reads. Each view says FINAL, so that no figure depends on redelivery. Days are UTC days.
-- Profit is rounded once per row of a view: who adds rows up adds gross_profit_exact_minor and rounds
-- the sum. Columns: docs/metrics.md; a test compares.

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
    c.name AS campaign_name,
    f.campaign_version AS campaign_version,
    f.channel AS channel,
    f.category_id AS category_id,
    c.category_name AS category_name,
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
LEFT JOIN (SELECT * FROM campaigns FINAL) AS c
    ON c.project_id = f.project_id AND c.campaign_id = f.campaign_id
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- A visit, or a refusal that names no currency, counts in the currency of its project.
CREATE OR REPLACE VIEW campaign_performance AS
SELECT
    d.project_id AS project_id,
    d.day AS day,
    d.partner_id AS partner_id,
    any(c.partner_name) AS partner_name,
    d.campaign_id AS campaign_id,
    any(c.name) AS campaign_name,
    if(d.currency = '', p.currency, d.currency) AS currency,
    sum(d.visits) AS visits,
    sum(d.redemptions) AS redemptions,
    sum(d.new_customers) AS new_customers,
    toInt64(sum(d.gross)) AS gross_minor,
    toInt64(sum(d.discount)) AS discount_minor,
    toInt64(sum(d.commission)) AS commission_minor,
    toDecimal128(sum(d.weighted), 4) / 10000 AS gross_profit_exact_minor,
    toInt64(intDiv(sum(d.weighted) + 5000, 10000)) AS gross_profit_minor,
    discount_minor + commission_minor AS cost_minor,
    gross_profit_minor - cost_minor AS profit_minor,
    if(cost_minor = 0, NULL, profit_minor / cost_minor) AS roi,
    sum(d.refused) AS refused,
    toInt64(sum(d.refused_value)) AS refused_minor
FROM (
    SELECT
        project_id,
        toDate(occurred_at) AS day,
        partner_id,
        campaign_id,
        currency,
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
    WHERE partner_id != ''
    GROUP BY project_id, day, partner_id, campaign_id, currency
    UNION ALL
    SELECT
        project_id, toDate(occurred_at) AS day, partner_id, campaign_id, '',
        count(), 0, 0, 0, 0, 0, 0, 0, 0
    FROM visits FINAL
    GROUP BY project_id, day, partner_id, campaign_id
) AS d
LEFT JOIN (SELECT * FROM campaigns FINAL) AS c
    ON c.project_id = d.project_id AND c.campaign_id = d.campaign_id
LEFT JOIN (SELECT * FROM projects FINAL) AS p ON p.project_id = d.project_id
GROUP BY project_id, day, partner_id, campaign_id, currency
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE OR REPLACE VIEW partner_performance AS
SELECT
    project_id,
    day,
    partner_id,
    max(d.partner_name) AS partner_name,
    currency,
    sum(d.visits) AS visits,
    sum(d.redemptions) AS redemptions,
    sum(d.new_customers) AS new_customers,
    sum(d.gross_minor) AS gross_minor,
    sum(d.discount_minor) AS discount_minor,
    sum(d.commission_minor) AS commission_minor,
    sum(d.gross_profit_exact_minor) AS gross_profit_exact_minor,
    toInt64(floor(gross_profit_exact_minor + toDecimal128('0.5', 4))) AS gross_profit_minor,
    discount_minor + commission_minor AS cost_minor,
    gross_profit_minor - cost_minor AS profit_minor,
    if(cost_minor = 0, NULL, profit_minor / cost_minor) AS roi,
    sum(d.refused) AS refused,
    sum(d.refused_minor) AS refused_minor
FROM campaign_performance AS d
GROUP BY project_id, day, partner_id, currency;

-- A refusal of a code that nobody issued has neither partner nor campaign: both are empty.
CREATE OR REPLACE VIEW failure_reasons AS
SELECT
    d.project_id AS project_id,
    d.day AS day,
    d.reason AS reason,
    d.partner_id AS partner_id,
    c.partner_name AS partner_name,
    d.campaign_id AS campaign_id,
    c.name AS campaign_name,
    if(d.currency = '', p.currency, d.currency) AS currency,
    sum(d.failures) AS failures,
    uniqExactIfMerge(d.who) AS customers,
    toInt64(sum(d.refused_value)) AS refused_minor
FROM (
    SELECT
        project_id, toDate(occurred_at) AS day, reason, partner_id, campaign_id, currency,
        count() AS failures,
        uniqExactIfState(customer_id, customer_id != '') AS who,
        sum(toInt128(order_minor)) AS refused_value
    FROM redemption_events FINAL
    WHERE result = 'failed'
    GROUP BY project_id, day, reason, partner_id, campaign_id, currency
) AS d
LEFT JOIN (SELECT * FROM campaigns FINAL) AS c
    ON c.project_id = d.project_id AND c.campaign_id = d.campaign_id
LEFT JOIN (SELECT * FROM projects FINAL) AS p ON p.project_id = d.project_id
GROUP BY project_id, day, reason, partner_id, partner_name, campaign_id, campaign_name, currency
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

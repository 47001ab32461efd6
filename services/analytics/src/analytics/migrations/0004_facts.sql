-- A fact as a report sees it, a row each: what happened, to which deal, and how much of each figure it
-- adds. What a figure counts is said here, and nowhere again; the views over these add it up.
-- FINAL, so that no figure depends on redelivery. Amounts are 128 bits wide, so that no basket that
-- the contract allows makes a sum overflow.
CREATE OR REPLACE VIEW decisions AS
SELECT
    project_id,
    occurred_at,
    event_id,
    redemption_id,
    partner_id,
    campaign_id,
    campaign_version,
    category_id,
    channel,
    result,
    reason,
    hint,
    code,
    customer_id,
    segment_ids,
    -- Who is in none of those in reports is in the one without a name.
    if(empty(segment_ids), [''], segment_ids) AS segments,
    order_id,
    currency,
    order_minor,
    result = 'succeeded' AS is_accepted,
    result = 'failed' AS is_refused,
    toUInt64(is_accepted) AS accepted,
    toUInt64(result = 'rolled_back' AND is_whole) AS rolled_back,
    toInt64(accepted) - toInt64(rolled_back) AS redemptions,
    if(customer_is_new, redemptions, 0) AS new_customers,
    toUInt64(is_refused) AS refused,
    if(is_refused, 0, toInt128(order_minor)) AS gross,
    if(is_refused, 0, toInt128(discount_minor)) AS discount,
    if(is_refused, 0, toInt128(net_minor)) AS net,
    if(is_refused, 0, toInt128(commission_minor)) AS commission,
    if(is_refused, 0, toInt128(order_minor) * margin_basis_points) AS weighted,
    if(is_refused, toInt128(order_minor), 0) AS refused_value
FROM redemption_events FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Decisions and visits together. A visit has no currency, and nobody is judged by it: it is in no
-- segment, not even in the one without a name.
CREATE OR REPLACE VIEW facts AS
SELECT
    project_id,
    occurred_at,
    partner_id,
    campaign_id,
    campaign_version,
    category_id,
    channel,
    segments,
    currency,
    toUInt64(0) AS visits,
    accepted,
    rolled_back,
    redemptions,
    new_customers,
    refused,
    gross,
    discount,
    net,
    commission,
    weighted,
    refused_value
FROM decisions
UNION ALL
SELECT
    project_id,
    occurred_at,
    partner_id,
    campaign_id,
    -- Of an unknown version: as the campaign now is.
    if(campaign_version = 0, toUInt64(-1), campaign_version) AS campaign_version,
    category_id,
    channel,
    CAST([] AS Array(String)) AS segments,
    toLowCardinality('') AS currency,
    toUInt64(1) AS visits,
    toUInt64(0) AS accepted,
    toUInt64(0) AS rolled_back,
    toInt64(0) AS redemptions,
    toInt64(0) AS new_customers,
    toUInt64(0) AS refused,
    toInt128(0) AS gross,
    toInt128(0) AS discount,
    toInt128(0) AS net,
    toInt128(0) AS commission,
    toInt128(0) AS weighted,
    toInt128(0) AS refused_value
FROM visits FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- For `counterfoil`: what a reconciliation compares with the ledger, one row per decision.
CREATE OR REPLACE VIEW reconciliation_entries AS
SELECT
    event_id,
    project_id,
    campaign_id,
    partner_id,
    toUInt8(result = 'succeeded') AS accepted,
    if(e.result = 'rolled_back', 'rolled_back', toString(e.reason)) AS reason,
    code,
    customer_id,
    order_minor,
    discount_minor,
    commission_minor,
    margin_basis_points,
    currency,
    occurred_at,
    decided_at
FROM redemption_events AS e FINAL
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

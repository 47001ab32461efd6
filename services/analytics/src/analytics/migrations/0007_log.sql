-- One row per decision, to look things up and to answer what no other view does.
CREATE OR REPLACE VIEW redemption_log AS
SELECT
    f.project_id AS project_id,
    toDate(f.occurred_at) AS day,
    f.occurred_at AS occurred_at,
    f.decided_at AS decided_at,
    f.event_id AS event_id,
    f.redemption_id AS redemption_id,
    f.rollback_id AS rollback_id,
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
    f.segment_ids AS segment_ids,
    f.order_id AS order_id,
    f.order_minor AS order_minor,
    f.discount_minor AS discount_minor,
    f.net_minor AS net_minor,
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

-- For BI, of all time and all that its reader may see: filter by project and day. Columns:
-- docs/metrics.md; a test compares. Who brought nothing (a code that nobody issued) is among the
-- failures alone.

CREATE OR REPLACE VIEW campaign_performance AS
SELECT
    f.project_id AS project_id,
    f.day AS day,
    f.partner_id AS partner_id,
    c.partner_name AS partner_name,
    f.campaign_id AS campaign_id,
    c.campaign_name AS campaign_name,
    f.currency AS currency,
    f.visits AS visits,
    f.redemptions AS redemptions,
    f.rolled_back AS rolled_back,
    f.new_customers AS new_customers,
    toInt64(f.gross_minor) AS gross_minor,
    toInt64(f.discount_minor) AS discount_minor,
    toInt64(f.net_minor) AS net_minor,
    toInt64(f.commission_minor) AS commission_minor,
    f.gross_profit_exact_minor AS gross_profit_exact_minor,
    toInt64(f.gross_profit_minor) AS gross_profit_minor,
    toInt64(f.cost_minor) AS cost_minor,
    toInt64(f.profit_minor) AS profit_minor,
    f.roi AS roi,
    f.refused AS refused,
    f.attempts AS attempts,
    toInt64(f.refused_minor) AS refused_minor
FROM figures(
    by = ['day', 'partner', 'campaign'], named = [], bounds = [0], into = [[0]], currency = '', project = NULL,
    partners = [], campaigns = [], categories = [], channels = [], segments = [],
    starts_at = '1900-01-01 00:00:00', ends_at = '2299-12-31 23:59:59',
    other_starts_at = '1900-01-01 00:00:00', other_ends_at = '1900-01-01 00:00:00'
) AS f
ASOF LEFT JOIN campaign_names AS c
    ON c.project_id = f.project_id AND c.campaign_id = f.last.1 AND c.version <= f.last.2
WHERE f.partner_id != '';

-- What a customer did who was in two segments stands in the rows of both: add up over one segment.
CREATE OR REPLACE VIEW segment_performance AS
SELECT
    f.project_id AS project_id,
    f.day AS day,
    f.partner_id AS partner_id,
    c.partner_name AS partner_name,
    f.campaign_id AS campaign_id,
    c.campaign_name AS campaign_name,
    f.segment_id AS segment_id,
    s.segment_name AS segment_name,
    f.currency AS currency,
    f.redemptions AS redemptions,
    f.rolled_back AS rolled_back,
    f.new_customers AS new_customers,
    toInt64(f.gross_minor) AS gross_minor,
    toInt64(f.discount_minor) AS discount_minor,
    toInt64(f.net_minor) AS net_minor,
    toInt64(f.commission_minor) AS commission_minor,
    f.gross_profit_exact_minor AS gross_profit_exact_minor,
    toInt64(f.gross_profit_minor) AS gross_profit_minor,
    toInt64(f.cost_minor) AS cost_minor,
    toInt64(f.profit_minor) AS profit_minor,
    f.roi AS roi,
    f.refused AS refused,
    f.attempts AS attempts,
    toInt64(f.refused_minor) AS refused_minor
FROM figures(
    by = ['day', 'partner', 'campaign', 'segment'], named = [], bounds = [0], into = [[0]], currency = '', project = NULL,
    partners = [], campaigns = [], categories = [], channels = [], segments = [],
    starts_at = '1900-01-01 00:00:00', ends_at = '2299-12-31 23:59:59',
    other_starts_at = '1900-01-01 00:00:00', other_ends_at = '1900-01-01 00:00:00'
) AS f
ASOF LEFT JOIN campaign_names AS c
    ON c.project_id = f.project_id AND c.campaign_id = f.last.1 AND c.version <= f.last.2
LEFT JOIN segment_names AS s ON s.project_id = f.project_id AND s.segment_id = f.segment_id
WHERE f.partner_id != '';

CREATE OR REPLACE VIEW partner_performance AS
SELECT
    f.project_id AS project_id,
    f.day AS day,
    f.partner_id AS partner_id,
    c.partner_name AS partner_name,
    f.currency AS currency,
    f.visits AS visits,
    f.redemptions AS redemptions,
    f.rolled_back AS rolled_back,
    f.new_customers AS new_customers,
    toInt64(f.gross_minor) AS gross_minor,
    toInt64(f.discount_minor) AS discount_minor,
    toInt64(f.net_minor) AS net_minor,
    toInt64(f.commission_minor) AS commission_minor,
    f.gross_profit_exact_minor AS gross_profit_exact_minor,
    toInt64(f.gross_profit_minor) AS gross_profit_minor,
    toInt64(f.cost_minor) AS cost_minor,
    toInt64(f.profit_minor) AS profit_minor,
    f.roi AS roi,
    f.refused AS refused,
    f.attempts AS attempts,
    toInt64(f.refused_minor) AS refused_minor
FROM figures(
    by = ['day', 'partner'], named = [], bounds = [0], into = [[0]], currency = '', project = NULL,
    partners = [], campaigns = [], categories = [], channels = [], segments = [],
    starts_at = '1900-01-01 00:00:00', ends_at = '2299-12-31 23:59:59',
    other_starts_at = '1900-01-01 00:00:00', other_ends_at = '1900-01-01 00:00:00'
) AS f
ASOF LEFT JOIN campaign_names AS c
    ON c.project_id = f.project_id AND c.campaign_id = f.last.1 AND c.version <= f.last.2
WHERE f.partner_id != '';

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
    by = ['day', 'reason', 'partner', 'campaign'], bounds = [0], into = [[0]],
    currency = '', project = NULL,
    partners = [], campaigns = [], categories = [], channels = [], segments = [],
    reasons = [], codes = [],
    starts_at = '1900-01-01 00:00:00', ends_at = '2299-12-31 23:59:59',
    other_starts_at = '1900-01-01 00:00:00', other_ends_at = '1900-01-01 00:00:00'
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
    sum(d.attempts) AS attempts,
    sum(d.redemptions) AS redemptions,
    sum(d.new_customers) AS new_customers,
    if(visits = 0, NULL, redemptions / visits) AS redemptions_per_visit,
    if(redemptions = 0, NULL, new_customers / redemptions) AS new_customers_per_redemption
FROM campaign_performance AS d
GROUP BY project_id, day, partner_id, campaign_id;

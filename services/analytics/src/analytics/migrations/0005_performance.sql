-- The one place that says what a figure of earnings is: reports and the views for BI select from it.
-- `by` says what a row is about: any of 'day' (a UTC day), 'partner', 'campaign', 'category' and
-- 'channel'; what it does not name is empty. `bounds` are the beginnings of buckets, in milliseconds:
-- `bucket` is the last of them that is not after the fact. Of one project, NULL for all; of these
-- partners, campaigns, categories and channels, an empty list for all; from an instant up to and
-- excluding another. Where `named` names some, one row stands for all others.
-- Gross times margin is summed exactly and rounded once per row, half up: who adds rows up adds
-- gross_profit_exact_minor and rounds the sum. A visit has no currency, and a refusal need not name
-- one: both count in the project's. A name is the one that the row's latest redemption or visit had
-- at its time, so that a period which is over keeps its names.
CREATE OR REPLACE VIEW performance AS
SELECT
    f.project_id AS project_id,
    f.day AS day,
    f.bucket AS bucket,
    f.partner AS partner_id,
    argMax(c.partner_name, f.last_at) AS partner_name,
    f.campaign AS campaign_id,
    if(has({by:Array(String)}, 'campaign'), argMax(c.campaign_name, f.last_at), '')
        AS campaign_name,
    f.category AS category_id,
    argMaxIf(c.category_name, f.last_at, c.category_id = f.category) AS category_name,
    multiIf(
        has({by:Array(String)}, 'channel'), toString(f.its_channel),
        has({by:Array(String)}, 'campaign'), toString(argMax(c.channel, f.last_at)),
        ''
    ) AS channel,
    f.others AS others,
    if(f.currency = '', p.currency, f.currency) AS currency,
    sum(f.visits) AS visits,
    sum(f.redemptions) AS redemptions,
    sum(f.refused) AS refused,
    redemptions + refused AS attempts,
    if(attempts = 0, NULL, refused / attempts) AS refusal_rate,
    sum(f.new_customers) AS new_customers,
    sum(f.gross) AS gross_minor,
    sum(f.discount) AS discount_minor,
    sum(f.net) AS net_minor,
    sum(f.commission) AS commission_minor,
    toDecimal128(sum(f.weighted), 4) / 10000 AS gross_profit_exact_minor,
    intDiv(sum(f.weighted) + 5000, 10000) AS gross_profit_minor,
    discount_minor + commission_minor AS cost_minor,
    gross_profit_minor - cost_minor AS profit_minor,
    if(cost_minor = 0, NULL, profit_minor / cost_minor) AS roi,
    sum(f.refused_value) AS refused_minor
FROM (
    SELECT
        project_id,
        if(has({by:Array(String)}, 'day'), toDate(occurred_at), toDate(0)) AS day,
        roundDown(toUnixTimestamp64Milli(occurred_at), {bounds:Array(Int64)}) AS bucket,
        multiIf(
            empty({named:Array(String)}), false,
            has({by:Array(String)}, 'partner'), partner_id NOT IN {named:Array(String)},
            has({by:Array(String)}, 'campaign'), campaign_id NOT IN {named:Array(String)},
            has({by:Array(String)}, 'category'), category_id NOT IN {named:Array(String)},
            channel NOT IN {named:Array(String)}
        ) AS others,
        if(has({by:Array(String)}, 'partner') AND NOT others, partner_id, '') AS partner,
        if(has({by:Array(String)}, 'campaign') AND NOT others, campaign_id, '') AS campaign,
        if(has({by:Array(String)}, 'category') AND NOT others, category_id, '') AS category,
        if(has({by:Array(String)}, 'channel') AND NOT others, channel, '') AS its_channel,
        currency,
        max(occurred_at) AS last_at,
        argMax((campaign_id, campaign_version), occurred_at) AS last,
        sum(t.visits) AS visits,
        sum(t.redemptions) AS redemptions,
        sum(t.refused) AS refused,
        sum(t.new_customers) AS new_customers,
        sum(t.gross) AS gross,
        sum(t.discount) AS discount,
        sum(t.net) AS net,
        sum(t.commission) AS commission,
        sum(t.weighted) AS weighted,
        sum(t.refused_value) AS refused_value
    FROM facts AS t
    WHERE ({project:Nullable(String)} IS NULL OR project_id = {project:Nullable(String)})
        AND (empty({partners:Array(String)}) OR partner_id IN {partners:Array(String)})
        AND (empty({campaigns:Array(String)}) OR campaign_id IN {campaigns:Array(String)})
        AND (empty({categories:Array(String)}) OR category_id IN {categories:Array(String)})
        AND (empty({channels:Array(String)}) OR channel IN {channels:Array(String)})
        AND occurred_at >= {starts_at:DateTime64(3, 'UTC')}
        AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
    GROUP BY project_id, day, bucket, others, partner, campaign, category, its_channel, currency
) AS f
ASOF LEFT JOIN (
    SELECT * FROM campaign_names
    WHERE {project:Nullable(String)} IS NULL OR project_id = {project:Nullable(String)}
) AS c
    ON c.project_id = f.project_id
    AND c.campaign_id = f.last.1
    AND c.version <= f.last.2
LEFT JOIN (SELECT * FROM projects FINAL) AS p ON p.project_id = f.project_id
GROUP BY project_id, day, bucket, others, partner_id, campaign_id, category_id, f.its_channel, currency
SETTINGS do_not_merge_across_partitions_select_final = 1;

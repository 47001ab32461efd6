-- The one place that says what a figure of earnings is: reports and the views for BI select from it.
-- `by` says what a row is about: any of 'day' (a UTC day), 'partner', 'campaign', 'category',
-- 'channel' and 'segment'; what it does not name is empty. By segment what a customer did who is in
-- two counts in the rows of both, and visits in none. `bounds` cut time, in milliseconds, and `into` says for
-- each of these parts in which buckets it counts, in none or in several: a sum of many buckets is one
-- more of them, and is rounded once. Of one project, NULL for all; of these partners, campaigns,
-- categories and channels, and of customers in one of these segments, an empty list for all; from an instant up to and excluding another, or from
-- another one likewise (an empty period for none). Where `named` names some, one row stands for all
-- others.
-- Gross times margin is summed exactly and rounded once per row, half up: who adds rows up adds
-- gross_profit_exact_minor and rounds the sum. A visit has no currency, and a refusal need not name
-- one: both count in the project's, which who knows it says; an empty one is looked up.
-- No names are here, as most of what a small statement costs is to plan it. Who shows names joins
-- `campaign_names` with `last`: campaign and version of the row's latest redemption or visit; of a
-- category, of the latest that names its version. So a period which is over keeps its names.
CREATE OR REPLACE VIEW figures AS
SELECT
    f.project_id AS project_id,
    f.day AS day,
    bucket,
    f.partner AS partner_id,
    f.campaign AS campaign_id,
    f.category AS category_id,
    f.its_channel AS channel,
    arrayJoin(f.belongs) AS belonging,
    belonging.1 AS segment_id,
    f.others OR belonging.2 AS others,
    if(f.currency != '', toString(f.currency), if(
        {currency:String} != '',
        {currency:String},
        (
            SELECT CAST((groupArray(project_id), groupArray(currency)), 'Map(String, String)')
            FROM projects FINAL
        )[toString(f.project_id)]
    )) AS currency,
    if(
        has({by:Array(String)}, 'category'),
        argMax(f.last, (f.last.2 < toUInt64(-1), f.last_at)),
        argMax(f.last, f.last_at)
    ) AS last,
    sum(f.visits) AS visits,
    sum(f.redemptions) AS redemptions,
    sum(f.rolled_back) AS rolled_back,
    sum(f.refused) AS refused,
    sum(f.accepted) + refused AS attempts,
    if(attempts = 0, NULL, refused / attempts) AS refusal_rate,
    sum(f.new_customers) AS new_customers,
    sum(f.gross) AS gross_minor,
    sum(f.discount) AS discount_minor,
    sum(f.net) AS net_minor,
    sum(f.commission) AS commission_minor,
    toDecimal128(sum(f.weighted), 4) / 10000 AS gross_profit_exact_minor,
    -- Rounded half up; it divides towards zero, also what more was given back of than redeemed.
    intDiv(
        sum(f.weighted) + 5000 - if(sum(f.weighted) + 5000 < 0, 9999, 0), 10000
    ) AS gross_profit_minor,
    discount_minor + commission_minor AS cost_minor,
    gross_profit_minor - cost_minor AS profit_minor,
    if(cost_minor <= 0, NULL, profit_minor / cost_minor) AS roi,
    sum(f.refused_value) AS refused_minor
FROM (
    SELECT
        project_id,
        if(has({by:Array(String)}, 'day'), toDate(occurred_at), toDate(0)) AS day,
        roundDown(toUnixTimestamp64Milli(occurred_at), {bounds:Array(Int64)}) AS bound,
        if(
            empty({named:Array(String)}),
            false,
            multiIf(
                has({by:Array(String)}, 'segment'), false,
                has({by:Array(String)}, 'partner'), partner_id NOT IN {named:Array(String)},
                has({by:Array(String)}, 'campaign'), campaign_id NOT IN {named:Array(String)},
                has({by:Array(String)}, 'category'), category_id NOT IN {named:Array(String)},
                channel NOT IN {named:Array(String)}
            )
        ) AS others,
        if(has({by:Array(String)}, 'partner'), if(others, '', partner_id), '') AS partner,
        if(has({by:Array(String)}, 'campaign'), if(others, '', campaign_id), '') AS campaign,
        if(has({by:Array(String)}, 'category'), if(others, '', category_id), '') AS category,
        if(has({by:Array(String)}, 'channel'), if(others, '', channel), '') AS its_channel,
        -- Each segment, and whether it is one of the others: of several of these one row is enough.
        if(
            has({by:Array(String)}, 'segment'),
            arrayDistinct(arrayMap(
                each -> if(
                    empty({named:Array(String)}) OR has({named:Array(String)}, each),
                    (each, false),
                    ('', true)
                ),
                if(
                    empty({segments:Array(String)}),
                    segments,
                    arrayFilter(each -> has({segments:Array(String)}, each), segments)
                )
            )),
            [('', false)]
        ) AS belongs,
        currency,
        max(occurred_at) AS last_at,
        argMax((campaign_id, campaign_version), occurred_at) AS last,
        sum(t.visits) AS visits,
        sum(t.redemptions) AS redemptions,
        sum(t.accepted) AS accepted,
        sum(t.rolled_back) AS rolled_back,
        sum(t.refused) AS refused,
        sum(t.new_customers) AS new_customers,
        sum(t.gross) AS gross,
        sum(t.discount) AS discount,
        sum(t.net) AS net,
        sum(t.commission) AS commission,
        sum(t.weighted) AS weighted,
        sum(t.refused_value) AS refused_value
    FROM facts AS t
    WHERE if({project:Nullable(String)} IS NULL, true, project_id = {project:Nullable(String)})
        AND if(empty({partners:Array(String)}), true, partner_id IN {partners:Array(String)})
        AND if(empty({campaigns:Array(String)}), true, campaign_id IN {campaigns:Array(String)})
        AND if(empty({categories:Array(String)}), true, category_id IN {categories:Array(String)})
        AND if(empty({channels:Array(String)}), true, channel IN {channels:Array(String)})
        AND if(empty({segments:Array(String)}), true, hasAny(segments, {segments:Array(String)}))
        AND if(
            {other_starts_at:DateTime64(3, 'UTC')} < {other_ends_at:DateTime64(3, 'UTC')},
            occurred_at >= {starts_at:DateTime64(3, 'UTC')}
                AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
            OR occurred_at >= {other_starts_at:DateTime64(3, 'UTC')}
                AND occurred_at < {other_ends_at:DateTime64(3, 'UTC')},
            occurred_at >= {starts_at:DateTime64(3, 'UTC')}
                AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
        )
    GROUP BY
        project_id, day, bound, others, partner, campaign, category, its_channel, belongs, currency
) AS f
ARRAY JOIN
    {into:Array(Array(UInt16))}[indexOf({bounds:Array(Int64)}, f.bound)] AS bucket
GROUP BY
    project_id, day, bucket, others, partner_id, campaign_id, category_id, channel, belonging, currency
SETTINGS do_not_merge_across_partitions_select_final = 1;

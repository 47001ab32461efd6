-- Refusals likewise: `by` any of 'day', 'reason', 'partner', 'campaign', 'code' and 'segment'. A refusal of a code
-- that nobody issued has neither partner nor campaign: both are empty. So they are for requests that
-- were refused unread, after too many wrong codes; these name no basket, no code and no customer
-- either, are of no segment, and bear the key that they were answered with. `who` merges into the customers of several
-- rows, as one may be among each.
CREATE OR REPLACE VIEW failures AS
SELECT
    f.project_id AS project_id,
    f.day AS day,
    bucket,
    f.its_reason AS reason,
    f.partner AS partner_id,
    argMax(c.partner_name, f.last_at) AS partner_name,
    f.campaign AS campaign_id,
    if(has({by:Array(String)}, 'campaign'), argMax(c.campaign_name, f.last_at), '')
        AS campaign_name,
    f.its_code AS code,
    arrayJoin(f.belongs) AS segment_id,
    if(f.currency != '', toString(f.currency), if(
        {currency:String} != '',
        {currency:String},
        (
            SELECT CAST((groupArray(project_id), groupArray(currency)), 'Map(String, String)')
            FROM projects FINAL
        )[toString(f.project_id)]
    )) AS currency,
    sum(f.refusals) AS failures,
    uniqExactIfMergeState(f.who) AS who,
    finalizeAggregation(who) AS customers,
    sum(f.refused_value) AS refused_minor,
    max(f.last_at) AS latest_at
FROM (
    SELECT
        project_id,
        if(has({by:Array(String)}, 'day'), toDate(occurred_at), toDate(0)) AS day,
        roundDown(toUnixTimestamp64Milli(occurred_at), {bounds:Array(Int64)}) AS bound,
        if(has({by:Array(String)}, 'reason'), reason, '') AS its_reason,
        if(has({by:Array(String)}, 'partner'), partner_id, '') AS partner,
        if(has({by:Array(String)}, 'campaign'), campaign_id, '') AS campaign,
        if(has({by:Array(String)}, 'code'), code, '') AS its_code,
        if(
            has({by:Array(String)}, 'segment'),
            if(
                empty({segments:Array(String)}),
                segments,
                arrayFilter(each -> has({segments:Array(String)}, each), segments)
            ),
            ['']
        ) AS belongs,
        currency,
        max(occurred_at) AS last_at,
        argMax((campaign_id, campaign_version), occurred_at) AS last,
        sum(t.refused) AS refusals,
        uniqExactIfState(customer_id, customer_id != '') AS who,
        sum(t.refused_value) AS refused_value
    FROM decisions AS t
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
        AND if(empty({reasons:Array(String)}), true, reason IN {reasons:Array(String)})
        AND if(empty({codes:Array(String)}), true, code IN {codes:Array(String)})
        AND t.refused = 1
    GROUP BY project_id, day, bound, its_reason, partner, campaign, its_code, belongs, currency
    UNION ALL
    SELECT
        project_id,
        if(has({by:Array(String)}, 'day'), toDate(minute), toDate(0)) AS day,
        roundDown(toUnixTimestamp64Milli(minute), {bounds:Array(Int64)}) AS bound,
        if(has({by:Array(String)}, 'reason'), 'too_many_requests', '') AS its_reason,
        '' AS partner,
        '' AS campaign,
        '' AS its_code,
        [''] AS belongs,
        '' AS currency,
        max(minute) AS last_at,
        ('', toUInt64(0)) AS last,
        sum(requests) AS refusals,
        uniqExactIfState('', false) AS who,
        toInt128(0) AS refused_value
    FROM guess_events FINAL
    WHERE if({project:Nullable(String)} IS NULL, true, project_id = {project:Nullable(String)})
        AND empty({partners:Array(String)})
        AND empty({campaigns:Array(String)})
        AND empty({categories:Array(String)})
        AND empty({channels:Array(String)})
        AND (empty({segments:Array(String)}) OR has({segments:Array(String)}, ''))
        AND empty({codes:Array(String)})
        AND (empty({reasons:Array(String)}) OR 'too_many_requests' IN {reasons:Array(String)})
        AND if(
            {other_starts_at:DateTime64(3, 'UTC')} < {other_ends_at:DateTime64(3, 'UTC')},
            minute >= {starts_at:DateTime64(3, 'UTC')}
                AND minute < {ends_at:DateTime64(3, 'UTC')}
            OR minute >= {other_starts_at:DateTime64(3, 'UTC')}
                AND minute < {other_ends_at:DateTime64(3, 'UTC')},
            minute >= {starts_at:DateTime64(3, 'UTC')}
                AND minute < {ends_at:DateTime64(3, 'UTC')}
        )
    GROUP BY project_id, day, bound
) AS f
ASOF LEFT JOIN (
    SELECT * FROM campaign_names
    WHERE if({project:Nullable(String)} IS NULL, true, project_id = {project:Nullable(String)})
) AS c
    ON c.project_id = f.project_id
    AND c.campaign_id = f.last.1
    AND c.version <= f.last.2
ARRAY JOIN
    {into:Array(Array(UInt16))}[indexOf({bounds:Array(Int64)}, f.bound)] AS bucket
GROUP BY project_id, day, bucket, reason, partner_id, campaign_id, code, segment_id, currency
SETTINGS do_not_merge_across_partitions_select_final = 1;

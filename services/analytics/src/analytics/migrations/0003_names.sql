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

-- What a segment is called now, or was at last: a fact names no version of one.
CREATE OR REPLACE VIEW segment_names AS
SELECT project_id, segment_id, name AS segment_name FROM segments FINAL;

-- What a campaign was called at each of its versions. Asked with ASOF for a version that has not come
-- yet, the one before it answers; for one that Kafka had compacted away before we read it, the oldest
-- that we know, which stands here as version 0 too.
CREATE OR REPLACE VIEW campaign_names AS
SELECT
    project_id,
    campaign_id,
    arrayJoin(if(
        c.version = min(c.version) OVER (PARTITION BY project_id, campaign_id),
        [c.version, 0],
        [c.version]
    )) AS version,
    name AS campaign_name,
    partner_name,
    channel,
    category_id,
    category_name
FROM campaigns AS c FINAL;

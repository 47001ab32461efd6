-- What the facts' ids mean. Full-state snapshots: the highest version of a thing is the thing as it
-- now is, and repeats or late old versions change nothing.

-- Names and terms of a campaign, a row per version: what it was called when it judged a redemption
-- never changes. A change of its partner or category is a version of the campaign too.
CREATE TABLE IF NOT EXISTS campaigns (
    project_id               LowCardinality(String),
    campaign_id              String,
    version                  UInt64,
    name                     String,
    partner_id               String,
    partner_name             String,
    channel                  LowCardinality(String),
    category_id              String,
    category_name            String,
    active                   Bool,
    currency                 LowCardinality(String),
    starts_at                Nullable(DateTime64(3, 'UTC')),
    ends_at                  Nullable(DateTime64(3, 'UTC')),
    margin_basis_points      UInt16,
    share_basis_points       UInt16,
    flat_minor               Int64,
    new_customer_bonus_minor Int64,
    changed_at               DateTime64(3, 'UTC'),
    ingested_at              DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = ReplacingMergeTree
ORDER BY (project_id, campaign_id, version)
SETTINGS non_replicated_deduplication_window = 10000;

-- What segments are called; deleted ones too, as the facts go by them for ever.
CREATE TABLE IF NOT EXISTS segments (
    project_id  LowCardinality(String),
    segment_id  String,
    version     UInt64,
    name        String,
    in_reports  Bool,
    deleted     Bool,
    changed_at  DateTime64(3, 'UTC'),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, segment_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- Whose figures there are, and in which currency they are shown where no fact names one. Keys are
-- not here: the reports' process reads them from Kafka.
CREATE TABLE IF NOT EXISTS projects (
    project_id  String,
    version     UInt64,
    name        String,
    currency    LowCardinality(String),
    changed_at  DateTime64(3, 'UTC'),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = ReplacingMergeTree(version)
ORDER BY project_id
SETTINGS non_replicated_deduplication_window = 10000;

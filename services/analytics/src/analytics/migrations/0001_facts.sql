-- What happened. Redelivery, replays and zombie consumers may write a fact again, under other block
-- boundaries: it collapses because its event id is in the sorting key and because its partition
-- follows from its own immutable time. Every read therefore says FINAL, and may treat partitions
-- apart (do_not_merge_across_partitions_select_final = 1).
-- Every column of a sorting key is immutable for an event id.

-- One row per decided redemption, and one of negative amounts for whatever was given back of it: so
-- sums are net of that, from the moment on when it was. Project and day come first because every report asks for them, and
-- because facts come as they happen: so what is new lies beside few of the days before, and FINAL has
-- next to nothing to compare of these.
CREATE TABLE IF NOT EXISTS redemption_events (
    event_id                 String,
    redemption_id            String,
    rollback_id              String,
    is_whole                 Bool, -- nothing is left of the redemption
    parent_redemption_id     String,
    project_id               LowCardinality(String),
    partner_id               LowCardinality(String),
    campaign_id              String,
    campaign_version         UInt64,
    channel                  LowCardinality(String),
    category_id              LowCardinality(String),
    result                   LowCardinality(String),
    reason                   LowCardinality(String),
    hint                     String,
    code                     String,
    voucher_id               String,
    customer_id              String,
    customer_is_new          Bool,
    segment_ids              Array(String), -- in reports, that the customer was in then
    order_id                 String,
    order_minor              Int64,
    discount_minor           Int64,
    net_minor                Int64,
    commission_minor         Int64,
    share_basis_points       UInt16,
    flat_minor               Int64,
    new_customer_bonus_minor Int64,
    margin_basis_points      UInt16,
    currency                 LowCardinality(String),
    visit_id                 String,
    occurred_at              DateTime64(3, 'UTC'),
    decided_at               DateTime64(3, 'UTC'),
    k_partition              UInt16,
    k_offset                 UInt64,
    ingested_at              DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = ReplacingMergeTree(k_offset)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (project_id, toDate(occurred_at), partner_id, campaign_id, event_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- One row per look at a deal: a landing page opened, a mailing sent. The version is 0 where whoever
-- recorded it did not know it.
CREATE TABLE IF NOT EXISTS visits (
    event_id         String,
    visit_id         String,
    project_id       LowCardinality(String),
    partner_id       LowCardinality(String),
    campaign_id      String,
    campaign_version UInt64,
    channel          LowCardinality(String),
    category_id      LowCardinality(String),
    customer_id      String,
    occurred_at      DateTime64(3, 'UTC'),
    k_partition      UInt16,
    k_offset         UInt64,
    ingested_at      DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = ReplacingMergeTree(k_offset)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (project_id, toDate(occurred_at), partner_id, campaign_id, event_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- Requests that were refused unread because too many wrong codes had come before them: so many of a
-- minute, as one process told them. Nothing was decided, so they are in no other figure.
CREATE TABLE IF NOT EXISTS guess_events (
    event_id     String,
    project_id   LowCardinality(String),
    minute       DateTime64(3, 'UTC'),
    passed_limit LowCardinality(String),
    caller       String,
    requests     UInt64,
    k_partition  UInt16,
    k_offset     UInt64,
    ingested_at  DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = ReplacingMergeTree(k_offset)
PARTITION BY toYYYYMM(minute)
ORDER BY (project_id, toDate(minute), event_id)
SETTINGS non_replicated_deduplication_window = 10000;

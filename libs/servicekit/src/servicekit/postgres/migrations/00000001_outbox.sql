-- migrate:up

-- Written with what it tells of, emptied by the relay. Ids come from the sequence: a writer that
-- takes its locks first leaves the rows of one lock in the order of its commits. Every row dies
-- young: vacuum early and at full speed, or the dead ones slow the next claim.
CREATE TABLE outbox (
    lane        smallint NOT NULL DEFAULT 0, -- each is emptied by itself: none waits for another
    id          bigint GENERATED ALWAYS AS IDENTITY,
    messages    bytea STORAGE EXTERNAL NOT NULL, -- topic, key and value of each; compressed
    written_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (lane, id)
) WITH (
    toast_tuple_target = 8160, -- a pack stays in its page
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 5000,
    toast.autovacuum_vacuum_cost_delay = 0
);

-- migrate:down
-- forward only: dbmate wants this block

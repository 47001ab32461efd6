-- migrate:up

-- Written with the decision, emptied by the relay. Ids come from the sequence, taken behind the
-- locks, so that rows of one campaign leave in the order of their decisions.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);

CREATE VIEW reconciliation_outbox AS SELECT at AS written_at FROM outbox;

-- migrate:down
-- forward only: dbmate wants this block

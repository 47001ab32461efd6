-- migrate:up

-- Who changed what, and when: written in the transaction of the change, read by people, and never
-- changed. `changes` is {field: [before, after]} in the words of the API.
CREATE TABLE history (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    project_id  text NOT NULL REFERENCES projects,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       text NOT NULL,   -- the id of a key or a user, or "operator", or "system"
    door        text NOT NULL CHECK (door IN ('key', 'user', 'operator', 'job')),
    action      text NOT NULL,   -- "campaign.disabled"
    kind        text NOT NULL,   -- of what was changed
    target      text NOT NULL,   -- its id
    name        text NOT NULL,   -- what it was called then
    changes     jsonb NOT NULL,
    job_id      text,
    request_id  text,
    PRIMARY KEY (project_id, id)
);
CREATE INDEX history_newest ON history (project_id, at, id);
CREATE INDEX history_of_target ON history (project_id, kind, target, at, id);
CREATE INDEX history_of_actor ON history (project_id, actor, at, id);

CREATE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is appended to, and never changed';
END $$;
CREATE TRIGGER history_is_kept BEFORE UPDATE OR DELETE ON history
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_history();

-- migrate:down

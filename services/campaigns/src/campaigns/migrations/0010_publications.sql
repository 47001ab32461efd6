-- migrate:up

-- That customers were given codes: a code once, which its row in vouchers says. Who they are,
-- redemption knows: here is a pseudonym. What whoever published may have said of them (his own id of
-- the publication, metadata) goes with them; the digests stay, keyed, so that a wish that comes again
-- is known for what it is.
CREATE TABLE publications (
    project_id     text NOT NULL,
    id             text NOT NULL,
    campaign_id    text NOT NULL,
    customer_id    text NOT NULL,
    voucher_ids    text[] NOT NULL,
    codes          text[] NOT NULL,
    channel        text NOT NULL,
    metadata       jsonb NOT NULL,
    source_id      text,
    source_digest  bytea,
    wish           bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (project_id, id),
    CONSTRAINT publications_source UNIQUE (project_id, source_digest),
    FOREIGN KEY (project_id, campaign_id) REFERENCES campaigns ON DELETE CASCADE
);
CREATE INDEX publications_newest ON publications (project_id, created_at, id);
CREATE INDEX publications_of_campaign ON publications (project_id, campaign_id, created_at, id);
CREATE INDEX publications_of_customer ON publications (project_id, customer_id, created_at, id);

-- Clients' own ids that were answered with what was given before (join_once), and what was asked for
-- by each: a repeat is answered the same, whatever has become of the code meanwhile.
CREATE TABLE answered_publications (
    project_id     text NOT NULL,
    source_digest  bytea NOT NULL,
    publication_id text NOT NULL,
    wish           bytea NOT NULL,
    PRIMARY KEY (project_id, source_digest),
    FOREIGN KEY (project_id, publication_id) REFERENCES publications ON DELETE CASCADE
);
CREATE INDEX answered_publications_by_publication
ON answered_publications (project_id, publication_id);

-- migrate:down

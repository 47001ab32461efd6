-- migrate:up

-- People stand above projects: one may be a member of several. An e-mail is in lower case.
CREATE TABLE users (
    id             text PRIMARY KEY,
    email          text NOT NULL,
    name           text NOT NULL,
    password_hash  text,                            -- argon2id; NULL: has none
    verified       boolean NOT NULL DEFAULT false,  -- an OIDC provider has vouched for the e-mail
    invited        boolean NOT NULL DEFAULT false,  -- made by whoever had an invitation's token
    preferences    jsonb NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email UNIQUE (email)
);

-- A token names the grant that it came from. Another role is another grant, so that whoever ends
-- the old one ends its tokens and no others.
CREATE TABLE members (
    project_id  text NOT NULL REFERENCES projects,
    user_id     text NOT NULL REFERENCES users,
    grant_id    text NOT NULL,
    role        text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer', 'partner')),
    partner_id  text,
    joined_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, user_id),
    CHECK ((role = 'partner') = (partner_id IS NOT NULL)),
    CONSTRAINT members_partner FOREIGN KEY (project_id, partner_id) REFERENCES partners
);
CREATE INDEX members_of_user ON members (user_id);
CREATE INDEX members_of_partner ON members (project_id, partner_id) WHERE partner_id IS NOT NULL;

-- Those that may yet be accepted: what was accepted or revoked is in the history, not here.
CREATE TABLE invitations (
    project_id  text NOT NULL REFERENCES projects,
    id          text NOT NULL,
    email       text NOT NULL,
    role        text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer', 'partner')),
    partner_id  text,
    digest      text NOT NULL UNIQUE,  -- SHA-256 of the token: 256 random bits need no slow hash
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (project_id, id),
    CHECK ((role = 'partner') = (partner_id IS NOT NULL)),
    CONSTRAINT invitations_email UNIQUE (project_id, email),
    CONSTRAINT invitations_partner FOREIGN KEY (project_id, partner_id) REFERENCES partners
);

-- Those that have not been ended: an ended one is gone.
CREATE TABLE sessions (
    id          text PRIMARY KEY,
    user_id     text NOT NULL REFERENCES users,
    digest      text NOT NULL UNIQUE,
    address     text,
    client      text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_of_user ON sessions (user_id, created_at);

-- Sessions and grants that were ended while tokens of theirs may be about; told in snapshots.
CREATE TABLE ended_grants (
    project_id  text NOT NULL REFERENCES projects,
    id          text NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (project_id, id)
);

-- How many more times somebody may try: `free_at` moves ahead with each try, and is waited for.
CREATE TABLE sign_in_tries (
    subject  text PRIMARY KEY,  -- a digest: what strangers type is not kept
    free_at  timestamptz NOT NULL
);
CREATE INDEX sign_in_tries_over ON sign_in_tries (free_at);

-- Where somebody has signed in before: whoever else tries from there keeps him out nowhere.
CREATE TABLE known_addresses (
    user_id  text NOT NULL REFERENCES users,
    network  text NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, network)
);

-- migrate:down

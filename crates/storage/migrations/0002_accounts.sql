-- Choices of a person who signed in. No name, no address: those live sealed in the session.
CREATE TABLE accounts (
    user_id BIGINT NOT NULL PRIMARY KEY,
    locale TEXT,
    theme TEXT,
    created_at BIGINT NOT NULL
);

-- A session is found by the hash of its id: a copy of this table opens none.
CREATE TABLE sessions (
    id_hash BYTES NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    -- What the browser calls itself, in coarse words, such as 'Firefox on Linux'.
    browser TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    -- The absolute end; the idle one follows from last_seen_at.
    expires_at BIGINT NOT NULL,
    -- Profile, access token and the servers of the person, sealed under the account's key.
    data BYTES NOT NULL
);

CREATE INDEX sessions_of_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- A sign-in under way: single use, 10 minutes.
CREATE TABLE oauth_transactions (
    id_hash BYTES NOT NULL PRIMARY KEY,
    state_hash BYTES NOT NULL,
    -- The PKCE verifier, sealed.
    verifier BYTES NOT NULL,
    return_path TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX oauth_transactions_by_end ON oauth_transactions (expires_at);

-- A refused form, kept until it is shown again: single use, 10 minutes.
CREATE TABLE form_drafts (
    id_hash BYTES NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    form TEXT NOT NULL,
    body BYTES NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX form_drafts_by_end ON form_drafts (expires_at);

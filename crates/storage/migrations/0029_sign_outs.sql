-- Tokens of sessions that their person ended, until Discord has taken them back: it may not answer at that moment.
CREATE TABLE token_revocations (
    -- Of the session.
    id_hash BYTES NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    -- The token, sealed under the account's key.
    token BYTES NOT NULL,
    -- Not to be tried before.
    due_at BIGINT NOT NULL,
    -- The session's absolute end, when Discord ends the token by itself.
    expires_at BIGINT NOT NULL
);

CREATE INDEX token_revocations_due ON token_revocations (due_at);
CREATE INDEX token_revocations_by_end ON token_revocations (expires_at);
CREATE INDEX token_revocations_of_user ON token_revocations (user_id);

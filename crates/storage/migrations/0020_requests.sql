-- Requests of people about what is kept of them.

CREATE TABLE privacy_requests (
    id TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of the secret in the address that shows how it stands.
    token_hash BYTES NOT NULL,
    -- 'access', 'correct', 'erase', 'restrict', 'object', 'withdraw', 'takedown', 'under_age' or 'other'.
    kind TEXT NOT NULL,
    -- 'site', 'form', 'discord' or 'email'.
    via TEXT NOT NULL,
    -- 'unverified', 'with_owner', 'open', 'done', 'partly' or 'declined'.
    state TEXT NOT NULL,
    -- The account, once somebody signed in with it.
    user_id BIGINT,
    -- The server whose content it is about.
    guild_id BIGINT,
    made_at BIGINT NOT NULL,
    -- The end of the time for an answer.
    due_at BIGINT NOT NULL,
    -- Why that was put off; NULL: it was not.
    delay TEXT,
    -- Until when the owner of the server has time.
    owner_until BIGINT,
    decided_at BIGINT,
    -- Why it was not done, or not all of it.
    reason TEXT,
    -- The last day after receipt of which the operators were told.
    alerted_day BIGINT NOT NULL,
    CHECK (state NOT IN ('partly', 'declined') OR reason IS NOT NULL),
    CHECK ((state IN ('done', 'partly', 'declined')) = (decided_at IS NOT NULL))
);

CREATE UNIQUE INDEX privacy_requests_by_token ON privacy_requests (token_hash);
-- Asked again while it is undecided, it is the same request.
CREATE UNIQUE INDEX privacy_requests_single ON privacy_requests (user_id, kind, (COALESCE(guild_id, 0)))
    WHERE decided_at IS NULL AND user_id IS NOT NULL AND kind NOT IN ('takedown', 'under_age', 'other');
CREATE INDEX privacy_requests_by_user ON privacy_requests (user_id, id);
CREATE INDEX privacy_requests_by_guild ON privacy_requests (guild_id, id);
CREATE INDEX privacy_requests_by_due ON privacy_requests (state, due_at, id);
CREATE INDEX privacy_requests_by_decision ON privacy_requests (decided_at);

-- What was said and answered, apart: it goes before the rest.
CREATE TABLE privacy_request_words (
    request_id TEXT NOT NULL PRIMARY KEY REFERENCES privacy_requests (id) ON DELETE CASCADE,
    -- Sealed: what was asked, and how whoever asked can be reached.
    said BYTES,
    -- Sealed: the answer.
    answer BYTES,
    decided_at BIGINT
);

CREATE INDEX privacy_request_words_by_decision ON privacy_request_words (decided_at);

-- What was done with a request, by role.
CREATE TABLE privacy_request_steps (
    request_id TEXT NOT NULL REFERENCES privacy_requests (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    step TEXT NOT NULL,
    -- 'person', 'owner', 'operator' or 'service'.
    role TEXT NOT NULL,
    PRIMARY KEY (request_id, seq)
);

-- What remains of requests that leave nothing else: how many there were.
CREATE TABLE privacy_counts (
    kind TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);

-- The register of disclosures compelled by law.
CREATE TABLE disclosures (
    id TEXT NOT NULL PRIMARY KEY,
    noted_at BIGINT NOT NULL,
    -- When the data was given out.
    given_at BIGINT NOT NULL,
    -- Sealed: who asked, by which law, what was given, and whose data it is.
    details BYTES NOT NULL,
    -- 'to_do', 'told', 'forbidden' or 'impossible'.
    notify_state TEXT NOT NULL,
    -- When whoever is affected is to be told, at the latest; NULL once that is settled.
    notify_by BIGINT,
    settled_at BIGINT,
    CHECK ((notify_state IN ('to_do', 'forbidden')) = (notify_by IS NOT NULL)),
    CHECK ((notify_by IS NULL) = (settled_at IS NOT NULL))
);

CREATE INDEX disclosures_by_notice ON disclosures (notify_by);
CREATE INDEX disclosures_by_settling ON disclosures (settled_at);

-- Where somebody who signs in wants to go is sealed with the rest: some addresses hold a secret.
ALTER TABLE oauth_transactions DROP COLUMN return_path;

-- Operators do more than licences: what an entry is about may be something else. No engine of the two can
-- loosen a column in words that the other takes, so the table is made anew.
CREATE TABLE operator_log_wider (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- NULL: from the console.
    actor_id BIGINT,
    action TEXT NOT NULL,
    licence_id TEXT,
    -- What else it is about: a kind and an id, for example 'request:0193…'.
    about TEXT,
    before TEXT,
    after TEXT
);

INSERT INTO operator_log_wider (id, at, actor_id, action, licence_id, before, after)
    SELECT id, at, actor_id, action, licence_id, before, after FROM operator_log;
DROP TABLE operator_log;
ALTER TABLE operator_log_wider RENAME TO operator_log;

CREATE INDEX operator_log_by_age ON operator_log (at);
CREATE INDEX operator_log_by_licence ON operator_log (licence_id, id);
CREATE INDEX operator_log_by_about ON operator_log (about, id);

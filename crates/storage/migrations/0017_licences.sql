-- Licences: what lets servers use a plan, and who did what with them.

CREATE TABLE licences (
    id TEXT NOT NULL PRIMARY KEY,
    -- A word of the plans' file.
    plan TEXT NOT NULL,
    -- 'subscription', 'gift', 'operator' or 'trial'.
    source TEXT NOT NULL,
    -- 'active', 'suspended', 'revoked' or 'ended': what the payment provider, or an operator, said last.
    status TEXT NOT NULL,
    -- Since when an operator holds it back, whatever the payment provider says.
    held_at BIGINT,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT,
    grace_until BIGINT,
    -- The Discord account that holds it; NULL once that was erased.
    contact_id BIGINT,
    seats BIGINT NOT NULL,
    -- When its holder's data was removed: from then on it is over for good.
    erased_at BIGINT,
    -- Grows with every change. Writing it first also locks the row on both engines.
    revision BIGINT NOT NULL
);

CREATE INDEX licences_by_contact ON licences (contact_id, id);

-- A seat keeps its last server when it is freed: to free it and to give it away is to move it.
CREATE TABLE licence_seats (
    licence_id TEXT NOT NULL REFERENCES licences (id) ON DELETE CASCADE,
    -- From 1 on for each licence.
    seat BIGINT NOT NULL,
    guild_id BIGINT NOT NULL,
    guild_name TEXT NOT NULL,
    since BIGINT NOT NULL,
    -- When it was given to another server than before.
    moved_at BIGINT,
    freed_at BIGINT,
    PRIMARY KEY (licence_id, seat)
);

CREATE UNIQUE INDEX licence_seats_taken ON licence_seats (licence_id, guild_id) WHERE freed_at IS NULL;
CREATE INDEX licence_seats_by_guild ON licence_seats (guild_id);

-- Servers that had their trial, as keyed pseudonyms.
CREATE TABLE licence_trials (
    server BYTES NOT NULL PRIMARY KEY,
    used_at BIGINT NOT NULL
);

-- What operators did.
CREATE TABLE operator_log (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- NULL: from the console.
    actor_id BIGINT,
    action TEXT NOT NULL,
    licence_id TEXT NOT NULL,
    before TEXT,
    after TEXT
);

CREATE INDEX operator_log_by_age ON operator_log (at);
CREATE INDEX operator_log_by_licence ON operator_log (licence_id, id);

-- Until when a ticket is kept at most that ended under a plan with a limit; NULL: as long as the server wants.
ALTER TABLE tickets ADD COLUMN keep_until BIGINT;

CREATE INDEX tickets_by_limit ON tickets (keep_until) WHERE keep_until IS NOT NULL;

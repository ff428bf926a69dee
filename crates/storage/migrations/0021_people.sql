-- What people have done with everything that is kept of them: erasures, restrictions, downloads.

-- An erasure under way. The row goes when all of it is done: who was erased is named nowhere then.
CREATE TABLE erasures (
    user_id BIGINT NOT NULL PRIMARY KEY,
    -- 'asked' or 'under_age'.
    reason TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- 1 once its parts are known.
    listed BIGINT NOT NULL
);

-- Its parts: what is kept of the person on each server and, with server 0, in the service itself.
CREATE TABLE erasure_parts (
    user_id BIGINT NOT NULL REFERENCES erasures (user_id) ON DELETE CASCADE,
    guild_id BIGINT NOT NULL,
    -- What stands there in place of the person from now on.
    pseudonym BIGINT NOT NULL,
    -- 'open', 'tickets' and 'hold' (waiting for one), 'destroyed' (the keys are, the rows are going) or 'done'.
    state TEXT NOT NULL,
    PRIMARY KEY (user_id, guild_id)
);

-- Who was erased, as keyed pseudonyms: exactly these four columns. The key store has the same table; what one of
-- them has lost by a restore, the other one knows.
CREATE TABLE erased_people (
    discord_mark BYTES NOT NULL PRIMARY KEY,
    roblox_mark BYTES,
    -- 'D'
    marker TEXT NOT NULL,
    erased_at BIGINT NOT NULL
);

-- People of whom nothing is to be processed but that it is kept.
CREATE TABLE restricted_people (
    user_id BIGINT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
);

-- Downloads of what is kept of a person, made in the background.
CREATE TABLE person_downloads (
    id TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- 'asked', 'ready' or 'failed'.
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Not to be tried before this time; also how long the process that makes it holds it.
    due_at BIGINT NOT NULL,
    -- Where its bytes are and how many; NULL until it is ready.
    blob TEXT,
    length BIGINT,
    expires_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX person_downloads_open ON person_downloads (user_id) WHERE state = 'asked';
CREATE INDEX person_downloads_of_user ON person_downloads (user_id, asked_at);
CREATE INDEX person_downloads_due ON person_downloads (state, due_at);
CREATE INDEX person_downloads_by_end ON person_downloads (expires_at);

-- A person is looked for on every server at once: these find them without walking through the tables. The first two
-- have the person in front now, and serve those who ask for one server as before.
DROP INDEX domain_events_by_actor;
CREATE INDEX domain_events_by_person ON domain_events (actor_id, guild_id);
DROP INDEX audit_log_by_deed;
CREATE INDEX audit_log_by_person ON audit_log (actor_id, guild_id, action, target, at);
CREATE INDEX tickets_by_claimer ON tickets (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX tickets_by_closer ON tickets (closed_by) WHERE closed_by IS NOT NULL;
CREATE INDEX ticket_members_by_adder ON ticket_members (added_by);
CREATE INDEX ticket_people_by_user ON ticket_people (user_id);
CREATE INDEX share_link_people_by_user ON share_link_people (user_id);

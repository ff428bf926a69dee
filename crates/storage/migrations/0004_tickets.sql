-- Panels, tickets, what happened to them, and the effects still to be carried out.
-- Ids of our own are hyphenated UUIDs (version 7) in TEXT; snowflakes and times (milliseconds UTC) are BIGINT.

-- One counter per server and purpose: ticket numbers, event numbers, the order of effects. Taking the
-- next value locks the row until the commit, so on one server the numbers follow the order of commits.
CREATE TABLE guild_counters (
    guild_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (guild_id, purpose)
);

CREATE TABLE panels (
    id TEXT NOT NULL PRIMARY KEY,
    application_id BIGINT NOT NULL,
    guild_id BIGINT NOT NULL,
    -- Grows with every change of the settings: a save that saw an older one is refused.
    revision BIGINT NOT NULL,
    -- domain::panels::PanelSettings as JSON.
    settings TEXT NOT NULL,
    message_channel_id BIGINT,
    message_id BIGINT,
    published_at BIGINT,
    published_revision BIGINT,
    -- Why the last attempt to publish failed; NULL when it did not.
    publish_problem TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Removed panels stay for the tickets that were opened from them.
    removed_at BIGINT
);

CREATE INDEX panels_of_guild ON panels (guild_id, created_at, id);

CREATE TABLE tickets (
    id TEXT NOT NULL PRIMARY KEY,
    application_id BIGINT NOT NULL,
    guild_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    panel_id TEXT NOT NULL REFERENCES panels (id),
    opener_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    channel_id BIGINT,
    claimed_by BIGINT,
    -- Questions and answers, sealed under the opener's key.
    answers BYTES,
    -- The reason for closing, sealed under the key of the one who wrote it.
    reason BYTES,
    closed_by BIGINT,
    created_at BIGINT NOT NULL,
    opened_at BIGINT,
    closing_at BIGINT,
    closed_at BIGINT,
    -- Grows with every change. Writing it first also locks the row on both engines.
    revision BIGINT NOT NULL
);

CREATE UNIQUE INDEX tickets_number ON tickets (guild_id, number);
-- One ticket per member and panel at a time, whoever asks and however often at once.
CREATE UNIQUE INDEX tickets_one_active ON tickets (guild_id, panel_id, opener_id)
    WHERE state IN ('opening', 'open', 'closing');
CREATE INDEX tickets_newest ON tickets (guild_id, created_at, id);
CREATE INDEX tickets_by_state ON tickets (guild_id, state, created_at, id);
CREATE INDEX tickets_by_panel ON tickets (guild_id, panel_id, created_at, id);
CREATE INDEX tickets_by_opener ON tickets (opener_id, created_at, id);
CREATE INDEX tickets_by_holder ON tickets (guild_id, claimed_by, created_at, id);
CREATE INDEX tickets_by_channel ON tickets (channel_id);

-- People added to a ticket besides opener and staff.
CREATE TABLE ticket_members (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    added_by BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, user_id)
);

CREATE INDEX ticket_members_by_user ON ticket_members (user_id);

-- What is needed only while a ticket lives; its row goes when the ticket is closed or has failed.
CREATE TABLE ticket_live (
    ticket_id TEXT NOT NULL PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
    welcome_message_id BIGINT,
    -- The token of the interaction that opened the ticket, sealed; worth something for 15 minutes.
    interaction_token BYTES
);

-- The names under which the people of tickets were last seen, for lists.
CREATE TABLE ticket_people (
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    display_name TEXT NOT NULL,
    username TEXT NOT NULL,
    avatar TEXT,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (guild_id, user_id)
);

-- What was delivered already, so that a second delivery has no second effect.
CREATE TABLE inbox (
    interaction_id BIGINT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    ticket_id TEXT,
    received_at BIGINT NOT NULL
);

CREATE INDEX inbox_by_age ON inbox (received_at);

CREATE TABLE domain_events (
    guild_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    ticket_id TEXT REFERENCES tickets (id) ON DELETE CASCADE,
    panel_id TEXT REFERENCES panels (id) ON DELETE CASCADE,
    -- The person who acted; NULL for the bot itself.
    actor_id BIGINT,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- The typed event as JSON: ids and numbers, no words that people wrote.
    payload TEXT NOT NULL,
    PRIMARY KEY (guild_id, seq)
);

CREATE INDEX domain_events_of_ticket ON domain_events (ticket_id, seq);

-- Effects that follow a commit. A row goes when its effect is carried out; one given up stays, dead.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    application_id BIGINT NOT NULL,
    guild_id BIGINT NOT NULL,
    -- Rows with the same key are carried out one after the other, by position.
    sequence_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- 'pending' or 'dead'.
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    first_attempt_at BIGINT,
    lease_holder TEXT,
    lease_until BIGINT,
    -- A code, never free text.
    last_error TEXT,
    created_at BIGINT NOT NULL
);

CREATE INDEX outbox_due ON outbox (application_id, state, due_at);
CREATE INDEX outbox_in_order ON outbox (sequence_key, state, position);

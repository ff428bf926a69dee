-- How long transcripts are kept: those that must not go, and what is left to remove of those that went.

-- While a hold is not lifted its ticket stays, whatever the server's settings say. Lifted ones stay as a record.
CREATE TABLE legal_holds (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    -- From 1 on for each ticket.
    hold BIGINT NOT NULL,
    placed_by BIGINT NOT NULL,
    placed_at BIGINT NOT NULL,
    -- Why, sealed under the server's key.
    reason BYTES NOT NULL,
    lifted_by BIGINT,
    lifted_at BIGINT,
    -- Why it ended, sealed likewise.
    lift_reason BYTES,
    PRIMARY KEY (ticket_id, hold)
);

CREATE UNIQUE INDEX legal_holds_active ON legal_holds (ticket_id) WHERE lifted_at IS NULL;

-- Objects whose rows are gone: a row appears with the deletion of theirs, and goes when the bytes are gone.
CREATE TABLE blob_removals (
    guild_id BIGINT NOT NULL,
    blob TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (guild_id, blob)
);

CREATE INDEX tickets_by_end ON tickets (guild_id, closed_at, id);
CREATE INDEX attachments_by_blob ON attachments (guild_id, blob);
CREATE INDEX domain_events_by_actor ON domain_events (guild_id, actor_id);

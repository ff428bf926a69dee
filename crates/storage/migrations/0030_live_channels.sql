-- Every ten minutes the tickets that live, and those that failed of late, are compared with Discord: without these the
-- tickets of all servers and years are walked for it.
CREATE INDEX tickets_live_channels ON tickets (application_id, guild_id)
    WHERE state IN ('open', 'closing') AND channel_id IS NOT NULL;
CREATE INDEX tickets_failed ON tickets (application_id, created_at) WHERE state = 'failed';

-- Without these the whole list of a server is walked: for each person that a filter may offer, and for the few
-- tickets that are not finished.
CREATE INDEX tickets_by_guild_opener ON tickets (guild_id, opener_id, created_at, id);
CREATE INDEX tickets_active ON tickets (guild_id, created_at, id)
    WHERE state IN ('opening', 'open', 'closing');

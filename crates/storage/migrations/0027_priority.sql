-- How urgent staff say that a ticket is: 'low', 'normal', 'high' or 'urgent'. Lists ask for what is not normal, which few are.
ALTER TABLE tickets ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
CREATE INDEX tickets_by_priority ON tickets (guild_id, priority, created_at, id) WHERE priority <> 'normal';

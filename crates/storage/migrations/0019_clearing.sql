-- Servers that the bot left a while ago: they are found, and what is kept of them, without walking the tables.
CREATE INDEX installations_left ON installations (state, left_at);
CREATE INDEX inbox_of_guild ON inbox (guild_id, received_at);
CREATE INDEX outbox_of_guild ON outbox (guild_id, created_at);
CREATE INDEX ticket_people_by_age ON ticket_people (guild_id, seen_at);
CREATE INDEX tickets_by_guild_limit ON tickets (guild_id, keep_until) WHERE keep_until IS NOT NULL;

-- What refers to a panel is looked for when it goes.
CREATE INDEX tickets_of_panel ON tickets (panel_id);
CREATE INDEX domain_events_of_panel ON domain_events (panel_id) WHERE panel_id IS NOT NULL;

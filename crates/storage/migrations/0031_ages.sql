-- What goes by its age is found by its age. Source: storage::retention::RULES.
CREATE INDEX sessions_by_use ON sessions (last_seen_at);
CREATE INDEX outbox_dead ON outbox (created_at) WHERE state = 'dead';

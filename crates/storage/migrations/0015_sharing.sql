-- Links by which people read a transcript who may not read it otherwise.

CREATE TABLE share_links (
    id TEXT PRIMARY KEY,
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    -- SHA-256 of the secret in its address; NULL for a link that names people, whose address is its id.
    token_hash BYTES UNIQUE,
    made_by BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_by BIGINT,
    revoked_at BIGINT,
    -- How often it was opened, and when last.
    views BIGINT NOT NULL,
    viewed_at BIGINT
);

CREATE INDEX share_links_by_ticket ON share_links (ticket_id, made_at);

-- Who may use a link that names people.
CREATE TABLE share_link_people (
    link_id TEXT NOT NULL REFERENCES share_links (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (link_id, user_id)
);

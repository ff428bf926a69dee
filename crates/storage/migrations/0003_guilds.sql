-- Servers that a bot identity is on, or was on.
CREATE TABLE installations (
    application_id BIGINT NOT NULL,
    guild_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    icon TEXT,
    -- 'present', 'unavailable' (an outage of Discord, not a removal) or 'left'.
    state TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    left_at BIGINT,
    PRIMARY KEY (application_id, guild_id)
);

CREATE TABLE guild_settings (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    -- domain::guilds::GuildSettings as JSON; an unknown key is refused when it is read.
    settings TEXT NOT NULL,
    revision BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Who changed what. Chained: each entry's hash covers the one before, so an entry that is altered or
-- taken out of the middle is noticed. The sweep removes expired ones from the beginning only.
CREATE TABLE audit_log (
    guild_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_id BIGINT,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT,
    after TEXT,
    hash BYTES NOT NULL,
    PRIMARY KEY (guild_id, seq)
);

CREATE INDEX audit_log_by_age ON audit_log (at);

-- The last entry of each server's chain. Kept when the entries expire.
CREATE TABLE audit_heads (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTES NOT NULL
);

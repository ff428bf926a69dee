-- One text for both engines: BYTES stands for BLOB (SQLite) and BYTEA (PostgreSQL).
-- Snowflakes, counts and times (milliseconds UTC) are BIGINT; booleans are BIGINT 0 or 1.

-- Which process does a job that only one may do: the gateway of a shard, the outbox of a bot.
CREATE TABLE leases (
    bot_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    shard BIGINT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (bot_id, purpose, shard)
);

-- The key store. Kept apart from the content and its backups: destroying a row here makes what it
-- sealed unreadable everywhere, backups included.

-- One row: a known text sealed under the master key, so that a wrong or lost one is noticed at start.
CREATE TABLE key_check (
    id BIGINT NOT NULL PRIMARY KEY,
    sealed BYTES NOT NULL
);

-- guild_id 0: the service's own. subject_id 0: no person.
CREATE TABLE data_keys (
    guild_id BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    wrapped BYTES NOT NULL,
    PRIMARY KEY (guild_id, subject_id)
);

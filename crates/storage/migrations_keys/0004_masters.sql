-- Which master key wrapped a row: the first 16 hexadecimal digits of a hash that says nothing of the key. Empty: a row
-- from before master keys had names.
ALTER TABLE data_keys ADD COLUMN master_id TEXT NOT NULL DEFAULT '';
CREATE INDEX data_keys_by_master ON data_keys (master_id);

-- Here it names the one that new data keys are wrapped with, by every process.
ALTER TABLE key_check ADD COLUMN master_id TEXT NOT NULL DEFAULT '';
-- Which key store this is. The database beside it remembers it.
ALTER TABLE key_check ADD COLUMN store_id TEXT NOT NULL DEFAULT '';

-- One row while the database is being restored. It is here since it must outlive every table of that one.
CREATE TABLE restores (
    id BIGINT NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL
);

-- One row: the key store whose keys sealed what is in this database. Beside another one nothing of it could be read, and
-- the program refuses to start.
CREATE TABLE key_store (
    id BIGINT NOT NULL PRIMARY KEY,
    store_id TEXT NOT NULL
);

-- Who was erased, as keyed pseudonyms: exactly these four columns. Here as well as beside the content, so that a
-- restore of one of them takes it from neither.
CREATE TABLE erased_people (
    discord_mark BYTES NOT NULL PRIMARY KEY,
    roblox_mark BYTES,
    marker TEXT NOT NULL,
    erased_at BIGINT NOT NULL
);

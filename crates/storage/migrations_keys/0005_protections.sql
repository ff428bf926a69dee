-- What was done to protect people, for as long as a backup of the content may be older than it: a restore of that backup
-- would undo it. Here and not beside the content, so that no restore of the content takes it away.
CREATE TABLE protections (
    -- A keyed pseudonym of what was done; the latest counts.
    mark BYTES NOT NULL PRIMARY KEY,
    -- The data key that seals it; the row goes with it.
    guild_id BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    body BYTES NOT NULL,
    noted_at BIGINT NOT NULL
);

CREATE INDEX protections_by_time ON protections (noted_at);
CREATE INDEX protections_by_key ON protections (guild_id, subject_id);

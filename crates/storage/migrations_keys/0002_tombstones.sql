-- What is over for good, as keyed pseudonyms. Here and not beside the content, so that no restore of a content
-- backup brings it back to life.
CREATE TABLE tombstones (
    mark BYTES NOT NULL PRIMARY KEY,
    buried_at BIGINT NOT NULL
);

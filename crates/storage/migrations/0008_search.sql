-- What transcripts are found by: for each part of a chunk which words its messages have, sealed under the key
-- of whoever said them. Without that key neither the words nor the index of them can be read.
CREATE TABLE transcript_terms (
    guild_id BIGINT NOT NULL,
    ticket_id TEXT NOT NULL,
    chunk BIGINT NOT NULL,
    part BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    -- When it was written: readers ask for what is new.
    at BIGINT NOT NULL,
    body BYTES NOT NULL,
    PRIMARY KEY (ticket_id, chunk, part),
    FOREIGN KEY (ticket_id, chunk, part) REFERENCES transcript_parts (ticket_id, chunk, part) ON DELETE CASCADE
);

CREATE INDEX transcript_terms_by_time ON transcript_terms (guild_id, at, ticket_id, chunk, part);
CREATE INDEX transcript_terms_of_subject ON transcript_terms (subject_id, ticket_id);

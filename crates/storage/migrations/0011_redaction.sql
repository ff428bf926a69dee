-- What was redacted in transcripts. The words are gone from where they were; these rows say by whom and when.

CREATE TABLE redactions (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    -- From 1 on for each ticket.
    redaction BIGINT NOT NULL,
    -- 'message', 'cards', 'emails', 'ibans' or 'text'.
    kind TEXT NOT NULL,
    -- For a message: which.
    message_id BIGINT,
    -- For a message: whether its files go too.
    files BIGINT NOT NULL,
    -- For words: which, sealed under the server's key, until they are gone from everywhere.
    words BYTES,
    made_by BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    -- When the last of it was gone; NULL while it is under way.
    done_at BIGINT,
    PRIMARY KEY (ticket_id, redaction)
);

CREATE INDEX redactions_under_way ON redactions (done_at, ticket_id, redaction);

-- Messages of which something was redacted. Nothing more is written of them: an edit or a second reading of the
-- channel would bring back what went.
CREATE TABLE redacted_messages (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    message_id BIGINT NOT NULL,
    redaction BIGINT NOT NULL,
    -- Whether all that it said went.
    whole BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, message_id)
);

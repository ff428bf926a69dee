-- The archive of ticket channels, and the transcripts made from it.

-- The live archive: one row for each version of a message. Version 0 is the message as it was sent; an
-- edit's version is its time (milliseconds UTC). The row goes when its message moves into a chunk.
CREATE TABLE archive_messages (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    message_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    -- Whose words: the person under whose key the body is sealed. 0: no person's.
    subject_id BIGINT NOT NULL,
    -- Discord's message object without its copies of others, sealed.
    body BYTES NOT NULL,
    PRIMARY KEY (ticket_id, message_id, version)
);

CREATE INDEX archive_messages_of_subject ON archive_messages (subject_id, ticket_id);

-- Messages that were deleted in Discord. What they said stays, marked. The row goes when its message
-- moves into a chunk.
CREATE TABLE archive_deletions (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    message_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, message_id)
);

-- How far the making of a transcript is. A row appears when a ticket begins to close.
CREATE TABLE transcripts (
    ticket_id TEXT NOT NULL PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
    -- The archive was compared with the channel up to this message.
    reconciled_to BIGINT NOT NULL,
    -- Whether it was compared to the end, or the channel was gone.
    reconciled BIGINT NOT NULL,
    -- Server, roles and channels by name, as they were at the end, sealed under the server's key.
    context BYTES,
    -- When all of it was stored; NULL before.
    stored_at BIGINT
);

-- Up to 128 messages, by id. Ranges of chunks may overlap: an edit that comes late is in a later chunk.
CREATE TABLE transcript_chunks (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    chunk BIGINT NOT NULL,
    first_message_id BIGINT NOT NULL,
    last_message_id BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    -- JSON: one [message id, number of its part (-1: erased), time of deletion or null]
    -- for each message.
    entries TEXT NOT NULL,
    PRIMARY KEY (ticket_id, chunk)
);

CREATE INDEX transcript_chunks_by_first ON transcript_chunks (ticket_id, first_message_id);

-- What one person said in one chunk, compressed and sealed together.
CREATE TABLE transcript_parts (
    ticket_id TEXT NOT NULL,
    chunk BIGINT NOT NULL,
    part BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    body BYTES NOT NULL,
    PRIMARY KEY (ticket_id, chunk, part),
    FOREIGN KEY (ticket_id, chunk) REFERENCES transcript_chunks (ticket_id, chunk) ON DELETE CASCADE
);

CREATE INDEX transcript_parts_of_subject ON transcript_parts (subject_id, ticket_id);

-- How people of a ticket were named when they were last seen in it, each under their own key.
CREATE TABLE transcript_people (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    profile BYTES NOT NULL,
    PRIMARY KEY (ticket_id, user_id)
);

CREATE INDEX transcript_people_of_user ON transcript_people (user_id);

-- Files of messages, and how far their copying is.
CREATE TABLE attachments (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    attachment_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    -- Whose file: under whose key name, address and bytes are sealed.
    subject_id BIGINT NOT NULL,
    -- 'pending', 'stored', 'too_large' or 'failed'.
    state TEXT NOT NULL,
    -- Its name and, while it is pending, Discord's address of it, as sealed JSON.
    details BYTES NOT NULL,
    -- Where its bytes are and how many; NULL unless it is stored.
    blob TEXT,
    length BIGINT,
    -- A media type found from its first bytes; NULL for what is only handed out as a download.
    media_type TEXT,
    attempts BIGINT NOT NULL,
    -- Not before this time; also how long the process that copies it holds it.
    due_at BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, attachment_id)
);

CREATE INDEX attachments_due ON attachments (state, due_at);
CREATE INDEX attachments_of_subject ON attachments (subject_id, ticket_id);

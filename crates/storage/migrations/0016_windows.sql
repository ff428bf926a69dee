-- Windows of long transcripts: where to begin, from either side, is found without reading the chunks themselves.
CREATE INDEX transcript_chunks_by_range ON transcript_chunks (ticket_id, first_message_id, chunk, last_message_id, messages);
CREATE INDEX transcript_chunks_by_last ON transcript_chunks (ticket_id, last_message_id, chunk, first_message_id);
DROP INDEX transcript_chunks_by_first;

-- How far the opener of a ticket has read its transcript here: no more than the last message that was shown.
CREATE TABLE transcript_looks (
    ticket_id TEXT NOT NULL PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
    message_id BIGINT NOT NULL
);

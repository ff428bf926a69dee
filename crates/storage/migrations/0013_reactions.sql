-- How the reactions to the messages of a ticket changed, in order. How many there are now is in the message itself.
CREATE TABLE transcript_reactions (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    message_id BIGINT NOT NULL,
    -- Counts up within a message.
    number BIGINT NOT NULL,
    -- Who reacted; 0 where reactions of several people were removed at once.
    subject_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- The emoji, and whether it came or went, sealed.
    body BYTES NOT NULL,
    PRIMARY KEY (ticket_id, message_id, number)
);

CREATE INDEX transcript_reactions_of_subject ON transcript_reactions (subject_id, ticket_id);

-- Whether what people said and then deleted stays in the transcript: only where they were told so in the ticket, when
-- it was opened. 0 or 1.
ALTER TABLE tickets ADD COLUMN keeps_deleted BIGINT NOT NULL DEFAULT 0;

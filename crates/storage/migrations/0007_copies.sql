-- Beside what is attached to messages, copies of the pictures that they show; and what is found out about
-- copies later.

-- 'attachment', 'avatar', 'emoji', 'sticker' or 'embed'. What is no attachment has an id that is derived from
-- what it shows, and the subject is whose picture it is.
ALTER TABLE attachments ADD COLUMN kind TEXT NOT NULL DEFAULT 'attachment';

-- The server of the ticket: what it may keep is limited.
ALTER TABLE attachments ADD COLUMN guild_id BIGINT NOT NULL DEFAULT 0;
UPDATE attachments SET guild_id = (SELECT guild_id FROM tickets WHERE tickets.id = attachments.ticket_id);

-- When its bytes were last written, or read to the end and found whole. One that is not has the state
-- 'damaged' and keeps `blob`, `length` and `media_type`; `due_at` is when its repair is tried next.
ALTER TABLE attachments ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;

CREATE INDEX attachments_of_guild ON attachments (guild_id, length);
CREATE INDEX attachments_by_check ON attachments (state, checked_at);

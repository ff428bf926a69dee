-- What the use is restricted for because somebody objected to it: while the objection is judged, and after it was
-- upheld. The row outlives the request, which goes some time after its answer.
CREATE TABLE objections (
    request_id TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    -- The server that it is about; NULL: everywhere.
    guild_id BIGINT,
    since BIGINT NOT NULL
);

CREATE INDEX objections_by_user ON objections (user_id);
CREATE INDEX objections_by_guild ON objections (guild_id);

-- Who was erased while a ticket went on, as a keyed mark: when its channel is read again, no name and no word of theirs
-- from before comes back. The rows go with the channel.
CREATE TABLE ticket_erasures (
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    mark BYTES NOT NULL,
    erased_at BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, mark)
);

-- How often operators were written to about requests on a day, counted from 1970 in UTC. One row: that of the last day
-- on which they were.
CREATE TABLE request_digests (
    day BIGINT NOT NULL PRIMARY KEY,
    sent BIGINT NOT NULL
);

-- Why a download could not be made: 'unreadable', 'unwritable' or 'interrupted'.
ALTER TABLE person_downloads ADD COLUMN failure TEXT;

-- What staff of a server must know, until it is mended: shown on the server's page whether or not the
-- server has a channel for alerts.
CREATE TABLE guild_alerts (
    guild_id BIGINT NOT NULL,
    -- What it is about, such as 'open' or 'panel:<id>': what works again takes its alert away.
    subject TEXT NOT NULL,
    -- The alert as JSON: codes, numbers and ids, no words that people wrote.
    alert TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (guild_id, subject)
);

CREATE INDEX guild_alerts_by_age ON guild_alerts (last_at);

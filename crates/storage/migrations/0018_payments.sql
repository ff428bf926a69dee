-- Webhooks of the payment provider. The body is not kept: what it tells of is read again.
CREATE TABLE payment_events (
    event_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- NULL for an event of a form that names no object.
    object_id TEXT,
    -- When the provider made it.
    created_at BIGINT NOT NULL,
    live BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- When its object was read again; NULL until then.
    done_at BIGINT,
    -- Not to be looked at before this time.
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);

CREATE INDEX payment_events_due ON payment_events (due_at) WHERE done_at IS NULL;
CREATE INDEX payment_events_received ON payment_events (received_at);

-- The provider's customer of an account, one for each of its modes.
CREATE TABLE payment_customers (
    user_id BIGINT NOT NULL,
    -- 1 for real money.
    live BIGINT NOT NULL,
    customer_id TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, live)
);

-- Subscriptions as the provider had them when they were read last.
CREATE TABLE payment_subscriptions (
    subscription_id TEXT NOT NULL PRIMARY KEY,
    -- Counts readings that were begun: what an older one brought is not written over a newer one.
    reading BIGINT NOT NULL,
    -- 1 for real money.
    live BIGINT NOT NULL,
    -- NULL until the first reading has ended, as all that follows.
    read_at BIGINT,
    licence_id TEXT,
    customer_id TEXT,
    user_id BIGINT,
    -- The server that it was bought on.
    guild_id BIGINT,
    plan TEXT,
    -- month or year; NULL for a price that is in no plan any more.
    period TEXT,
    status TEXT,
    -- kept, refunded, disputed or lost.
    money TEXT,
    period_end BIGINT,
    trial_end BIGINT,
    -- When it ends, or ended.
    ends_at BIGINT,
    -- When the renewal that is still outstanding failed for the first time.
    failed_at BIGINT,
    -- Something will be different then, whether the provider tells or not.
    look_at BIGINT,
    -- 1 once its licence can never count again: the provider is told to end it.
    unwanted BIGINT NOT NULL
);

CREATE INDEX payment_subscriptions_look ON payment_subscriptions (look_at);
CREATE INDEX payment_subscriptions_unwanted ON payment_subscriptions (unwanted);
CREATE INDEX payment_subscriptions_of_licence ON payment_subscriptions (licence_id);
CREATE INDEX payment_subscriptions_of_guild ON payment_subscriptions (guild_id);
CREATE INDEX payment_subscriptions_of_user ON payment_subscriptions (user_id);

-- What somebody wished of the provider: written before the call, so that a repeated one is the same.
CREATE TABLE payment_wishes (
    -- The idempotency key.
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- What makes two wishes the same.
    about TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    guild_id BIGINT,
    -- What is sent, as JSON.
    request TEXT NOT NULL,
    -- The provider's id of what came of it.
    object_id TEXT,
    created_at BIGINT NOT NULL,
    -- Until when the same wish is this one.
    until BIGINT NOT NULL,
    -- 1 once it is over, whatever came of it.
    ended BIGINT NOT NULL
);

CREATE UNIQUE INDEX payment_wishes_open ON payment_wishes (about) WHERE ended = 0;
CREATE INDEX payment_wishes_of_user ON payment_wishes (user_id);
CREATE INDEX payment_wishes_created ON payment_wishes (created_at);

-- What the holder of a licence was told about its payments: each thing once.
CREATE TABLE payment_news (
    licence_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The time of what is told of.
    about BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (licence_id, kind, about)
);

CREATE INDEX payment_news_told ON payment_news (told_at);

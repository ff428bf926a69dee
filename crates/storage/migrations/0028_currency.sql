-- The currency that a subscription is paid in, three letters in lower case; NULL until it is read the next time.
ALTER TABLE payment_subscriptions ADD COLUMN currency TEXT;

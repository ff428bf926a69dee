-- A change of plan that waits until its payment was confirmed; all NULL where none does.

-- The plan, and month or year; NULL for a price that is in no plan any more.
ALTER TABLE payment_subscriptions ADD COLUMN change_plan TEXT;
ALTER TABLE payment_subscriptions ADD COLUMN change_period TEXT;
-- When the provider gives it up.
ALTER TABLE payment_subscriptions ADD COLUMN change_until BIGINT;

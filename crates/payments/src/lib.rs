//! The place of payments: the one crate that may name Stripe. Nothing is charged yet, and nothing is
//! offered for money: with no payment key payments are off, and there is no setting for one so far.

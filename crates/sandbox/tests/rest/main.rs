//! REST and gateway from outside, as a bot meets them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod conformity;
mod faults;
mod gateway;
mod interactions;
mod rules;
mod support;

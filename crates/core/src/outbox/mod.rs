//! Effects that follow a commit: carried out, retried, never twice.
//!
//! A use-case writes its effects in the transaction that changes the state. The worker claims each for a
//! while, calls Discord, and settles the result in a transaction of its own. A crash in between leads to
//! a second attempt, so every effect can be repeated without a trace: channels are found again by their
//! topic, messages carry a nonce and are looked for once that is too old, removing what is gone is done.

mod effect;
mod effects;
mod failure;
mod post;
mod settle;
mod worker;

pub use effect::{Alert, Answer, Cause, Effect, Notice, panel_key, ticket_key};
pub use worker::{Stats, drain, run, stats};

use domain::ids::GuildId;
use domain::time::Millis;
use storage::outbox::ClaimedEffect;
use words::Words;

use crate::{Wardesk, guilds};

pub(crate) use effect::{MOVE_CHANNEL, subject};
pub(crate) use failure::{Done, Failure};

/// What an effect is carried out with.
pub(crate) struct Context<'a> {
    pub w: &'a Wardesk,
    pub row: &'a ClaimedEffect,
}

impl Context<'_> {
    /// The server.
    fn guild(&self) -> GuildId {
        self.row.guild
    }

    /// Whether an earlier attempt may have reached Discord.
    fn is_repeated(&self) -> bool {
        self.row.attempts > 1
    }

    /// Milliseconds since the effect was asked for.
    fn age(&self) -> i64 {
        self.w.now().since(self.row.created)
    }

    /// The texts in the server's language.
    async fn words(&self) -> Result<Words, Failure> {
        Ok(Words::new(guilds::settings_of(self.w, self.guild()).await?.locale))
    }

    /// The earliest time Discord can have seen the effect, by our clock, with room for a clock that is
    /// ahead of Discord's.
    fn first_seen(&self) -> Millis {
        self.row.first_attempt.plus_seconds(-30)
    }
}

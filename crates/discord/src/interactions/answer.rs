//! Answers to an interaction. The first must come within three seconds.
//!
//! Source: Discord API documentation, "Receiving and Responding to Interactions".

use std::future::Future;
use std::time::Duration;

use domain::ids::InteractionId;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use wardesk_core::ports::{Discord, DiscordError, NewMessage};

use crate::rest::Rest;

/// Only the member sees it.
const EPHEMERAL: u32 = 1 << 6;

/// A use-case that takes longer than this is answered with "thinking" first.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long may be waited for what has to be known before the first answer, when that cannot be "thinking": a
/// form, or suggestions. The rest of the three seconds is for the way to Discord and back.
const BEFORE_FIRST: Duration = Duration::from_millis(1_500);

/// Source: Discord API documentation, "Interaction Callback Type".
mod callback {
    pub(super) const MESSAGE: u8 = 4;
    pub(super) const DEFERRED_MESSAGE: u8 = 5;
    pub(super) const DEFERRED_UPDATE: u8 = 6;
    pub(super) const CHOICES: u8 = 8;
    pub(super) const MODAL: u8 = 9;
}

/// What the member is told.
pub(super) enum Told {
    /// A text that only they see.
    Text(String),
    /// Nothing more than that it worked: the channel shows what happened.
    Nothing,
}

/// The way back to the member.
pub(super) struct Answerer {
    rest: Rest,
    id: InteractionId,
    token: SecretString,
    kind: &'static str,
    received: Instant,
}

impl Answerer {
    pub(super) fn new(
        rest: &Rest,
        id: u64,
        token: &str,
        kind: &'static str,
        received: Instant,
    ) -> Option<Self> {
        let id = InteractionId::new(id.cast_signed()).ok()?;
        Some(Self { rest: rest.clone(), id, token: token.to_owned().into(), kind, received })
    }

    pub(super) fn id(&self) -> InteractionId {
        self.id
    }

    pub(super) fn token(&self) -> &SecretString {
        &self.token
    }

    /// What has to be known before the first answer; `None` when it takes too long.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.received + BEFORE_FIRST, work).await.ok()
    }

    /// A text that only the member sees.
    pub(super) async fn say(&self, text: &str) {
        let data =
            json!({ "content": text, "flags": EPHEMERAL, "allowed_mentions": { "parse": [] } });
        self.first(callback::MESSAGE, Some(data)).await;
    }

    /// A text with rows of components that only the member sees.
    pub(super) async fn offer(&self, text: &str, components: Value) {
        let data = json!({ "content": text, "flags": EPHEMERAL, "components": components });
        self.first(callback::MESSAGE, Some(data)).await;
    }

    /// A form.
    pub(super) async fn ask(&self, modal: Value) {
        self.first(callback::MODAL, Some(modal)).await;
    }

    /// Suggestions while typing.
    pub(super) async fn suggest(&self, choices: Vec<Value>) {
        self.first(callback::CHOICES, Some(json!({ "choices": choices }))).await;
    }

    /// "Thinking", seen by the member alone. Answers whether Discord still knows the interaction.
    pub(super) async fn think(&self) -> bool {
        self.first(callback::DEFERRED_MESSAGE, Some(json!({ "flags": EPHEMERAL }))).await
    }

    /// Replaces what was said, or "thinking".
    pub(super) async fn correct(&self, text: &str) {
        let body = json!({ "content": text, "allowed_mentions": { "parse": [] } });
        let message = NewMessage { body, nonce: None };
        if let Err(error) = self.rest.edit_interaction_response(&self.token, &message).await {
            tracing::warn!(%error, kind = self.kind, "an interaction's answer could not be completed");
        }
    }

    /// Does the work and tells the member. Quick work is answered by its result, slow work by
    /// "thinking" first. `on_message` is whether a message's button was pressed: then success needs no
    /// words of its own.
    pub(super) async fn work(
        &self,
        on_message: bool,
        done: &str,
        work: impl Future<Output = Told>,
    ) {
        let mut work = std::pin::pin!(work);
        if let Ok(told) = tokio::time::timeout(PATIENCE, &mut work).await {
            match told {
                Told::Text(text) => self.say(&text).await,
                Told::Nothing if on_message => {
                    self.first(callback::DEFERRED_UPDATE, None).await;
                }
                Told::Nothing => self.say(done).await,
            }
            return;
        }
        // The work goes on while the answer is on its way.
        let (_, told) = tokio::join!(self.think(), work);
        match told {
            Told::Text(text) => self.correct(&text).await,
            Told::Nothing => self.correct(done).await,
        }
    }

    async fn first(&self, kind: u8, data: Option<Value>) -> bool {
        let mut body = json!({ "type": kind });
        if let Some(data) = data {
            body["data"] = data;
        }
        let sent = self.rest.answer_interaction(self.id, &self.token, &body).await;
        metrics::histogram!("discord_interaction_first_answer_seconds", "kind" => self.kind)
            .record(self.received.elapsed().as_secs_f64());
        match sent {
            // 40060: a delivery that was answered before.
            Ok(()) | Err(DiscordError::Refused { code: 40_060, .. }) => true,
            Err(error) => {
                tracing::warn!(%error, kind = self.kind, "an interaction could not be answered");
                !matches!(error, DiscordError::Gone { .. })
            }
        }
    }
}

//! serenity's side of the relay: interactions, read into its types.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::channel::mpsc::UnboundedReceiver;
use secrecy::{ExposeSecret, SecretString};
use serenity::all::{
    Context, Event, GatewayIntents, HttpBuilder, RawEventHandler, ShardManager, ShardManagerOptions,
};
use serenity::gateway::GatewayError;
use serenity::prelude::{RwLock, TypeMap};

use crate::interactions::Desk;

/// Nothing listens there: serenity sends no REST call here, and if one slipped in, it would reach
/// neither Discord nor anything else.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A running serenity. Ends with [`Typed::shut_down`].
pub(super) struct Typed {
    manager: Arc<ShardManager>,
    /// Says when its shard has given up, or was told to.
    ended: UnboundedReceiver<Result<(), GatewayError>>,
}

struct Handler(Desk);

#[serenity::async_trait]
impl RawEventHandler for Handler {
    async fn raw_event(&self, _: Context, event: Event) {
        // serenity runs this in a task of its own for each event.
        match event {
            Event::InteractionCreate(event) => Box::pin(self.0.handle(event.interaction)).await,
            // What serenity can't read comes as it is.
            Event::Unknown(event) if event.kind == "INTERACTION_CREATE" => {
                tracing::error!("an interaction could not be read");
                metrics::counter!("discord_interactions_dropped_total").increment(1);
            }
            _ => {}
        }
    }
}

impl Typed {
    /// Connects serenity to the relay at `url`.
    pub(super) fn start(url: String, secret: &SecretString, desk: Desk) -> Self {
        let http = HttpBuilder::new(secret.expose_secret())
            .proxy(NOWHERE)
            .ratelimiter_disabled(true)
            .build();
        let (manager, ended) = ShardManager::new(ShardManagerOptions {
            data: Arc::new(RwLock::new(TypeMap::new())),
            event_handlers: Vec::new(),
            raw_event_handlers: vec![Arc::new(Handler(desk))],
            shard_index: 0,
            shard_init: 1,
            shard_total: 1,
            ws_url: Arc::new(tokio::sync::Mutex::new(url)),
            http: Arc::new(http),
            // The relay decides what is passed on.
            intents: GatewayIntents::empty(),
            presence: None,
        });
        // Never fails; its type is a leftover, says serenity's source.
        let _ = manager.initialize();
        Self { manager, ended }
    }

    /// Returns when serenity has ended without being told to.
    pub(super) async fn ended(&mut self) {
        self.ended.next().await;
    }

    pub(super) async fn shut_down(self) {
        self.manager.shutdown_all().await;
    }
}

//! One transaction of a use-case: state, audit row, events and effects commit together.

use domain::ids::{GuildId, OutboxId, PanelId, TicketId, UserId};
use domain::time::Millis;
use sqlx::AnyConnection;
use storage::events::NewEvent;
use storage::outbox::NewEffect;
use storage::panels::PanelRow;
use storage::tickets::TicketRow;
use storage::{StorageError, Tx};

use super::{TicketError, TicketEvent};
use crate::outbox::{Alert, Effect};
use crate::{LiveEvent, Wardesk};

/// A change under way. Dropped without [`Change::commit`], nothing of it happens.
pub(crate) struct Change<'w> {
    w: &'w Wardesk,
    tx: Tx,
    guild: GuildId,
    now: Millis,
    events: Vec<i64>,
    effects: Vec<NewEffect>,
}

impl<'w> Change<'w> {
    /// Begins a transaction for one server.
    pub async fn begin(w: &'w Wardesk, guild: GuildId) -> Result<Self, StorageError> {
        let tx = w.store().begin().await?;
        Ok(Self { w, tx, guild, now: w.now(), events: Vec::new(), effects: Vec::new() })
    }

    /// The server.
    pub const fn guild(&self) -> GuildId {
        self.guild
    }

    /// The time of the change.
    pub const fn now(&self) -> Millis {
        self.now
    }

    /// The connection that the transaction runs on.
    pub fn conn(&mut self) -> &mut AnyConnection {
        self.tx.conn()
    }

    /// Locks a ticket of this server and reads it with its panel. A ticket of another server is not found.
    pub async fn ticket(&mut self, id: TicketId) -> Result<(TicketRow, PanelRow), TicketError> {
        let ticket =
            storage::tickets::lock(self.tx.conn(), id).await?.ok_or(TicketError::NotFound)?;
        if ticket.guild != self.guild {
            return Err(TicketError::NotFound);
        }
        let panel = storage::panels::of_ticket(self.tx.conn(), &ticket).await?;
        Ok((ticket, panel))
    }

    /// Writes down an event of a ticket.
    pub async fn event(
        &mut self,
        ticket: TicketId,
        actor: Option<UserId>,
        event: &TicketEvent,
    ) -> Result<(), StorageError> {
        self.append(Some(ticket), None, actor, event).await
    }

    /// Writes down an event of a panel.
    pub async fn panel_event(
        &mut self,
        panel: PanelId,
        actor: Option<UserId>,
        event: &TicketEvent,
    ) -> Result<(), StorageError> {
        self.append(None, Some(panel), actor, event).await
    }

    async fn append(
        &mut self,
        ticket: Option<TicketId>,
        panel: Option<PanelId>,
        actor: Option<UserId>,
        event: &TicketEvent,
    ) -> Result<(), StorageError> {
        let new = new_event(self.guild, ticket, panel, actor, self.now, event)?;
        self.events.push(storage::events::append(self.tx.conn(), &new).await?);
        Ok(())
    }

    /// Asks for an effect after the commit.
    pub fn effect(&mut self, effect: &Effect) -> Result<(), StorageError> {
        let id = OutboxId::new(self.w.new_uuid());
        self.effects.push(NewEffect {
            id,
            application: self.w.application(),
            guild: self.guild,
            sequence_key: effect.sequence_key(id),
            kind: effect.kind(),
            payload: serde_json::to_string(effect)
                .map_err(|_| StorageError::Corrupt("outbox.payload"))?,
            due: self.now,
        });
        Ok(())
    }

    /// Tells staff: on the server's page until it is mended, and in the log channel if there is one.
    pub async fn alert(&mut self, alert: Alert) -> Result<(), StorageError> {
        let json = serde_json::to_string(&alert)
            .map_err(|_| StorageError::Corrupt("guild_alerts.alert"))?;
        let (guild, now) = (self.guild, self.now);
        storage::alerts::raise(self.conn(), guild, &alert.subject(), &json, now).await?;
        self.effect(&Effect::StaffAlert { alert })
    }

    /// Takes an alert away: what it was about works again.
    pub async fn mended(&mut self, subject: &str) -> Result<(), StorageError> {
        let guild = self.guild;
        storage::alerts::clear(self.conn(), guild, subject).await
    }

    /// Writes the effects and commits. Listeners and the worker are told by [`Committed::tell`].
    pub async fn commit(mut self) -> Result<Committed<'w>, StorageError> {
        storage::outbox::push(self.tx.conn(), &self.effects).await?;
        self.tx.commit().await?;
        Ok(Committed {
            w: self.w,
            guild: self.guild,
            events: self.events,
            effects: !self.effects.is_empty(),
        })
    }
}

/// A change that is committed, of which nobody knows yet.
#[must_use = "listeners and the worker have to be told"]
pub(crate) struct Committed<'w> {
    w: &'w Wardesk,
    guild: GuildId,
    events: Vec<i64>,
    effects: bool,
}

impl Committed<'_> {
    /// Tells listeners and wakes the worker.
    pub fn tell(self) {
        self.w.ticket_caches().list_changed(self.guild);
        for seq in self.events {
            self.w.announce(LiveEvent { guild: self.guild, seq });
        }
        if self.effects {
            self.w.wake_outbox();
        }
    }
}

/// An event as storage takes it.
pub(crate) fn new_event(
    guild: GuildId,
    ticket: Option<TicketId>,
    panel: Option<PanelId>,
    actor: Option<UserId>,
    at: Millis,
    event: &TicketEvent,
) -> Result<NewEvent, StorageError> {
    Ok(NewEvent {
        guild,
        ticket,
        panel,
        actor,
        at,
        kind: event.kind(),
        payload: serde_json::to_string(event)
            .map_err(|_| StorageError::Corrupt("domain_events.payload"))?,
    })
}

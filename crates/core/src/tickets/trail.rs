//! What the audit log keeps of tickets and panels.

use domain::ids::{PanelId, TicketId, UserId};
use domain::panels::PanelSettings;
use domain::tickets::Priority;
use serde::Serialize;
use storage::StorageError;
use storage::panels::PanelRow;

use super::Change;
use crate::audit;

/// What an entry about a ticket holds: numbers and ids, no words.
#[derive(Serialize)]
struct TicketNote {
    number: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<UserId>,
}

/// How urgent a ticket is, on one side of a change.
#[derive(Serialize)]
struct PriorityNote {
    number: i64,
    priority: Priority,
}

/// Whose a ticket is, on one side of a move.
#[derive(Debug, Serialize)]
pub struct Whose {
    panel: PanelId,
    /// What staff call that panel at the time: it may have another name later.
    panel_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_by: Option<UserId>,
}

impl Whose {
    /// As it is of this panel and claimed by somebody.
    pub fn new(panel: &PanelRow, claimed_by: Option<UserId>) -> Self {
        Self { panel: panel.id, panel_name: panel.settings.name.clone(), claimed_by }
    }
}

/// A side of a move with the ticket's number.
#[derive(Serialize)]
struct MoveNote<'a> {
    number: i64,
    #[serde(flatten)]
    whose: &'a Whose,
}

impl Change<'_> {
    /// Notes what someone did with a ticket.
    pub async fn audit_ticket(
        &mut self,
        by: UserId,
        action: &'static str,
        number: i64,
        ticket: TicketId,
    ) -> Result<(), StorageError> {
        let after = TicketNote { number, member: None };
        self.note(Some(by), action, &ticket.to_string(), None::<&()>, Some(&after)).await
    }

    /// Notes that someone set a ticket's priority.
    pub async fn audit_priority(
        &mut self,
        by: UserId,
        number: i64,
        ticket: TicketId,
        from: Priority,
        to: Priority,
    ) -> Result<(), StorageError> {
        let [before, after] = [from, to].map(|priority| PriorityNote { number, priority });
        let target = ticket.to_string();
        self.note(Some(by), "ticket.priority", &target, Some(&before), Some(&after)).await
    }

    /// Notes that a ticket, with its number, was moved to another panel, or back: `by` is `None` for the bot
    /// itself.
    pub async fn audit_move(
        &mut self,
        by: Option<UserId>,
        action: &'static str,
        (number, ticket): (i64, TicketId),
        before: &Whose,
        after: &Whose,
    ) -> Result<(), StorageError> {
        let [before, after] = [before, after].map(|whose| MoveNote { number, whose });
        self.note(by, action, &ticket.to_string(), Some(&before), Some(&after)).await
    }

    /// Notes whom someone let into a ticket or showed out.
    pub async fn audit_member(
        &mut self,
        by: UserId,
        action: &'static str,
        number: i64,
        ticket: TicketId,
        member: UserId,
    ) -> Result<(), StorageError> {
        let after = TicketNote { number, member: Some(member) };
        self.note(Some(by), action, &ticket.to_string(), None::<&()>, Some(&after)).await
    }

    /// Notes what someone did with a panel, with its settings before and after.
    pub async fn audit_panel(
        &mut self,
        by: UserId,
        action: &'static str,
        panel: PanelId,
        before: Option<&PanelSettings>,
        after: Option<&PanelSettings>,
    ) -> Result<(), StorageError> {
        self.note(Some(by), action, &panel.to_string(), before, after).await
    }

    async fn note<B: Serialize, A: Serialize>(
        &mut self,
        by: Option<UserId>,
        action: &'static str,
        target: &str,
        before: Option<&B>,
        after: Option<&A>,
    ) -> Result<(), StorageError> {
        let (guild, at) = (self.guild(), self.now());
        let entry = audit::Change { guild, at, actor: by, action, target };
        audit::record(self.conn(), entry, before, after).await.map(|_| ())
    }
}

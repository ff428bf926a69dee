//! What the audit log keeps of tickets and panels.

use domain::ids::{PanelId, TicketId, UserId};
use domain::panels::PanelSettings;
use serde::Serialize;
use storage::StorageError;

use super::Change;
use crate::audit;

/// What an entry about a ticket holds: numbers and ids, no words.
#[derive(Serialize)]
struct TicketNote {
    number: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<UserId>,
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
        self.note(by, action, &ticket.to_string(), None::<&()>, Some(&after)).await
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
        self.note(by, action, &ticket.to_string(), None::<&()>, Some(&after)).await
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
        self.note(by, action, &panel.to_string(), before, after).await
    }

    async fn note<B: Serialize, A: Serialize>(
        &mut self,
        by: UserId,
        action: &'static str,
        target: &str,
        before: Option<&B>,
        after: Option<&A>,
    ) -> Result<(), StorageError> {
        let (guild, at) = (self.guild(), self.now());
        let entry = audit::Change { guild, at, actor: Some(by), action, target };
        audit::record(self.conn(), entry, before, after).await.map(|_| ())
    }
}

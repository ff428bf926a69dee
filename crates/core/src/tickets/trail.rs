//! What the audit log keeps of tickets and panels.

use domain::ids::{PanelId, TicketId, UserId};
use domain::panels::PanelSettings;
use storage::StorageError;

use super::Change;

impl Change<'_> {
    /// Notes what someone did with a ticket.
    pub async fn audit_ticket(&mut self, _by: UserId, _action: &'static str, _number: i64, _ticket: TicketId) -> Result<(), StorageError> {
        Ok(())
    }

    /// Notes what someone did with a panel.
    pub async fn audit_panel(&mut self, _by: UserId, _action: &'static str, _panel: PanelId, _before: Option<&PanelSettings>, _after: Option<&PanelSettings>) -> Result<(), StorageError> {
        Ok(())
    }
}

//! What staff of a server must know, until it is mended.

use domain::access::Capability;
use domain::time::Millis;
use storage::StorageError;
use words::Words;

use super::{GuildAccess, GuildError};
use crate::outbox::Alert;
use crate::tickets::messages::{AlertFacts, alert_text};

/// Alerts shown at once.
const SHOWN: i64 = 20;

/// Something that needs a hand, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffAlert {
    /// What happened.
    pub title: &'static str,
    /// More about it, and the remedy.
    pub text: String,
    /// When it was noticed last.
    pub last_at: Millis,
    /// How often it was noticed.
    pub times: i64,
}

/// What the server's staff must know, newest first, at most 20. What works again is not in it any more;
/// what nobody can see mended goes after 30 days.
pub async fn alerts(access: &GuildAccess, words: Words) -> Result<Vec<StaffAlert>, GuildError> {
    access.require(Capability::See)?;
    let w = access.wardesk();
    let rows = storage::alerts::list(w.store().read(), access.guild(), SHOWN).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    // Without the names, ids say which channel is meant.
    let facts = w.discord().guild(access.guild()).await.ok();
    let channel_name = |id| {
        let known = facts.as_ref().and_then(|f| f.channels.iter().find(|c| c.id == id));
        format!("#{}", known.map_or_else(|| id.to_string(), |c| c.name.clone()))
    };
    let mut alerts = Vec::with_capacity(rows.len());
    for row in rows {
        let alert: Alert = serde_json::from_str(&row.alert)
            .map_err(|_| StorageError::Corrupt("guild_alerts.alert"))?;
        // What is paid, and by whom not, is no affair of the team's.
        let hidden = matches!(alert, Alert::Payment { .. });
        if hidden && !access.capabilities().has(Capability::Billing) {
            continue;
        }
        // Who asks for what, and that somebody is gone, is between them and those who answer for the server.
        let asked = matches!(alert, Alert::PrivacyRequest { .. } | Alert::Erased);
        if asked && !access.capabilities().has(Capability::Privacy) {
            continue;
        }
        let about = AlertFacts::load(w, access.guild(), &alert).await?;
        let (title, text) = alert_text(words, &alert, &about, channel_name);
        alerts.push(StaffAlert { title, text, last_at: row.last_at, times: row.times });
    }
    Ok(alerts)
}

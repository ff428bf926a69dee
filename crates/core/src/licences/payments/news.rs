//! What the holder of a licence is told about its payments: by the dashboard until it is mended, and once by DM.

use domain::ids::LicenceId;
use domain::licences::{Licence, Status};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use storage::StorageError;
use words::Words;

use super::state::State;
use super::{Funds, Reading};
use crate::outbox::{Alert, Effect};
use crate::tickets::Change;
use crate::tickets::messages::{COLOUR_ALERT, only};

/// Something the holder must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// A renewal could not be paid; it is tried again, and the licence counts meanwhile.
    Failed,
    /// It was never paid: the licence has ended.
    Unpaid,
    /// The money was given back: the licence is suspended.
    Refunded,
    /// The payment is disputed: the licence is suspended.
    Disputed,
    /// The dispute was lost: the licence has ended.
    Lost,
}

impl News {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unpaid => "unpaid",
            Self::Refunded => "refunded",
            Self::Disputed => "disputed",
            Self::Lost => "lost",
        }
    }
}

/// What a state is news of, with the time that tells one such trouble from the next.
fn news_of(state: &State, reading: &Reading) -> Option<(News, Millis)> {
    let period = reading.subscription.period_start;
    match (reading.funds, state.failed_at) {
        (Funds::Lost, _) => Some((News::Lost, Millis(0))),
        (Funds::Disputed, _) if state.status == Status::Suspended => Some((News::Disputed, period)),
        (Funds::Refunded, _) if state.status == Status::Suspended => Some((News::Refunded, period)),
        (_, Some(failed)) if state.status == Status::Ended => Some((News::Unpaid, failed)),
        (_, Some(failed)) if state.grace_until.is_some() => Some((News::Failed, failed)),
        _ => None,
    }
}

/// What an alert about a licence is known by.
pub(crate) fn subject(licence: LicenceId) -> String {
    format!("payment:{licence}")
}

/// Tells what there is to tell, each thing once, and takes back what is mended.
pub(super) async fn tell(
    change: &mut Change<'_>,
    state: &State,
    reading: &Reading,
    licence: &Licence,
) -> Result<(), StorageError> {
    let now = change.now();
    let Some((news, about)) = news_of(state, reading) else {
        storage::alerts::clear_everywhere(change.conn(), &subject(licence.id)).await?;
        if licence.status == Status::Active {
            forget_others(change, licence).await?;
        }
        return Ok(());
    };
    if !storage::payments::tell(change.conn(), licence.id, news.as_str(), about, now).await? {
        return Ok(());
    }
    let alert = Alert::Payment { licence: licence.id, news };
    let json =
        serde_json::to_string(&alert).map_err(|_| StorageError::Corrupt("guild_alerts.alert"))?;
    for seat in &licence.seated {
        let subject = alert.subject();
        storage::alerts::raise(change.conn(), seat.guild, &subject, &json, now).await?;
    }
    let until = state.grace_until;
    change.effect(&Effect::DmHolder { licence: licence.id, user: licence.contact, news, until })
}

/// Takes away, on the servers of a licence that counts, what was told of other licences: this one has taken their
/// place.
async fn forget_others(change: &mut Change<'_>, licence: &Licence) -> Result<(), StorageError> {
    for seat in &licence.seated {
        for row in storage::alerts::list(&mut *change.conn(), seat.guild, i64::MAX).await? {
            let Ok(alert) = serde_json::from_str::<Alert>(&row.alert) else { continue };
            if let Alert::Payment { licence: other, .. } = alert
                && other != licence.id
            {
                storage::alerts::clear(change.conn(), seat.guild, &alert.subject()).await?;
            }
        }
    }
    Ok(())
}

/// What happened and how to mend it, in words.
pub(crate) fn text(words: Words, news: News) -> (&'static str, &'static str) {
    match news {
        News::Failed => (words.payments_failed_title(), words.payments_failed()),
        News::Unpaid => (words.payments_unpaid_title(), words.payments_unpaid()),
        News::Refunded => (words.payments_refunded_title(), words.payments_refunded()),
        News::Disputed => (words.payments_disputed_title(), words.payments_disputed()),
        News::Lost => (words.payments_lost_title(), words.payments_lost()),
    }
}

/// The message to the holder. `until` is the end of the grace, `url` where payments are mended.
pub(crate) fn dm(
    words: Words,
    news: News,
    server: &str,
    until: Option<Millis>,
    url: &str,
) -> Value {
    let (title, text) = text(words, news);
    let mut said = text.to_owned();
    if let Some(until) = until {
        said.push_str("\n\n");
        // Discord shows the date in the reader's own way.
        said.push_str(&words.payments_until(format!("<t:{}:D>", until.0.div_euclid(1000))));
    }
    said.push_str("\n\n");
    said.push_str(url);
    json!({
        "embeds": [{
            "title": title,
            "description": said,
            "color": COLOUR_ALERT,
            "footer": { "text": server },
        }],
        "allowed_mentions": only(&[]),
    })
}

//! What is held about somebody, everywhere: by kind, server and purpose, since when and until when. Source:
//! `docs/PROMISES.md` P8, P34; GDPR 15.

use std::collections::BTreeMap;

use domain::ids::GuildId;
use domain::time::Millis;
use storage::StorageError;
use storage::privacy::people::{self, Total};

pub use storage::privacy::places::Held;

use super::PrivacyError;
use crate::accounts::Session;
use crate::transcripts::TranscriptError;
use crate::transcripts::keeping::{self, Kept};
use crate::{Wardesk, guilds};

/// Until when something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// While the account is used.
    Account,
    /// Until signing out, or for 7 days.
    Session,
    /// Ten minutes.
    Draft,
    /// While they are a customer.
    Customer,
    /// 90 days.
    Audit,
    /// A request: 400 days after its answer; a choice: until it is taken back.
    Request,
    /// As long as its ticket: so many days after that was closed, or for ever where the server wants that.
    Ticket(Option<u64>),
}

/// One kind of what is held in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldItem {
    /// What.
    pub held: Held,
    /// How much of it.
    pub rows: i64,
    /// When the oldest of it was made, where that is known.
    pub since: Option<Millis>,
    /// Until when.
    pub until: Until,
}

/// What is held in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPlace {
    /// The server, whose owner decides about it; `None`: the service itself does.
    pub guild: Option<GuildId>,
    /// The server's name; its id where the name is not known any more.
    pub name: String,
    /// What.
    pub items: Vec<HeldItem>,
}

/// What is held about the person of the session, the service first, then servers by name.
pub async fn of_person(w: &Wardesk, session: &Session) -> Result<Vec<HeldPlace>, PrivacyError> {
    let mut places: BTreeMap<Option<GuildId>, BTreeMap<Held, Total>> = BTreeMap::new();
    for total in people::totals(w.store().read(), session.user).await? {
        let known = places.entry(total.guild).or_default().entry(total.held);
        known
            .and_modify(|known| {
                known.rows += total.rows;
                known.since = known.since.into_iter().chain(total.since).min();
            })
            .or_insert(total);
    }
    let mut found = Vec::with_capacity(places.len());
    for (guild, totals) in places {
        let days = match guild {
            Some(guild) => kept_days(w, guild).await?,
            None => None,
        };
        let items = totals.into_values().map(|total| HeldItem {
            held: total.held,
            rows: total.rows,
            since: total.since,
            until: until(total.held, days),
        });
        let name = match guild {
            Some(guild) => guilds::installation(w, guild)
                .await?
                .map_or_else(|| guild.to_string(), |here| here.name),
            None => String::new(),
        };
        found.push(HeldPlace { guild, name, items: items.collect() });
    }
    found.sort_by(|a, b| (a.guild.is_some(), &a.name).cmp(&(b.guild.is_some(), &b.name)));
    Ok(found)
}

/// How many days a server keeps tickets after their end; `None`: as long as it likes.
async fn kept_days(w: &Wardesk, guild: GuildId) -> Result<Option<u64>, PrivacyError> {
    let rules = match keeping::rules(w, guild).await {
        Ok(rules) => rules,
        Err(TranscriptError::Storage(error)) => return Err(error.into()),
        Err(_) => return Err(StorageError::Corrupt("guild_settings").into()),
    };
    Ok(match rules.kept(None, None, false) {
        Kept::AfterClosing(days) => Some(days),
        Kept::Until(_) | Kept::ForEver | Kept::Held => None,
    })
}

const fn until(held: Held, days: Option<u64>) -> Until {
    match held {
        Held::Account => Until::Account,
        Held::Sessions => Until::Session,
        Held::Drafts => Until::Draft,
        Held::Customer => Until::Customer,
        Held::Operator | Held::Audit => Until::Audit,
        Held::Requests => Until::Request,
        Held::Tickets
        | Held::Words
        | Held::Files
        | Held::Reactions
        | Held::Names
        | Held::Members
        | Held::Deeds
        | Held::Links => Until::Ticket(days),
    }
}

//! The data of a server, as its page `/servers/{guild}/held` shows it: how much, since when, until when; and what the
//! next sweep will remove of it.

use domain::access::Capability;
use domain::ids::{GuildId, TicketId};
use domain::time::Millis;
use storage::StorageError;
use storage::privacy::holdings;
pub use storage::privacy::holdings::{COUNTED, Class};
use storage::retention::{self as rules, Keep, RULES, Rule};
use storage::transcripts::{attachments, expiry};

use crate::Wardesk;
use crate::guilds::{GuildAccess, GuildError};
use crate::transcripts::hold::{self, HeldTicket};
use crate::transcripts::keeping::{self, Kept};
use crate::{licences, retention};

/// Tickets that the dry run names at most; it counts all.
pub const NAMED: i64 = 100;

/// Until when a class is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// While the bot is on the server, and 30 days after.
    WhileHere,
    /// Until the ticket is over.
    TicketOver,
    /// As long as its ticket.
    WithTicket,
    /// For ever, as the server wants it, while the bot is there.
    ForEver,
    /// The oldest goes at this time, and within the hour.
    Oldest(Millis),
    /// Until it is carried out; what is given up goes 30 days later.
    CarriedOut,
    /// While the licence counts.
    Licence,
    /// Nothing is kept.
    Nothing,
}

/// Who decides how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decider {
    /// Who manages the server.
    Owner,
    /// The service.
    Service,
    /// The holder of the licence.
    Holder,
}

/// A class of what is kept of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldClass {
    /// Which.
    pub class: Class,
    /// How many; `None`: more than [`COUNTED`].
    pub count: Option<u64>,
    /// The time of the oldest.
    pub since: Option<Millis>,
    /// Bytes, of files.
    pub bytes: Option<u64>,
    /// Until when.
    pub until: Until,
    /// Who decides that.
    pub decider: Decider,
}

/// What a sweep would remove of a server at a time, as things stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// When.
    pub at: Millis,
    /// How many rows by which rule; none without any.
    pub rules: Vec<(&'static str, u64)>,
    /// How many tickets.
    pub tickets: u64,
    /// Their numbers, those that ended first first; at most [`NAMED`].
    pub numbers: Vec<i64>,
}

/// What is kept of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldOfGuild {
    /// By class.
    pub classes: Vec<HeldClass>,
    /// Data keys under which words and files are sealed.
    pub keys: u64,
    /// Tickets that a legal hold keeps.
    pub holds: Vec<HeldTicket>,
    /// Whether there are more of these.
    pub more_holds: bool,
    /// What the next sweep will remove.
    pub next: DryRun,
}

/// What is kept of the server. For those who manage it.
pub async fn held(access: &GuildAccess) -> Result<HeldOfGuild, GuildError> {
    access.require(Capability::Configure)?;
    let (w, guild) = (access.wardesk(), access.guild());
    let mut classes = Vec::with_capacity(Class::ALL.len());
    for class in Class::ALL {
        classes.push(of_class(w, guild, class).await?);
    }
    let (holds, more_holds) = hold::of_guild(access).await?;
    let keys = w.store().keys().count_of_guild(guild).await?;
    let next = dry_run(w, guild, retention::next(w).await?).await?;
    Ok(HeldOfGuild { classes, keys: unsigned(keys), holds, more_holds, next })
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

async fn of_class(w: &Wardesk, guild: GuildId, class: Class) -> Result<HeldClass, StorageError> {
    let db = w.store().read();
    let amount = holdings::amount(db, guild, class).await?;
    let count = (amount.count <= COUNTED).then(|| unsigned(amount.count));
    let mut bytes = None;
    if class == Class::Files {
        bytes = Some(unsigned(attachments::stored_bytes_of_guild(db, guild).await?));
    }
    let by_rule = |name| amount.oldest.and_then(|oldest| ends(name, oldest));
    let (until, decider) = match class {
        Class::Installation | Class::Settings | Class::Panels => {
            (Some(Until::WhileHere), Decider::Owner)
        }
        Class::LiveTickets => (Some(Until::TicketOver), Decider::Owner),
        Class::Transcripts => (Some(transcripts_go(w, guild).await?), Decider::Owner),
        Class::Files | Class::Names | Class::History => (Some(Until::WithTicket), Decider::Owner),
        Class::Audit => (by_rule("audit"), Decider::Service),
        Class::Alerts => (by_rule("alerts"), Decider::Service),
        Class::Effects => {
            let dead = holdings::oldest_given_up(db, guild).await?;
            let until = dead.and_then(|oldest| ends("outbox_dead", oldest));
            (Some(until.unwrap_or(Until::CarriedOut)), Decider::Service)
        }
        Class::Deliveries => (by_rule("inbox"), Decider::Service),
        Class::Seats => (Some(Until::Licence), Decider::Holder),
    };
    let until = until.filter(|_| amount.count > 0).unwrap_or(Until::Nothing);
    Ok(HeldClass { class, count, since: amount.oldest, bytes, until, decider })
}

/// When a row with this time goes by the rule of that name.
fn ends(name: &str, oldest: Millis) -> Option<Until> {
    let rule = RULES.iter().find(|rule| rule.name == name)?;
    Some(Until::Oldest(match rule.keep {
        Keep::For(seconds) => oldest.plus_seconds(seconds),
        Keep::Until => oldest,
    }))
}

/// When the first transcript goes.
async fn transcripts_go(w: &Wardesk, guild: GuildId) -> Result<Until, StorageError> {
    let db = w.store().read();
    let found = storage::guilds::settings(db, guild).await?;
    let wanted = found.unwrap_or_default().0.retention;
    let rules = keeping::Rules { wanted, plan: licences::limits(w, guild).await? };
    let ends = holdings::first_to_go(db, guild).await?.into_iter();
    let first = ends.filter_map(|end| match rules.kept(Some(end.closed), end.noted, false) {
        Kept::Until(at) => Some(at),
        _ => None,
    });
    Ok(first.min().map_or(Until::ForEver, Until::Oldest))
}

/// What a sweep at `at` would remove of a server, by the very rules that the sweep has.
pub async fn dry_run(w: &Wardesk, guild: GuildId, at: Millis) -> Result<DryRun, StorageError> {
    let db = w.store().read();
    let mut by_rule = Vec::new();
    for rule in RULES.iter().filter(|rule| Rule::is_of_servers(rule)) {
        let count = unsigned(rules::would_go(db, rule, guild, at).await?);
        if count > 0 {
            by_rule.push((rule.name, count));
        }
    }
    let (mut tickets, mut numbers) = (0, Vec::new());
    if let Some(due) = keeping::due_at(w, guild, at).await? {
        tickets = unsigned(expiry::count_all_due(db, guild, due).await?);
        let first = expiry::due(db, guild, due, None, NAMED).await?;
        let first: Vec<TicketId> = first.into_iter().map(|(_, ticket)| ticket).collect();
        numbers = holdings::numbers(db, guild, &first).await?;
    }
    Ok(DryRun { at, rules: by_rule, tickets, numbers })
}

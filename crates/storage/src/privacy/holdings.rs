//! What is kept of a server: how much, and since when.

use domain::ids::{GuildId, TicketId};
use domain::time::Millis;
use sqlx::{AnyExecutor, AssertSqlSafe};

use crate::StorageError;
use crate::columns::Columns as _;

/// Rows of a class that are counted at most: the page says "more than" then.
pub const COUNTED: i64 = 100_000;

/// A class of what is kept of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// That the bot is there; the server's name and icon.
    Installation,
    /// Its settings.
    Settings,
    /// Its panels.
    Panels,
    /// Tickets that are not over.
    LiveTickets,
    /// Tickets that are over, with their transcripts.
    Transcripts,
    /// Copies of files.
    Files,
    /// Names of people of tickets.
    Names,
    /// What happened to tickets and panels, in order; and the numbers that count up.
    History,
    /// Who changed what.
    Audit,
    /// What the team has to know.
    Alerts,
    /// What is still to be done in Discord, or was given up.
    Effects,
    /// Which deliveries of Discord were seen.
    Deliveries,
    /// Its seats of licences.
    Seats,
}

impl Class {
    /// All of them, in the order in which people read of them.
    pub const ALL: [Self; 13] = [
        Self::Installation,
        Self::Settings,
        Self::Panels,
        Self::LiveTickets,
        Self::Transcripts,
        Self::Files,
        Self::Names,
        Self::History,
        Self::Audit,
        Self::Alerts,
        Self::Effects,
        Self::Deliveries,
        Self::Seats,
    ];

    /// The tables that it stands for; a table that is in several is counted in the first column's sense.
    pub const fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Installation => &["installations"],
            Self::Settings => &["guild_settings"],
            Self::Panels => &["panels"],
            Self::LiveTickets => &[
                "tickets",
                "ticket_live",
                "ticket_erasures",
                "archive_messages",
                "archive_deletions",
            ],
            Self::Transcripts => &[
                "tickets",
                "ticket_members",
                "transcripts",
                "transcript_chunks",
                "transcript_parts",
                "transcript_terms",
                "transcript_people",
                "transcript_reactions",
                "transcript_looks",
                "legal_holds",
                "redactions",
                "redacted_messages",
                "share_links",
                "share_link_people",
            ],
            Self::Files => &["attachments", "blob_removals"],
            Self::Names => &["ticket_people"],
            Self::History => &["domain_events", "guild_counters"],
            Self::Audit => &["audit_log", "audit_heads"],
            Self::Alerts => &["guild_alerts"],
            Self::Effects => &["outbox"],
            Self::Deliveries => &["inbox"],
            Self::Seats => &["licence_seats"],
        }
    }

    /// Which rows of the server `$1` are counted, the oldest first by an index, and the column that says how old
    /// one is.
    const fn rows(self) -> (&'static str, Option<&'static str>, &'static str) {
        match self {
            Self::Installation => {
                ("installations WHERE guild_id = $1", Some("joined_at"), "joined_at")
            }
            Self::Settings => {
                ("guild_settings WHERE guild_id = $1", Some("updated_at"), "updated_at")
            }
            Self::Panels => ("panels WHERE guild_id = $1", Some("created_at"), "created_at, id"),
            Self::LiveTickets => (
                "tickets WHERE guild_id = $1 AND state IN ('opening', 'open', 'closing')",
                Some("created_at"),
                "created_at, id",
            ),
            Self::Transcripts => (
                "tickets WHERE guild_id = $1 AND state IN ('closed', 'failed') AND closed_at IS NOT NULL",
                Some("closed_at"),
                "closed_at, id",
            ),
            Self::Files => ("attachments WHERE guild_id = $1 AND blob IS NOT NULL", None, ""),
            Self::Names => ("ticket_people WHERE guild_id = $1", Some("seen_at"), "seen_at"),
            Self::History => ("domain_events WHERE guild_id = $1", Some("at"), "seq"),
            Self::Audit => ("audit_log WHERE guild_id = $1", Some("at"), "seq"),
            Self::Alerts => ("guild_alerts WHERE guild_id = $1", Some("last_at"), "last_at"),
            Self::Effects => ("outbox WHERE guild_id = $1", Some("created_at"), "created_at"),
            Self::Deliveries => ("inbox WHERE guild_id = $1", Some("received_at"), "received_at"),
            Self::Seats => {
                ("licence_seats WHERE guild_id = $1 AND freed_at IS NULL", Some("since"), "since")
            }
        }
    }
}

/// How much of a class is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// How many rows; [`COUNTED`] and one for more.
    pub count: i64,
    /// The time of the oldest.
    pub oldest: Option<Millis>,
}

/// How much of a class is kept of a server.
pub async fn amount(
    db: &sqlx::AnyPool,
    guild: GuildId,
    class: Class,
) -> Result<Amount, StorageError> {
    let (rows, time, order) = class.rows();
    let text = format!("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM {rows} LIMIT $2) counted");
    let count = sqlx::query(AssertSqlSafe(text))
        .bind(guild.get())
        .bind(COUNTED + 1)
        .fetch_one(db)
        .await?
        .int("n")?;
    let Some(time) = time.filter(|_| count > 0) else { return Ok(Amount { count, oldest: None }) };
    let text = format!("SELECT {time} AS at FROM {rows} ORDER BY {order} LIMIT 1");
    let row = sqlx::query(AssertSqlSafe(text)).bind(guild.get()).fetch_optional(db).await?;
    let oldest = row.map(|row| row.int("at")).transpose()?.map(Millis);
    Ok(Amount { count, oldest })
}

/// A ticket that is over, with what says how long it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// When it ended.
    pub closed: Millis,
    /// Until when it is kept at most, as the plan it ended under has it.
    pub noted: Option<Millis>,
}

/// Of the tickets of a server that are over and that no hold keeps: the one that ended first, and the one whose
/// noted time is over first.
pub async fn first_to_go(db: &sqlx::AnyPool, guild: GuildId) -> Result<Vec<Ended>, StorageError> {
    let mut found = Vec::with_capacity(2);
    for (and, order) in [("", "closed_at, id"), ("AND keep_until IS NOT NULL", "keep_until")] {
        let text = format!(
            "SELECT closed_at, keep_until FROM tickets t
             WHERE guild_id = $1 AND state IN ('closed', 'failed') AND closed_at IS NOT NULL {and}
               AND NOT EXISTS (SELECT 1 FROM legal_holds h
                               WHERE h.ticket_id = t.id AND h.lifted_at IS NULL)
             ORDER BY {order} LIMIT 1"
        );
        let row = sqlx::query(AssertSqlSafe(text)).bind(guild.get()).fetch_optional(db).await?;
        if let Some(row) = row {
            let noted = row.int_opt("keep_until")?.map(Millis);
            found.push(Ended { closed: Millis(row.int("closed_at")?), noted });
        }
    }
    Ok(found)
}

/// The numbers of tickets.
pub async fn numbers(
    db: &sqlx::AnyPool,
    guild: GuildId,
    tickets: &[TicketId],
) -> Result<Vec<i64>, StorageError> {
    let mut numbers = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let row = sqlx::query("SELECT number FROM tickets WHERE id = $1 AND guild_id = $2")
            .bind(ticket.to_string())
            .bind(guild.get())
            .fetch_optional(db)
            .await?;
        if let Some(row) = row {
            numbers.push(row.int("number")?);
        }
    }
    Ok(numbers)
}

/// When the first effect was put down that was given up.
pub async fn oldest_given_up(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
) -> Result<Option<Millis>, StorageError> {
    let row = sqlx::query(
        "SELECT MIN(created_at) AS at FROM outbox WHERE guild_id = $1 AND state = 'dead'",
    )
    .bind(guild.get())
    .fetch_one(db)
    .await?;
    Ok(row.int_opt("at")?.map(Millis))
}

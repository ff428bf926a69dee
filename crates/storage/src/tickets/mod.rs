//! Tickets: their state, people, and what is needed while they live.

pub mod channels;
pub mod list;
pub mod live;
pub mod members;
pub mod overview;
pub mod people;

use domain::ids::{ApplicationId, ChannelId, GuildId, PanelId, TicketId, UserId};
use domain::tickets::{Lifecycle, Priority, TicketState};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::counters::{self, Counter};

/// A ticket as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// Its id.
    pub id: TicketId,
    /// The bot identity that serves it.
    pub application: ApplicationId,
    /// The server.
    pub guild: GuildId,
    /// The number that people see, from 1 on for each server.
    pub number: i64,
    /// The panel it was opened from.
    pub panel: PanelId,
    /// Who opened it.
    pub opener: UserId,
    /// Where it stands.
    pub life: Lifecycle,
    /// Questions and answers, sealed under the opener's key with [`answers_aad`].
    pub answers: Option<Vec<u8>>,
    /// The reason for closing, sealed under the key of `life.closed_by` with [`reason_aad`].
    pub reason: Option<Vec<u8>>,
    /// When it was accepted.
    pub created_at: Millis,
    /// When its channel was made.
    pub opened_at: Option<Millis>,
    /// When its transcript was stored, or when it failed.
    pub closed_at: Option<Millis>,
    /// Whether people were told, when it was opened, that what they delete is kept.
    pub keeps_deleted: bool,
    /// Until when it is kept at most, because it ended under a plan with a limit.
    pub keep_until: Option<Millis>,
}

/// What is needed to accept a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTicket {
    /// Its id.
    pub id: TicketId,
    /// The bot identity that serves it.
    pub application: ApplicationId,
    /// The server.
    pub guild: GuildId,
    /// The number that people see.
    pub number: i64,
    /// The panel it is opened from.
    pub panel: PanelId,
    /// Who opens it.
    pub opener: UserId,
    /// Questions and answers, sealed.
    pub answers: Option<Vec<u8>>,
    /// Whether people are told that what they delete is kept.
    pub keeps_deleted: bool,
    /// Now.
    pub now: Millis,
}

/// What binds sealed answers to their row.
pub fn answers_aad(ticket: TicketId) -> Vec<u8> {
    format!("tickets.answers:{ticket}").into_bytes()
}

/// What binds a sealed reason to its row.
pub fn reason_aad(ticket: TicketId) -> Vec<u8> {
    format!("tickets.reason:{ticket}").into_bytes()
}

macro_rules! columns {
    () => {
        "id, application_id, guild_id, number, panel_id, opener_id, state, channel_id, claimed_by,
         answers, reason, closed_by, created_at, opened_at, closing_at, closed_at,
         keeps_deleted, keep_until, priority"
    };
}

fn read_priority(row: &AnyRow) -> Result<Priority, StorageError> {
    Priority::parse(&row.text("priority")?).ok_or(StorageError::Corrupt("tickets.priority"))
}

fn read(row: &AnyRow) -> Result<TicketRow, StorageError> {
    Ok(TicketRow {
        id: row.uuid("id", TicketId::new)?,
        application: row.id("application_id", ApplicationId::new)?,
        guild: row.id("guild_id", GuildId::new)?,
        number: row.int("number")?,
        panel: row.uuid("panel_id", PanelId::new)?,
        opener: row.id("opener_id", UserId::new)?,
        life: Lifecycle {
            state: TicketState::parse(&row.text("state")?)
                .ok_or(StorageError::Corrupt("tickets.state"))?,
            channel: row.id_opt("channel_id", ChannelId::new)?,
            claimed_by: row.id_opt("claimed_by", UserId::new)?,
            closing_since: row.int_opt("closing_at")?.map(Millis),
            closed_by: row.id_opt("closed_by", UserId::new)?,
            priority: read_priority(row)?,
        },
        answers: row.bytes_opt("answers")?,
        reason: row.bytes_opt("reason")?,
        created_at: Millis(row.int("created_at")?),
        opened_at: row.int_opt("opened_at")?.map(Millis),
        closed_at: row.int_opt("closed_at")?.map(Millis),
        keeps_deleted: row.int("keeps_deleted")? != 0,
        keep_until: row.int_opt("keep_until")?.map(Millis),
    })
}

/// The next ticket number of a server, from 1 on. A transaction that is rolled back leaves no gap.
pub async fn next_number(conn: &mut AnyConnection, guild: GuildId) -> Result<i64, StorageError> {
    counters::next(conn, guild, Counter::Ticket).await
}

/// Adds a ticket in state `opening`. `false`: the member has one of this panel already.
pub async fn insert(conn: &mut AnyConnection, ticket: &NewTicket) -> Result<bool, StorageError> {
    let added = sqlx::query(
        "INSERT INTO tickets (id, application_id, guild_id, number, panel_id, opener_id, state, answers,
                              created_at, revision, keeps_deleted)
         VALUES ($1, $2, $3, $4, $5, $6, 'opening', $7, $8, 1, $9)
         ON CONFLICT DO NOTHING",
    )
    .bind(ticket.id.to_string())
    .bind(ticket.application.get())
    .bind(ticket.guild.get())
    .bind(ticket.number)
    .bind(ticket.panel.to_string())
    .bind(ticket.opener.get())
    .bind(ticket.answers.clone())
    .bind(ticket.now.0)
    .bind(i64::from(ticket.keeps_deleted))
    .execute(conn)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// One ticket.
pub async fn get(
    db: impl AnyExecutor<'_>,
    id: TicketId,
) -> Result<Option<TicketRow>, StorageError> {
    sqlx::query(concat!("SELECT ", columns!(), " FROM tickets WHERE id = $1"))
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// One ticket, which nobody else can change until the transaction ends. Writing first takes the row's
/// lock on PostgreSQL; on SQLite the transaction is the only writer anyway.
pub async fn lock(
    conn: &mut AnyConnection,
    id: TicketId,
) -> Result<Option<TicketRow>, StorageError> {
    sqlx::query(concat!(
        "UPDATE tickets SET revision = revision + 1 WHERE id = $1 RETURNING ",
        columns!()
    ))
    .bind(id.to_string())
    .fetch_optional(conn)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The ticket that a member has of a panel, if one is active.
pub async fn active_of(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    panel: PanelId,
    opener: UserId,
) -> Result<Option<TicketRow>, StorageError> {
    sqlx::query(concat!(
        "SELECT ",
        columns!(),
        " FROM tickets WHERE guild_id = $1 AND panel_id = $2 AND opener_id = $3
          AND state IN ('opening', 'open', 'closing')"
    ))
    .bind(guild.get())
    .bind(panel.to_string())
    .bind(opener.get())
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Writes what a transition changed. The row must be locked by [`lock`] in the same transaction.
pub async fn save_life(
    conn: &mut AnyConnection,
    id: TicketId,
    life: &Lifecycle,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE tickets SET state = $2, channel_id = $3, claimed_by = $4, closing_at = $5, closed_by = $6,
                opened_at = CASE WHEN $2 = 'open' AND opened_at IS NULL THEN $7 ELSE opened_at END,
                closed_at = CASE WHEN $2 IN ('closed', 'failed') THEN $7 ELSE closed_at END,
                priority = $8
         WHERE id = $1",
    )
    .bind(id.to_string())
    .bind(life.state.as_str())
    .bind(life.channel.map(ChannelId::get))
    .bind(life.claimed_by.map(UserId::get))
    .bind(life.closing_since.map(|t| t.0))
    .bind(life.closed_by.map(UserId::get))
    .bind(now.0)
    .bind(life.priority.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a ticket to another panel. The row must be locked by [`lock`] in the same transaction. `false`: the
/// opener has one of that panel already; the transaction must end then, since PostgreSQL takes no more statements
/// in it.
pub async fn save_panel(
    conn: &mut AnyConnection,
    id: TicketId,
    panel: PanelId,
) -> Result<bool, StorageError> {
    let done = sqlx::query("UPDATE tickets SET panel_id = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(panel.to_string())
        .execute(conn)
        .await;
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Writes other sealed answers over those of the form.
pub async fn save_answers(
    conn: &mut AnyConnection,
    id: TicketId,
    answers: Vec<u8>,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE tickets SET answers = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(answers)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps the sealed reason for closing.
pub async fn save_reason(
    conn: &mut AnyConnection,
    id: TicketId,
    reason: Option<Vec<u8>>,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE tickets SET reason = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(reason)
        .execute(conn)
        .await?;
    Ok(())
}

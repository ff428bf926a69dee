//! Domain events: append-only, numbered on each server.

use domain::ids::{GuildId, PanelId, TicketId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::counters::{self, Counter};

/// An event to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The server.
    pub guild: GuildId,
    /// The ticket it is about, if it is about one.
    pub ticket: Option<TicketId>,
    /// The panel it is about, if it is about one.
    pub panel: Option<PanelId>,
    /// The person who acted; `None` for the bot itself.
    pub actor: Option<UserId>,
    /// When.
    pub at: Millis,
    /// The event's name.
    pub kind: &'static str,
    /// The event as JSON: ids and numbers only.
    pub payload: String,
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its number on its server, from 1 on.
    pub seq: i64,
    /// The ticket it is about, if it is about one.
    pub ticket: Option<TicketId>,
    /// The panel it is about, if it is about one.
    pub panel: Option<PanelId>,
    /// The person who acted; `None` for the bot itself.
    pub actor: Option<UserId>,
    /// When.
    pub at: Millis,
    /// The event as JSON.
    pub payload: String,
}

/// Appends an event and answers its number.
pub async fn append(conn: &mut AnyConnection, event: &NewEvent) -> Result<i64, StorageError> {
    let seq = counters::next(&mut *conn, event.guild, Counter::Event).await?;
    sqlx::query(
        "INSERT INTO domain_events (guild_id, seq, ticket_id, panel_id, actor_id, at, kind, payload)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(event.guild.get())
    .bind(seq)
    .bind(event.ticket.map(|t| t.to_string()))
    .bind(event.panel.map(|p| p.to_string()))
    .bind(event.actor.map(UserId::get))
    .bind(event.at.0)
    .bind(event.kind)
    .bind(event.payload.as_str())
    .execute(conn)
    .await?;
    Ok(seq)
}

/// The events of a ticket after number `after`, in order, at most `limit`.
pub async fn of_ticket(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    after: i64,
    limit: i64,
) -> Result<Vec<EventRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT seq, ticket_id, panel_id, actor_id, at, payload FROM domain_events
         WHERE ticket_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    )
    .bind(ticket.to_string())
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// The names and times of what someone did in a ticket, of two kinds, the last first, at most `limit`.
pub async fn of_actor(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    actor: UserId,
    kinds: [&str; 2],
    limit: i64,
) -> Result<Vec<(String, Millis)>, StorageError> {
    let rows = sqlx::query(
        "SELECT kind, at FROM domain_events
         WHERE ticket_id = $1 AND actor_id = $2 AND kind IN ($3, $4) ORDER BY seq DESC LIMIT $5",
    )
    .bind(ticket.to_string())
    .bind(actor.get())
    .bind(kinds[0])
    .bind(kinds[1])
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.text("kind")?, Millis(row.int("at")?)))).collect()
}

/// The first event of a kind of a ticket, as JSON.
pub async fn first_of_kind(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    kind: &str,
) -> Result<Option<String>, StorageError> {
    let row = sqlx::query(
        "SELECT payload FROM domain_events WHERE ticket_id = $1 AND kind = $2 ORDER BY seq LIMIT 1",
    )
    .bind(ticket.to_string())
    .bind(kind)
    .fetch_optional(db)
    .await?;
    row.map(|row| row.text("payload")).transpose()
}

/// The tickets of a server that had an event of one of two kinds after number `after`, each with the panel that
/// it is of now.
pub async fn panels_since(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    kinds: [&str; 2],
    after: i64,
) -> Result<Vec<(TicketId, PanelId)>, StorageError> {
    let rows = sqlx::query(
        "SELECT t.id, t.panel_id FROM tickets t WHERE t.id IN (
             SELECT e.ticket_id FROM domain_events e
             WHERE e.guild_id = $1 AND e.seq > $2 AND e.kind IN ($3, $4))",
    )
    .bind(guild.get())
    .bind(after)
    .bind(kinds[0])
    .bind(kinds[1])
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok((row.uuid("id", TicketId::new)?, row.uuid("panel_id", PanelId::new)?)))
        .collect()
}

/// The events of a server after number `after`, in order, at most `limit`.
pub async fn of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    after: i64,
    limit: i64,
) -> Result<Vec<EventRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT seq, ticket_id, panel_id, actor_id, at, payload FROM domain_events
         WHERE guild_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    )
    .bind(guild.get())
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// The number of the last event of each server.
pub async fn heads(db: impl AnyExecutor<'_>) -> Result<Vec<(GuildId, i64)>, StorageError> {
    let rows = sqlx::query("SELECT guild_id, value FROM guild_counters WHERE purpose = 'event'")
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok((row.id("guild_id", GuildId::new)?, row.int("value")?))).collect()
}

fn read(row: &AnyRow) -> Result<EventRow, StorageError> {
    Ok(EventRow {
        seq: row.int("seq")?,
        ticket: row.uuid_opt("ticket_id", TicketId::new)?,
        panel: row.uuid_opt("panel_id", PanelId::new)?,
        actor: row.id_opt("actor_id", UserId::new)?,
        at: Millis(row.int("at")?),
        payload: row.text("payload")?,
    })
}

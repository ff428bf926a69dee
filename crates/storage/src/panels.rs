//! Panels: the messages whose buttons open tickets.

use domain::ids::{ApplicationId, ChannelId, GuildId, MessageId, PanelId};
use domain::panels::PanelSettings;
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::tickets::TicketRow;

/// A panel as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelRow {
    /// Its id.
    pub id: PanelId,
    /// The bot identity that posts it.
    pub application: ApplicationId,
    /// The server.
    pub guild: GuildId,
    /// Grows with every change of the settings, from 1 on.
    pub revision: i64,
    /// What the owner set.
    pub settings: PanelSettings,
    /// The posted message.
    pub message: Option<(ChannelId, MessageId)>,
    /// When it was posted or edited last.
    pub published_at: Option<Millis>,
    /// The revision that is in Discord.
    pub published_revision: Option<i64>,
    /// Why the last attempt to publish failed, as a code.
    pub publish_problem: Option<String>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was removed; its tickets stay.
    pub removed_at: Option<Millis>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, application_id, guild_id, revision, settings, message_channel_id, message_id,
                    published_at, published_revision, publish_problem, created_at, removed_at
             FROM panels ",
            $rest
        )
    };
}

fn read(row: &AnyRow) -> Result<PanelRow, StorageError> {
    let channel = row.id_opt("message_channel_id", ChannelId::new)?;
    let message = row.id_opt("message_id", MessageId::new)?;
    Ok(PanelRow {
        id: row.uuid("id", PanelId::new)?,
        application: row.id("application_id", ApplicationId::new)?,
        guild: row.id("guild_id", GuildId::new)?,
        revision: row.int("revision")?,
        settings: serde_json::from_str(&row.text("settings")?)
            .map_err(|_| StorageError::Corrupt("panels.settings"))?,
        message: channel.zip(message),
        published_at: row.int_opt("published_at")?.map(Millis),
        published_revision: row.int_opt("published_revision")?,
        publish_problem: row.text_opt("publish_problem")?,
        created_at: Millis(row.int("created_at")?),
        removed_at: row.int_opt("removed_at")?.map(Millis),
    })
}

fn json(settings: &PanelSettings) -> Result<String, StorageError> {
    serde_json::to_string(settings).map_err(|_| StorageError::Corrupt("panels.settings"))
}

/// Adds a panel with revision 1, not yet published.
pub async fn insert(
    conn: &mut AnyConnection,
    id: PanelId,
    application: ApplicationId,
    guild: GuildId,
    settings: &PanelSettings,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO panels (id, application_id, guild_id, revision, settings, created_at, updated_at)
         VALUES ($1, $2, $3, 1, $4, $5, $5)",
    )
    .bind(id.to_string())
    .bind(application.get())
    .bind(guild.get())
    .bind(json(settings)?)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes the settings if the panel still has `revision`; `false` when someone was quicker.
pub async fn update(
    conn: &mut AnyConnection,
    id: PanelId,
    revision: i64,
    settings: &PanelSettings,
    now: Millis,
) -> Result<bool, StorageError> {
    let changed = sqlx::query(
        "UPDATE panels SET settings = $3, revision = revision + 1, updated_at = $4
         WHERE id = $1 AND revision = $2 AND removed_at IS NULL",
    )
    .bind(id.to_string())
    .bind(revision)
    .bind(json(settings)?)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// One panel of a server, removed or not.
pub async fn get(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    id: PanelId,
) -> Result<Option<PanelRow>, StorageError> {
    sqlx::query(select!("WHERE id = $1 AND guild_id = $2"))
        .bind(id.to_string())
        .bind(guild.get())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The panel that a ticket was opened from, removed or not. It is there as long as the ticket.
pub async fn of_ticket(
    db: impl AnyExecutor<'_>,
    ticket: &TicketRow,
) -> Result<PanelRow, StorageError> {
    get(db, ticket.guild, ticket.panel).await?.ok_or(StorageError::Corrupt("tickets.panel_id"))
}

/// The panels of a server that are in use, oldest first.
pub async fn list(db: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<PanelRow>, StorageError> {
    let rows =
        sqlx::query(select!("WHERE guild_id = $1 AND removed_at IS NULL ORDER BY created_at, id"))
            .bind(guild.get())
            .fetch_all(db)
            .await?;
    rows.iter().map(read).collect()
}

/// The panels of a server, oldest first, with those that were removed.
pub async fn list_all(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
) -> Result<Vec<PanelRow>, StorageError> {
    let rows = sqlx::query(select!("WHERE guild_id = $1 ORDER BY created_at, id"))
        .bind(guild.get())
        .fetch_all(db)
        .await?;
    rows.iter().map(read).collect()
}

/// Marks a panel as removed.
pub async fn remove(
    conn: &mut AnyConnection,
    id: PanelId,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE panels SET removed_at = $2, message_channel_id = NULL, message_id = NULL
         WHERE id = $1 AND removed_at IS NULL",
    )
    .bind(id.to_string())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes where the panel's message is and which revision it shows. `false`: it was removed meanwhile.
pub async fn published(
    conn: &mut AnyConnection,
    id: PanelId,
    channel: ChannelId,
    message: MessageId,
    revision: i64,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE panels SET message_channel_id = $2, message_id = $3, published_revision = $4,
                published_at = $5, publish_problem = NULL
         WHERE id = $1 AND removed_at IS NULL",
    )
    .bind(id.to_string())
    .bind(channel.get())
    .bind(message.get())
    .bind(revision)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes why publishing failed, or with `None` that it is being tried.
pub async fn publish_problem(
    conn: &mut AnyConnection,
    id: PanelId,
    problem: Option<&str>,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE panels SET publish_problem = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(problem)
        .execute(conn)
        .await?;
    Ok(())
}

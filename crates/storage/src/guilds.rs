//! Servers: where the bot is, and what their owners set.

use domain::guilds::GuildSettings;
use domain::ids::{ApplicationId, GuildId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyPool};

use crate::StorageError;
use crate::columns::Columns as _;

/// Whether the bot is on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Present,
    /// It is, but Discord cannot reach the server at the moment. Not a removal.
    Unavailable,
    /// It was removed.
    Left,
}

impl Presence {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Unavailable => "unavailable",
            Self::Left => "left",
        }
    }

    fn parse(word: &str) -> Result<Self, StorageError> {
        match word {
            "present" => Ok(Self::Present),
            "unavailable" => Ok(Self::Unavailable),
            "left" => Ok(Self::Left),
            _ => Err(StorageError::Corrupt("installations.state")),
        }
    }
}

/// A server that the bot is on, or was on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The server.
    pub guild: GuildId,
    /// Its name when last seen.
    pub name: String,
    /// Its icon's hash when last seen.
    pub icon: Option<String>,
    /// Whether the bot is there.
    pub presence: Presence,
    /// When the bot was removed.
    pub left_at: Option<Millis>,
}

/// Notes that the bot is on a server.
pub async fn arrived(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    guild: GuildId,
    name: &str,
    icon: Option<&str>,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO installations (application_id, guild_id, name, icon, state, joined_at)
         VALUES ($1, $2, $3, $4, 'present', $5)
         ON CONFLICT (application_id, guild_id) DO UPDATE
         SET name = excluded.name, icon = excluded.icon, state = 'present', left_at = NULL",
    )
    .bind(bot.get())
    .bind(guild.get())
    .bind(name)
    .bind(icon)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that the bot was removed, or that Discord cannot reach the server.
pub async fn gone(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    guild: GuildId,
    presence: Presence,
    now: Millis,
) -> Result<(), StorageError> {
    let left_at = (presence == Presence::Left).then_some(now.0);
    // That it left counts from the first time it is told.
    sqlx::query(
        "UPDATE installations SET state = $3, left_at = $4
         WHERE application_id = $1 AND guild_id = $2 AND NOT (state = 'left' AND $3 = 'left')",
    )
    .bind(bot.get())
    .bind(guild.get())
    .bind(presence.as_str())
    .bind(left_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// What is known of the bot on a server.
pub async fn installation(
    pool: &AnyPool,
    bot: ApplicationId,
    guild: GuildId,
) -> Result<Option<Installation>, StorageError> {
    let row = sqlx::query(
        "SELECT guild_id, name, icon, state, left_at FROM installations
         WHERE application_id = $1 AND guild_id = $2",
    )
    .bind(bot.get())
    .bind(guild.get())
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Servers the bot is on, those in an outage included.
pub async fn present(
    pool: &AnyPool,
    bot: ApplicationId,
) -> Result<Vec<Installation>, StorageError> {
    let rows = sqlx::query(
        "SELECT guild_id, name, icon, state, left_at FROM installations
         WHERE application_id = $1 AND state <> 'left' ORDER BY guild_id",
    )
    .bind(bot.get())
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &sqlx::any::AnyRow) -> Result<Installation, StorageError> {
    Ok(Installation {
        guild: row.id("guild_id", GuildId::new)?,
        name: row.text("name")?,
        icon: row.text_opt("icon")?,
        presence: Presence::parse(&row.text("state")?)?,
        left_at: row.int_opt("left_at")?.map(Millis),
    })
}

/// The settings of a server and their revision; `None` if nothing was ever saved.
pub async fn settings(
    pool: &AnyPool,
    guild: GuildId,
) -> Result<Option<(GuildSettings, i64)>, StorageError> {
    let row = sqlx::query("SELECT settings, revision FROM guild_settings WHERE guild_id = $1")
        .bind(guild.get())
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let settings = serde_json::from_str(&row.text("settings")?)
        .map_err(|_| StorageError::Corrupt("guild_settings.settings"))?;
    Ok(Some((settings, row.int("revision")?)))
}

/// Settings of the servers after `after` in the order of their ids, at most `limit`; `None` for settings that
/// cannot be read.
pub async fn all_settings(
    pool: &AnyPool,
    after: Option<GuildId>,
    limit: i64,
) -> Result<Vec<(GuildId, Option<GuildSettings>)>, StorageError> {
    let rows = sqlx::query(
        "SELECT guild_id, settings FROM guild_settings WHERE guild_id > $1 ORDER BY guild_id LIMIT $2",
    )
    .bind(after.map_or(0, GuildId::get))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            let settings = serde_json::from_str(&row.text("settings")?).ok();
            Ok((row.id("guild_id", GuildId::new)?, settings))
        })
        .collect()
}

/// Saves settings over the revision that was seen (0: none). Answers whether it still was that one.
pub async fn save_settings(
    conn: &mut AnyConnection,
    guild: GuildId,
    settings: &GuildSettings,
    seen_revision: i64,
    now: Millis,
) -> Result<bool, StorageError> {
    // The number comes from a form: anything may be in it.
    if !(0..i64::MAX).contains(&seen_revision) {
        return Ok(false);
    }
    let text = serde_json::to_string(settings)
        .map_err(|_| StorageError::Corrupt("guild_settings.settings"))?;
    let statement = if seen_revision == 0 {
        "INSERT INTO guild_settings (guild_id, settings, revision, updated_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT (guild_id) DO NOTHING"
    } else {
        "UPDATE guild_settings SET settings = $2, revision = $3, updated_at = $4
         WHERE guild_id = $1 AND revision = $3 - 1"
    };
    let done = sqlx::query(statement)
        .bind(guild.get())
        .bind(text)
        .bind(seen_revision + 1)
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Servers on which a person opened a ticket or was added to one, at most 200.
pub async fn took_part(
    pool: &AnyPool,
    user: domain::ids::UserId,
) -> Result<Vec<GuildId>, StorageError> {
    let rows = sqlx::query(
        "SELECT guild_id FROM tickets WHERE opener_id = $1
         UNION
         SELECT t.guild_id FROM ticket_members m JOIN tickets t ON t.id = m.ticket_id
         WHERE m.user_id = $1
         LIMIT 200",
    )
    .bind(user.get())
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| row.id("guild_id", GuildId::new)).collect()
}

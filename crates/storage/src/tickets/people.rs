//! The names under which the people of tickets were last seen.

use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// A person's names on one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Who.
    pub user: UserId,
    /// What the server shows.
    pub display_name: String,
    /// The unique user name.
    pub username: String,
    /// The avatar's hash, if one is set.
    pub avatar: Option<String>,
}

/// Keeps the names someone has now.
pub async fn seen(
    conn: &mut AnyConnection,
    guild: GuildId,
    person: &PersonRow,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO ticket_people (guild_id, user_id, display_name, username, avatar, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (guild_id, user_id) DO UPDATE SET
             display_name = excluded.display_name, username = excluded.username,
             avatar = excluded.avatar, seen_at = excluded.seen_at",
    )
    .bind(guild.get())
    .bind(person.user.get())
    .bind(person.display_name.as_str())
    .bind(person.username.as_str())
    .bind(person.avatar.as_deref())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The names of one person, if they were ever seen.
pub async fn get(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    user: UserId,
) -> Result<Option<PersonRow>, StorageError> {
    sqlx::query(
        "SELECT display_name, username, avatar FROM ticket_people WHERE guild_id = $1 AND user_id = $2",
    )
    .bind(guild.get())
    .bind(user.get())
    .fetch_optional(db)
    .await?
    .map(|row| {
        Ok(PersonRow {
            user,
            display_name: row.text("display_name")?,
            username: row.text("username")?,
            avatar: row.text_opt("avatar")?,
        })
    })
    .transpose()
}

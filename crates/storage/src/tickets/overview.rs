//! What the first look at a server's tickets tells: how many wait for someone, and who takes part.

use std::fmt::Write as _;

use domain::ids::{GuildId, PanelId, UserId};
use sqlx::{AnyExecutor, AssertSqlSafe};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::tickets::people::PersonRow;

/// How many tickets of a server are not finished, and whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Opening, open or closing.
    pub active: i64,
    /// Open, and nobody has claimed them.
    pub unclaimed: i64,
    /// Open, and claimed by the person asked about.
    pub own: i64,
}

/// The part that someone has in tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Opened one.
    Opener,
    /// Has claimed one.
    Holder,
}

/// `panel_id IN (…)` with placeholders from number `first` on; every panel without a list.
fn of_panels(panels: Option<&[PanelId]>, first: usize) -> String {
    let Some(panels) = panels else { return String::new() };
    let mut text = " AND t.panel_id IN (NULL".to_owned();
    for number in first..first + panels.len() {
        // Writing to a String cannot fail.
        let _ = write!(text, ", ${number}");
    }
    text.push(')');
    text
}

/// Counts the unfinished tickets of a server, of the panels given; `None` is every panel. `user` is
/// whose own ones are counted.
pub async fn counts(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    panels: Option<&[PanelId]>,
    user: UserId,
) -> Result<Counts, StorageError> {
    let text = format!(
        "SELECT COUNT(*) AS active,
           COUNT(CASE WHEN t.state = 'open' AND t.claimed_by IS NULL THEN 1 END) AS unclaimed,
           COUNT(CASE WHEN t.state = 'open' AND t.claimed_by = $2 THEN 1 END) AS own
         FROM tickets t
         WHERE t.guild_id = $1 AND t.state IN ('opening', 'open', 'closing'){}",
        of_panels(panels, 3)
    );
    // Fixed words and numbered placeholders only.
    let mut statement = sqlx::query(AssertSqlSafe(text)).bind(guild.get()).bind(user.get());
    for panel in panels.unwrap_or_default() {
        statement = statement.bind(panel.to_string());
    }
    let row = statement.fetch_one(db).await?;
    Ok(Counts {
        active: row.int("active")?,
        unclaimed: row.int("unclaimed")?,
        own: row.int("own")?,
    })
}

/// The people with a part in tickets of the panels given, those seen last first, at most `limit`.
pub async fn people(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    panels: Option<&[PanelId]>,
    part: Part,
    limit: i64,
) -> Result<Vec<PersonRow>, StorageError> {
    let column = match part {
        Part::Opener => "opener_id",
        Part::Holder => "claimed_by",
    };
    let text = format!(
        "SELECT p.user_id, p.display_name, p.username, p.avatar FROM ticket_people p
         WHERE p.guild_id = $1 AND EXISTS (
             SELECT 1 FROM tickets t
             WHERE t.guild_id = p.guild_id AND t.{column} = p.user_id{}
         )
         ORDER BY p.seen_at DESC, p.user_id LIMIT $2",
        of_panels(panels, 3)
    );
    let mut statement = sqlx::query(AssertSqlSafe(text)).bind(guild.get()).bind(limit);
    for panel in panels.unwrap_or_default() {
        statement = statement.bind(panel.to_string());
    }
    let rows = statement.fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(PersonRow {
                user: row.id("user_id", UserId::new)?,
                display_name: row.text("display_name")?,
                username: row.text("username")?,
                avatar: row.text_opt("avatar")?,
            })
        })
        .collect()
}

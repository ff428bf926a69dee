//! What somebody wished of the payment provider, written before it is asked: whoever asks again, after a time-out
//! or a restart, sends the same under the same key.

use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// A wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The idempotency key.
    pub id: String,
    /// What sort of thing is wished.
    pub kind: String,
    /// What makes two wishes the same.
    pub about: String,
    /// Who.
    pub user: UserId,
    /// For which server.
    pub guild: Option<GuildId>,
    /// What is sent, as JSON.
    pub request: String,
    /// The provider's id of what came of it.
    pub object: Option<String>,
    /// When.
    pub created: Millis,
    /// Until when the same wish is this one.
    pub until: Millis,
    /// Whether it is over.
    pub over: bool,
}

const COLUMNS: &str =
    "id, kind, about, user_id, guild_id, request, object_id, created_at, until, ended";

fn read(row: &AnyRow) -> Result<Wish, StorageError> {
    Ok(Wish {
        id: row.text("id")?,
        kind: row.text("kind")?,
        about: row.text("about")?,
        user: row.id("user_id", UserId::new)?,
        guild: row.id_opt("guild_id", GuildId::new)?,
        request: row.text("request")?,
        object: row.text_opt("object_id")?,
        created: Millis(row.int("created_at")?),
        until: Millis(row.int("until")?),
        over: row.int("ended")? != 0,
    })
}

/// Adds a wish. `false`: there is one that is the same and not over.
pub async fn add(conn: &mut AnyConnection, wish: &Wish) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO payment_wishes (id, kind, about, user_id, guild_id, request, object_id,
                                     created_at, until, ended)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (about) WHERE ended = 0 DO NOTHING",
    )
    .bind(wish.id.as_str())
    .bind(wish.kind.as_str())
    .bind(wish.about.as_str())
    .bind(wish.user.get())
    .bind(wish.guild.map(GuildId::get))
    .bind(wish.request.as_str())
    .bind(wish.object.as_deref())
    .bind(wish.created.0)
    .bind(wish.until.0)
    .bind(i64::from(wish.over))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One wish.
pub async fn get(db: impl AnyExecutor<'_>, id: &str) -> Result<Option<Wish>, StorageError> {
    let text = format!("SELECT {COLUMNS} FROM payment_wishes WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The wish that is the same and not over.
pub async fn open(db: impl AnyExecutor<'_>, about: &str) -> Result<Option<Wish>, StorageError> {
    let text = format!("SELECT {COLUMNS} FROM payment_wishes WHERE about = $1 AND ended = 0");
    let row = sqlx::query(sqlx::AssertSqlSafe(text)).bind(about).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// How many things somebody has wished since a time.
pub async fn count_of_user(
    db: impl AnyExecutor<'_>,
    user: UserId,
    since: Millis,
) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS number FROM payment_wishes WHERE user_id = $1 AND created_at > $2",
    )
    .bind(user.get())
    .bind(since.0)
    .fetch_one(db)
    .await?;
    row.int("number")
}

/// The wishes of one kind of an account that are not over.
pub async fn open_of_user(
    db: impl AnyExecutor<'_>,
    kind: &str,
    user: UserId,
) -> Result<Vec<Wish>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM payment_wishes
         WHERE kind = $1 AND user_id = $2 AND ended = 0 ORDER BY created_at, id"
    );
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(kind).bind(user.get()).fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// Notes what came of a wish. `false`: the wish was over before, so that nobody may use it.
pub async fn made(conn: &mut AnyConnection, id: &str, object: &str) -> Result<bool, StorageError> {
    let done = sqlx::query("UPDATE payment_wishes SET object_id = $2 WHERE id = $1 AND ended = 0")
        .bind(id)
        .bind(object)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Says that a wish is over of which nothing came as far as is known. `false`: something did.
pub async fn give_up(conn: &mut AnyConnection, id: &str) -> Result<bool, StorageError> {
    let done =
        sqlx::query("UPDATE payment_wishes SET ended = 1 WHERE id = $1 AND object_id IS NULL")
            .bind(id)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Says that a wish is over: the next one like it is another.
pub async fn over(conn: &mut AnyConnection, id: &str) -> Result<(), StorageError> {
    sqlx::query("UPDATE payment_wishes SET ended = 1 WHERE id = $1").bind(id).execute(conn).await?;
    Ok(())
}

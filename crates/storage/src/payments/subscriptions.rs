//! Subscriptions as the provider had them when they were read last.

use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::{Interval, PlanKey};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// A change of plan that waits until its payment was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingChange {
    /// The plan; `None` for a price that is in no plan any more.
    pub plan: Option<PlanKey>,
    /// How often it will be paid.
    pub interval: Option<Interval>,
    /// When the provider gives it up.
    pub until: Millis,
}

/// A subscription as it is kept. Only one with a licence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// The provider's id.
    pub id: String,
    /// Whether real money is meant.
    pub live: bool,
    /// When it was read.
    pub read_at: Millis,
    /// The licence that it pays for.
    pub licence: LicenceId,
    /// The provider's id of who pays; `None` once that person's data was removed.
    pub customer: Option<String>,
    /// Who pays; `None` once their data was removed.
    pub user: Option<UserId>,
    /// The server that it was bought on.
    pub guild: Option<GuildId>,
    /// The plan.
    pub plan: PlanKey,
    /// How often it is paid; `None` for a price that is in no plan any more.
    pub interval: Option<Interval>,
    /// The currency that it is paid in; `None` until it is read the next time since that is kept.
    pub currency: Option<String>,
    /// How it was, as a word.
    pub status: String,
    /// Whether the money stayed, as a word.
    pub money: String,
    /// When the paid period ends.
    pub period_end: Millis,
    /// When the trial ends, or ended.
    pub trial_end: Option<Millis>,
    /// When it ends, or ended.
    pub ends_at: Option<Millis>,
    /// When the renewal that is still outstanding failed for the first time.
    pub failed_at: Option<Millis>,
    /// The change of plan that waits, if one does.
    pub change: Option<WaitingChange>,
    /// When something will be different, whether the provider tells or not.
    pub look_at: Option<Millis>,
    /// Whether its licence can never count again.
    pub unwanted: bool,
}

const COLUMNS: &str =
    "subscription_id, live, read_at, licence_id, customer_id, user_id, guild_id, plan, period,
    status, money, period_end, trial_end, ends_at, failed_at, look_at, unwanted, change_plan, change_period,
    change_until, currency";

fn read(row: &AnyRow) -> Result<SubscriptionRow, StorageError> {
    let missing = StorageError::Corrupt;
    let text = |name| row.text_opt(name)?.ok_or(missing(name));
    let time = |name| Ok::<_, StorageError>(row.int_opt(name)?.map(Millis));
    let interval = |name| {
        let word = row.text_opt(name)?;
        word.map(|word| Interval::parse(&word).ok_or(missing(name))).transpose()
    };
    let plan = |name| {
        let key = row.text_opt(name)?;
        key.map(|key| key.parse::<PlanKey>().map_err(|_| missing(name))).transpose()
    };
    let change = match time("change_until")? {
        Some(until) => Some(WaitingChange {
            plan: plan("change_plan")?,
            interval: interval("change_period")?,
            until,
        }),
        None => None,
    };
    Ok(SubscriptionRow {
        id: row.text("subscription_id")?,
        live: row.int("live")? != 0,
        read_at: time("read_at")?.ok_or(missing("read_at"))?,
        licence: row.uuid("licence_id", LicenceId::new)?,
        customer: row.text_opt("customer_id")?,
        user: row.id_opt("user_id", UserId::new)?,
        guild: row.id_opt("guild_id", GuildId::new)?,
        plan: plan("plan")?.ok_or(missing("plan"))?,
        interval: interval("period")?,
        currency: row.text_opt("currency")?,
        status: text("status")?,
        money: text("money")?,
        period_end: time("period_end")?.ok_or(missing("period_end"))?,
        trial_end: time("trial_end")?,
        ends_at: time("ends_at")?,
        failed_at: time("failed_at")?,
        change,
        look_at: time("look_at")?,
        unwanted: row.int("unwanted")? != 0,
    })
}

/// Begins a reading and answers its number. Call it before the provider is asked.
pub async fn begin_reading(
    conn: &mut AnyConnection,
    id: &str,
    live: bool,
) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "INSERT INTO payment_subscriptions (subscription_id, live, reading, unwanted) VALUES ($1, $2, 1, 0)
         ON CONFLICT (subscription_id) DO UPDATE SET reading = payment_subscriptions.reading + 1
         RETURNING reading",
    )
    .bind(id)
    .bind(i64::from(live))
    .fetch_one(conn)
    .await?;
    row.int("reading")
}

/// Locks a subscription for what the reading of this number brought: what was kept before, if anything was.
/// `None` if a later reading was begun since.
pub async fn lock(
    conn: &mut AnyConnection,
    id: &str,
    reading: i64,
) -> Result<Option<Option<SubscriptionRow>>, StorageError> {
    // Written to before it is read: so the row is locked on either engine.
    let mine = sqlx::query(
        "UPDATE payment_subscriptions SET reading = reading WHERE subscription_id = $1 AND reading = $2",
    )
    .bind(id)
    .bind(reading)
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if mine == 0 {
        return Ok(None);
    }
    Ok(Some(get(conn, id).await?))
}

/// Keeps what a reading brought. The row is there since [`begin_reading`].
pub async fn save(conn: &mut AnyConnection, row: &SubscriptionRow) -> Result<(), StorageError> {
    let change = row.change.as_ref();
    sqlx::query(
        "UPDATE payment_subscriptions
         SET read_at = $2, licence_id = $3, customer_id = $4, user_id = $5, guild_id = $6, plan = $7,
             period = $8, status = $9, money = $10, period_end = $11, trial_end = $12, ends_at = $13,
             failed_at = $14, look_at = $15, unwanted = $16, change_plan = $17, change_period = $18,
             change_until = $19, currency = $20
         WHERE subscription_id = $1",
    )
    .bind(row.id.as_str())
    .bind(row.read_at.0)
    .bind(row.licence.to_string())
    .bind(row.customer.as_deref())
    .bind(row.user.map(UserId::get))
    .bind(row.guild.map(GuildId::get))
    .bind(row.plan.as_str())
    .bind(row.interval.map(Interval::as_str))
    .bind(row.status.as_str())
    .bind(row.money.as_str())
    .bind(row.period_end.0)
    .bind(row.trial_end.map(|at| at.0))
    .bind(row.ends_at.map(|at| at.0))
    .bind(row.failed_at.map(|at| at.0))
    .bind(row.look_at.map(|at| at.0))
    .bind(i64::from(row.unwanted))
    .bind(change.and_then(|change| change.plan.as_ref()).map(PlanKey::as_str))
    .bind(change.and_then(|change| change.interval).map(Interval::as_str))
    .bind(change.map(|change| change.until.0))
    .bind(row.currency.as_deref())
    .execute(conn)
    .await?;
    Ok(())
}

async fn list(
    db: impl AnyExecutor<'_>,
    condition: &str,
    value: i64,
) -> Result<Vec<SubscriptionRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM payment_subscriptions WHERE read_at IS NOT NULL AND {condition}
         ORDER BY read_at DESC, subscription_id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(value).fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// One subscription, if it was ever read.
pub async fn get(
    db: impl AnyExecutor<'_>,
    id: &str,
) -> Result<Option<SubscriptionRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM payment_subscriptions
         WHERE read_at IS NOT NULL AND subscription_id = $1"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The subscription of a licence.
pub async fn of_licence(
    db: impl AnyExecutor<'_>,
    licence: LicenceId,
) -> Result<Option<SubscriptionRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM payment_subscriptions
         WHERE read_at IS NOT NULL AND licence_id = $1 ORDER BY subscription_id LIMIT 1"
    );
    let row =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(licence.to_string()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The subscriptions that were bought on a server.
pub async fn of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
) -> Result<Vec<SubscriptionRow>, StorageError> {
    list(db, "guild_id = $1", guild.get()).await
}

/// The subscriptions that were paid with pretended money and are not over.
pub async fn pretended(db: impl AnyExecutor<'_>) -> Result<Vec<SubscriptionRow>, StorageError> {
    list(db, "status <> 'canceled' AND live = $1", 0).await
}

/// The subscriptions that an account pays.
pub async fn of_user(
    db: impl AnyExecutor<'_>,
    user: UserId,
) -> Result<Vec<SubscriptionRow>, StorageError> {
    list(db, "user_id = $1", user.get()).await
}

/// Subscriptions of which something is different by now, whether the provider told or not.
pub async fn to_look_at(
    db: impl AnyExecutor<'_>,
    now: Millis,
    limit: i64,
) -> Result<Vec<String>, StorageError> {
    let rows = sqlx::query(
        "SELECT subscription_id FROM payment_subscriptions
         WHERE look_at <= $1 ORDER BY look_at, subscription_id LIMIT $2",
    )
    .bind(now.0)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.text("subscription_id")).collect()
}

/// Puts off the look at a subscription that cannot be read now.
pub async fn look_later(
    conn: &mut AnyConnection,
    id: &str,
    at: Millis,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE payment_subscriptions SET look_at = $2 WHERE subscription_id = $1")
        .bind(id)
        .bind(at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets a subscription that the provider does not have.
pub async fn remove(conn: &mut AnyConnection, id: &str) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM payment_subscriptions WHERE subscription_id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Subscriptions that the provider is to end.
pub async fn unwanted(db: impl AnyExecutor<'_>, limit: i64) -> Result<Vec<String>, StorageError> {
    let rows = sqlx::query(
        "SELECT subscription_id FROM payment_subscriptions
         WHERE unwanted = 1 ORDER BY subscription_id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.text("subscription_id")).collect()
}

/// Says that the subscription of a licence is to be ended, because the licence can never count again.
pub async fn unwant_of(conn: &mut AnyConnection, licence: LicenceId) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE payment_subscriptions SET unwanted = 1
         WHERE licence_id = $1 AND status <> 'canceled'",
    )
    .bind(licence.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// Says that the provider has ended it.
pub async fn ended(conn: &mut AnyConnection, id: &str) -> Result<(), StorageError> {
    sqlx::query("UPDATE payment_subscriptions SET unwanted = 0 WHERE subscription_id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

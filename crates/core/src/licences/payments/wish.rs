//! What is asked of the provider is written down first, with the key under which it is sent.

use domain::ids::{GuildId, UserId};
use storage::payments::wishes::{self, Wish};

use super::PaymentsError;
use crate::Wardesk;
#[cfg(feature = "failpoints")]
use crate::failpoints::payments as at;
use crate::ports::PaymentError;

/// Things that somebody may ask for in an hour.
const PER_HOUR: i64 = 60;

/// What makes a wish.
pub(super) struct New<'a> {
    pub kind: &'static str,
    /// What makes two wishes the same.
    pub about: String,
    pub user: UserId,
    pub guild: Option<GuildId>,
    /// Seconds for which the same wish is this one.
    pub seconds: i64,
    pub id: Option<&'a str>,
}

impl New<'_> {
    pub fn customer(user: UserId) -> Self {
        Self {
            kind: "customer",
            about: format!("customer:{user}"),
            user,
            guild: None,
            seconds: 3600,
            id: None,
        }
    }
}

/// The wish that is the same and not over, or a new one with what `request` makes.
pub(super) async fn stored(
    w: &Wardesk,
    new: &New<'_>,
    request: impl FnOnce() -> Result<String, PaymentsError>,
) -> Result<Wish, PaymentsError> {
    let now = w.now();
    if let Some(open) = wishes::open(w.store().read(), &new.about).await? {
        if open.until > now {
            return Ok(open);
        }
        over(w, &open.id).await?;
    }
    let hour = now.plus_seconds(-3600);
    if wishes::count_of_user(w.store().read(), new.user, hour).await? >= PER_HOUR {
        return Err(PaymentsError::TooMany);
    }
    let wish = Wish {
        id: new.id.map_or_else(|| w.new_uuid().to_string(), str::to_owned),
        kind: new.kind.to_owned(),
        about: new.about.clone(),
        user: new.user,
        guild: new.guild,
        request: request()?,
        object: None,
        created: now,
        until: now.plus_seconds(new.seconds),
        over: false,
    };
    let mut tx = w.store().begin().await?;
    let first = wishes::add(tx.conn(), &wish).await?;
    tx.commit().await?;
    fail::fail_point!(at::AFTER_WISH);
    if first {
        return Ok(wish);
    }
    // Two at once: both send what the first one wrote.
    let other = wishes::open(w.store().read(), &new.about).await?;
    other.ok_or(PaymentsError::NotChangeable)
}

/// Says that a wish is over.
pub(super) async fn over(w: &Wardesk, id: &str) -> Result<(), PaymentsError> {
    let mut tx = w.store().begin().await?;
    wishes::over(tx.conn(), id).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a wish by the provider's answer. Without one it stays, to be sent again as it is.
pub(super) async fn settled<T>(
    w: &Wardesk,
    wish: &Wish,
    answer: Result<T, PaymentError>,
) -> Result<T, PaymentsError> {
    fail::fail_point!(at::AFTER_CALL);
    match answer {
        Err(error @ (PaymentError::Unavailable | PaymentError::BadKey)) => Err(error.into()),
        Err(error) => {
            // The provider keeps a refusal under its key: another attempt needs another one.
            over(w, &wish.id).await?;
            Err(error.into())
        }
        Ok(answer) => {
            over(w, &wish.id).await?;
            Ok(answer)
        }
    }
}

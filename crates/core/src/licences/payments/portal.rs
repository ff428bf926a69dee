//! The provider's page for card, invoices and cancelling.

use domain::access::Capability;
use domain::ids::{GuildId, UserId};
use domain::locale::Locale;

use super::{PaymentsError, provider, wish};
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds::GuildAccess;

/// How long a repeated wish is the same, in seconds: the page itself lives for minutes.
const SAME_SECONDS: i64 = 60;

/// Answers the address of the acting person's own page at the provider. It comes back to the server's page.
pub async fn open_portal(access: &GuildAccess, locale: Locale) -> Result<String, PaymentsError> {
    access.require(Capability::Billing)?;
    let path = format!("/servers/{}/subscription", access.guild());
    page(access.wardesk(), access.user(), Some(access.guild()), &path, locale).await
}

/// The same for whoever is signed in, whichever servers they still manage. It comes back to their licences.
pub async fn open_own_portal(
    w: &Wardesk,
    session: &Session,
    locale: Locale,
) -> Result<String, PaymentsError> {
    page(w, session.user, None, "/account/licences", locale).await
}

/// Whether the provider has a page for whoever is signed in.
pub async fn has_portal(w: &Wardesk, session: &Session) -> Result<bool, PaymentsError> {
    let Some(payments) = w.payments() else { return Ok(false) };
    let db = w.store().read();
    Ok(storage::payments::customer(db, session.user, payments.live()).await?.is_some())
}

async fn page(
    w: &Wardesk,
    user: UserId,
    guild: Option<GuildId>,
    path: &str,
    locale: Locale,
) -> Result<String, PaymentsError> {
    let payments = provider(w)?;
    let customer = storage::payments::customer(w.store().read(), user, payments.live()).await?;
    let customer = customer.ok_or(PaymentsError::NoCustomer)?;
    let new = wish::New {
        kind: "portal",
        about: format!("portal:{user}:{path}"),
        user,
        guild,
        seconds: SAME_SECONDS,
        id: None,
    };
    let back = format!("{}{path}", w.public_url());
    let wish = wish::stored(w, &new, || Ok(back)).await?;
    let made = payments.create_portal(&wish.id, &customer, &wish.request, locale).await;
    wish::settled(w, &wish, made).await
}

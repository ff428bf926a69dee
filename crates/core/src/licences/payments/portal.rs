//! The provider's page for card, invoices and cancelling.

use domain::access::Capability;
use domain::locale::Locale;

use super::{PaymentsError, provider, wish};
use crate::guilds::GuildAccess;

/// How long a repeated wish is the same, in seconds: the page itself lives for minutes.
const SAME_SECONDS: i64 = 60;

/// Answers the address of the acting person's own page at the provider. It comes back to the server's page.
pub async fn open_portal(access: &GuildAccess, locale: Locale) -> Result<String, PaymentsError> {
    access.require(Capability::Billing)?;
    let w = access.wardesk();
    let payments = provider(w)?;
    let (guild, user) = (access.guild(), access.user());
    let customer = storage::payments::customer(w.store().read(), user).await?;
    let customer = customer.ok_or(PaymentsError::NoCustomer)?;
    let new = wish::New {
        kind: "portal",
        about: format!("portal:{guild}:{user}"),
        user,
        guild: Some(guild),
        trial: false,
        seconds: SAME_SECONDS,
        id: None,
    };
    let back = format!("{}/servers/{guild}/subscription", w.public_url());
    let wish = wish::stored(w, &new, || Ok(back)).await?;
    let made = payments.create_portal(&wish.id, &customer, &wish.request, locale).await;
    wish::settled(w, &wish, made).await
}

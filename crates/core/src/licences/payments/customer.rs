//! The provider's customer of an account.

use domain::ids::UserId;

use super::{PaymentsError, provider, wish};
use crate::Wardesk;

/// The customer of an account, found or made. A restored backup may not know one that the provider has.
pub(super) async fn ensure(w: &Wardesk, user: UserId) -> Result<String, PaymentsError> {
    if let Some(known) = storage::payments::customer(w.store().read(), user).await? {
        return Ok(known);
    }
    let payments = provider(w)?;
    let customer = if let Some(found) = payments.find_customer(user).await? {
        found
    } else {
        // The search lags behind by a minute: until then the key keeps a second one from being made.
        let wish = wish::stored(w, &wish::New::customer(user), || Ok(String::new())).await?;
        let made = payments.create_customer(&wish.id, user).await;
        wish::settled(w, &wish, made).await?
    };
    let mut tx = w.store().begin().await?;
    storage::payments::keep_customer(tx.conn(), user, &customer, w.now()).await?;
    tx.commit().await?;
    Ok(customer)
}

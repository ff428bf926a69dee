//! The provider's customer of an account.

use domain::ids::UserId;

use super::{PaymentsError, provider, wish};
use crate::Wardesk;

/// The customer of an account, found or made. A restored backup may not know one that the provider has.
pub(super) async fn ensure(w: &Wardesk, user: UserId) -> Result<String, PaymentsError> {
    let payments = provider(w)?;
    let live = payments.live();
    if let Some(known) = storage::payments::customer(w.store().read(), user, live).await? {
        return Ok(known);
    }
    let customer = if let Some(found) = payments.find_customer(user).await? {
        found
    } else {
        // The search lags behind by a minute: until then the key keeps a second one from being made.
        let wish = wish::stored(w, &wish::New::customer(user), || Ok(String::new())).await?;
        let made = payments.create_customer(&wish.id, user).await;
        wish::settled(w, &wish, made).await?
    };
    let mut tx = w.store().begin().await?;
    storage::payments::keep_customer(tx.conn(), user, live, &customer, w.now()).await?;
    tx.commit().await?;
    Ok(customer)
}

/// Forgets the customer of an account, whom the provider may not have any more.
pub(super) async fn drop(w: &Wardesk, user: UserId) -> Result<(), PaymentsError> {
    let live = provider(w)?.live();
    let mut tx = w.store().begin().await?;
    storage::payments::drop_customer(tx.conn(), user, live).await?;
    tx.commit().await?;
    Ok(())
}

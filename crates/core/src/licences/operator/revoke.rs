//! An operator takes a licence back.

use domain::ids::LicenceId;
use domain::licences::Status;

use super::{OperatorAccess, change};
use crate::licences::{LicenceError, payments};

/// Takes a licence back, for good. A subscription behind it is ended at the payment provider: nobody is to pay for
/// what never counts again.
pub async fn revoke(access: &OperatorAccess, id: LicenceId) -> Result<(), LicenceError> {
    change(access, id, "licence.revoked", |row, _| {
        row.say(Status::Revoked);
        Ok(())
    })
    .await?;
    // Were this lost, the next look at the subscription finds out.
    payments::stop_now(access.wardesk(), id).await?;
    Ok(())
}

//! An operator takes a licence back.

use domain::ids::LicenceId;
use domain::licences::Status;

use super::{OperatorAccess, change};
use crate::licences::LicenceError;

/// Takes a licence back, for good. A subscription behind it goes on until it is cancelled at the payment provider.
pub async fn revoke(access: &OperatorAccess, id: LicenceId) -> Result<(), LicenceError> {
    change(access, id, "licence.revoked", |row, _| {
        row.say(Status::Revoked);
        Ok(())
    })
    .await
}

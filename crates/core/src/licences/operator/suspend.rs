//! An operator holds a licence back, and gives it back.

use domain::ids::LicenceId;

use super::{OperatorAccess, change};
use crate::licences::{LicenceError, Refusal};

/// Holds a licence back: it does not count until [`resume`], whatever the payment provider says meanwhile.
pub async fn suspend(access: &OperatorAccess, id: LicenceId) -> Result<(), LicenceError> {
    change(access, id, "licence.suspended", |row, now| {
        if row.held.is_some() {
            return Err(Refusal::Unchanged);
        }
        row.hold(Some(now));
        Ok(())
    })
    .await
}

/// Gives back what [`suspend`] held back. What the payment provider suspended stays so.
pub async fn resume(access: &OperatorAccess, id: LicenceId) -> Result<(), LicenceError> {
    change(access, id, "licence.resumed", |row, _| {
        if row.held.is_none() {
            return Err(Refusal::Unchanged);
        }
        row.hold(None);
        Ok(())
    })
    .await
}

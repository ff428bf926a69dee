//! An operator gives a licence more time.

use domain::ids::LicenceId;
use domain::time::Millis;

use super::{OperatorAccess, change};
use crate::licences::{LicenceError, Refusal};

/// Moves the end of a licence to a later time, or with `None` away; also of one whose time is over. When a
/// subscription ends is for the payment provider to say.
pub async fn extend(
    access: &OperatorAccess,
    id: LicenceId,
    expires: Option<Millis>,
) -> Result<(), LicenceError> {
    change(access, id, "licence.extended", |row, now| {
        if row.licence.source.is_paid() {
            return Err(Refusal::Paid);
        }
        let Some(old) = row.licence.expires else { return Err(Refusal::Unchanged) };
        if expires.is_some_and(|end| end <= now || end <= old) {
            return Err(Refusal::End);
        }
        row.licence.expires = expires;
        Ok(())
    })
    .await
}

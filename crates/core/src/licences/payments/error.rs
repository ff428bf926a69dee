//! Why something about payments did not work.

use storage::StorageError;

use crate::guilds::GuildError;
use crate::ports::PaymentError;

/// Why something about payments did not work.
#[derive(Debug, thiserror::Error)]
pub enum PaymentsError {
    /// Not there, or not for this person.
    #[error("no such thing for this person")]
    NotFound,
    /// Payments are off.
    #[error("payments are off")]
    Off,
    /// This plan is not sold for this interval, or the provider has no price for it.
    #[error("this is not for sale")]
    NotSold,
    /// The price is not offered in the currency that was asked for.
    #[error("this is not for sale in this currency")]
    NotInCurrency,
    /// The person pays in another currency already, and the provider takes one at a time.
    #[error("this person pays in another currency")]
    CurrencyFixed,
    /// The server has a subscription: its plan can be changed.
    #[error("there is a subscription already")]
    AlreadySubscribed,
    /// The subscription is another person's: only who pays may change it.
    #[error("only the holder may do this")]
    NotHolder,
    /// The person never bought anything, so the provider has no page for them.
    #[error("this person has bought nothing")]
    NoCustomer,
    /// The subscription has this price already.
    #[error("nothing would change")]
    Unchanged,
    /// What was shown is not what it would cost now: it has to be shown again.
    #[error("the amount is another one now")]
    AmountChanged,
    /// The subscription has ended, or cannot be changed as it is.
    #[error("the subscription cannot be changed now")]
    NotChangeable,
    /// The difference could not be paid.
    #[error("the payment was declined")]
    Declined,
    /// A change waits for its payment: another one can be made when it was confirmed, or dropped.
    #[error("a change waits already")]
    ChangeWaits,
    /// No change waits, or not any more.
    #[error("no change waits")]
    NoneWaits,
    /// An amount or a currency that is not taken.
    #[error("this amount is not taken")]
    BadAmount,
    /// Too many pages asked for at once.
    #[error("too many wishes")]
    TooMany,
    /// The provider cannot be reached, or refuses.
    #[error(transparent)]
    Provider(#[from] PaymentError),
    /// Discord cannot be reached or refuses.
    #[error("the server: {0}")]
    Guild(GuildError),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<GuildError> for PaymentsError {
    fn from(error: GuildError) -> Self {
        match error {
            GuildError::NotFound => Self::NotFound,
            GuildError::Storage(error) => Self::Storage(error),
            other => Self::Guild(other),
        }
    }
}

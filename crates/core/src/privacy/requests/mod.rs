//! Requests of people about their data. Every exercise of a right is one, also what people do themselves.
//!
//! A request has an address of its own, which holds 256 bits that only whoever made it knows: the database has a hash
//! of them. What was said is sealed, for the account once that is known, else for the service.

mod ask;
mod desk;
mod follow;
pub mod mail;
mod notice;
mod objection;
mod owner;
mod said;
mod settle;
mod work;

use domain::ids::{GuildId, UserId};
use storage::StorageError;
use storage::privacy::requests as rows;

use super::{PrivacyError, Refusal};
use crate::Wardesk;

pub(in crate::privacy) use ask::note;
pub use ask::{Asked, NewRequest, ask, open};
pub(in crate::privacy) use desk::noted;
pub use desk::{Answer, DeskPage, PAGE, decide, extend, hand_over, list, show, sort};
pub use follow::{Followed, follow, of_session, verify};
pub use notice::kind_name;
pub(crate) use notice::{NAMED, digest, subject as alert_subject};
pub use owner::{OwnerRequest, answer, of_server};
pub use said::Said;
pub use settle::settle;
pub(in crate::privacy) use settle::{failed, finish, start};
pub use storage::privacy::requests::{RequestRow as Request, StepRow as Taken};
pub use work::{run, turn};

/// Requests of one person, or of one server, that are listed.
const LISTED: i64 = 100;

/// The requests of an account, newest first, at most 100.
pub async fn of_person(w: &Wardesk, user: UserId) -> Result<Vec<Request>, StorageError> {
    rows::of_person(w.store().read(), user, LISTED).await
}

/// The server that effects go under which belong to none: the id of the application, which no server has.
pub(super) fn service(w: &Wardesk) -> Result<GuildId, StorageError> {
    GuildId::new(w.application().get()).map_err(|_| StorageError::Corrupt("application"))
}

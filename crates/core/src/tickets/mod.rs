//! Tickets and the panels that open them.

mod cache;
mod change;
pub(crate) mod channel;
mod claim;
mod close;
mod compare;
pub mod custom_id;
mod detail;
pub(crate) mod erased;
mod error;
mod event;
mod find_members;
mod follow;
mod list;
mod members;
pub mod messages;
mod moving;
pub mod open;
pub mod overview;
pub mod panels;
mod presence;
mod priority;
pub(crate) mod standing;
pub mod store;
mod trail;

pub use cache::{TicketCaches, by_channel, is_ticket_channel, load_channels};
pub(crate) use cache::{archived_in, listen};
pub use channel::{channel_deleted, reconcile};
pub use claim::{claim, unclaim};
pub use close::close;
pub use compare::compare_all;
pub use detail::{May, MemberEntry, TicketDetail, TimelineEvent, events_since, get};
pub use error::TicketError;
pub use event::TicketEvent;
pub use find_members::{FoundMember, LONGEST_NAME, MOST_FOUND, find_members};
pub use follow::follow;
pub use list::{Cursor, Page, Person, StateFilter, TicketFilter, TicketSummary, list, mine};
pub use members::{add_member, remove_member};
pub use moving::{Moved, move_to};
pub use presence::{look_for_members, member_joined, member_left};
pub use priority::set_priority;

pub(crate) use change::Change;
pub(crate) use detail::{answers as detail_answers, reason as detail_reason};
pub(crate) use detail::{
    answers_of_own as detail_answers_of_own, reason_of_own as detail_reason_of_own,
};
pub(crate) use moving::move_back;

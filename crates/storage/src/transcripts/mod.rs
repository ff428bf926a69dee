//! Transcripts and the archive they are made from.

pub mod archive;
pub mod attachments;
pub mod chunks;
pub mod expiry;
pub mod holds;
pub mod looks;
pub mod people;
pub mod progress;
pub mod reactions;
pub mod redactions;
pub mod removals;
pub mod shares;
pub mod terms;

use domain::ids::UserId;

/// Whose words a row holds; 0 stands for no person.
fn subject_column(subject: Option<UserId>) -> i64 {
    subject.map_or(0, UserId::get)
}

fn read_subject(value: i64) -> Option<UserId> {
    UserId::new(value).ok()
}

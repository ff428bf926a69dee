//! People who sign in: sessions, choices, drafts of refused forms.

pub mod choices;
pub mod drafts;
pub mod sessions;
pub mod sign_in;

use sha2::{Digest as _, Sha256};
use storage::StorageError;

pub use sessions::{Session, SessionEntry, revoke, revoke_others, sign_out};
pub use sign_in::{
    BeginSignIn, FailedSignIn, SignInError, SignedIn, begin_sign_in, finish_sign_in, own_path,
};

/// Why something about an account did not work.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// There is no such session for this person.
    #[error("no such session")]
    NotFound,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// SHA-256 of a secret that a browser holds: what the database keeps instead of it.
fn hash(secret: &[u8]) -> storage::accounts::Hash {
    Sha256::digest(secret).into()
}

//! Signing in with Discord: OAuth2 with `state` and PKCE, bound to a single-use transaction.
//!
//! Source: RFC 9700, 2.1 and 4.7 (transaction-specific secrets bound to the user agent).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use storage::accounts::Transaction;
use storage::{KeyScope, StorageError};

use super::hash;
use crate::Wardesk;
use crate::ports::{AccessToken, IdentityError, Profile};
use crate::privacy::documents;

/// Seconds until a sign-in must be finished.
pub const TRANSACTION_SECONDS: i64 = 600;
/// Characters of a return path at most.
const PATH_LIMIT: usize = 512;

/// A sign-in that has begun.
#[derive(Debug)]
pub struct BeginSignIn {
    /// Where the browser goes.
    pub authorize_url: String,
    /// What the browser's short-lived cookie holds.
    pub cookie: SecretString,
}

/// A sign-in that succeeded.
#[derive(Debug)]
pub struct SignedIn {
    /// Who it is.
    pub profile: Profile,
    /// Their access token.
    pub token: AccessToken,
    /// Where they wanted to go: a path of this site.
    pub return_path: String,
}

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Too late, used already, begun in another browser, or made up.
    #[error("no such sign-in")]
    Expired,
    /// The person said no.
    #[error("cancelled")]
    Cancelled,
    /// Discord does not take the code.
    #[error("refused by Discord")]
    Refused,
    /// Discord does not answer.
    #[error("Discord is not available")]
    Unavailable,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A sign-in that was not finished.
#[derive(Debug)]
pub struct FailedSignIn {
    /// Why.
    pub error: SignInError,
    /// Where it was to lead, a path of this site; `None` if it is not known, or not for this browser to know.
    pub return_path: Option<String>,
}

impl From<IdentityError> for SignInError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Refused => Self::Refused,
            IdentityError::Unavailable => Self::Unavailable,
        }
    }
}

/// What Discord's answer says: a code, or a refusal.
#[derive(Debug)]
pub enum Answer {
    /// The person agreed.
    Code(SecretString),
    /// The person said no, or Discord did.
    Error,
}

fn secret(wardesk: &Wardesk) -> String {
    URL_SAFE_NO_PAD.encode(wardesk.random_bytes::<32>())
}

/// A path of this site, or the start page: never another site.
pub fn own_path(path: &str) -> &str {
    let good = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= PATH_LIMIT
        && !path.contains('\\')
        && path.bytes().all(|b| b.is_ascii_graphic());
    if good { path } else { "/" }
}

/// Begins a sign-in that ends at `return_path`.
pub async fn begin_sign_in(
    wardesk: &Wardesk,
    return_path: &str,
) -> Result<BeginSignIn, SignInError> {
    let (cookie, state, verifier) = (secret(wardesk), secret(wardesk), secret(wardesk));
    let challenge = URL_SAFE_NO_PAD.encode(hash(verifier.as_bytes()));
    let id_hash = hash(cookie.as_bytes());
    // Some addresses hold a secret, so where somebody wants to go is sealed as well.
    let plain = format!("{verifier}\n{}", own_path(return_path));
    let sealed =
        wardesk.store().keys().seal(&KeyScope::SERVICE, &id_hash, plain.as_bytes()).await?;
    let transaction = Transaction {
        id_hash,
        state_hash: hash(state.as_bytes()),
        verifier: sealed,
        expires_at: wardesk.now().plus_seconds(TRANSACTION_SECONDS),
    };
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::insert_transaction(tx.conn(), &transaction).await?;
    tx.commit().await?;
    Ok(BeginSignIn {
        authorize_url: wardesk.identity().authorize_url(&state, &challenge),
        cookie: cookie.into(),
    })
}

/// What a browser that comes back had begun: its verifier, and where it was to lead. The transaction is used up.
async fn begun(
    wardesk: &Wardesk,
    cookie: &str,
    state: &str,
) -> Result<(SecretString, String), SignInError> {
    let id = hash(cookie.as_bytes());
    let mut tx = wardesk.store().begin().await?;
    let found = storage::accounts::use_transaction(tx.conn(), &id, wardesk.now()).await?;
    tx.commit().await?;
    let transaction = found.ok_or(SignInError::Expired)?;
    // Hashes of random secrets: how long the comparison takes tells nothing useful.
    if transaction.state_hash != hash(state.as_bytes()) {
        return Err(SignInError::Expired);
    }
    let keys = wardesk.store().keys();
    let plain = keys.open_sealed(&KeyScope::SERVICE, &id, &transaction.verifier).await?;
    let plain = String::from_utf8_lossy(&plain);
    // One that was begun under an earlier version goes to the first page.
    let (verifier, return_path) = plain.split_once('\n').unwrap_or((&plain, "/"));
    Ok((verifier.to_owned().into(), return_path.to_owned()))
}

/// Who agreed, as Discord says.
async fn agreed(
    wardesk: &Wardesk,
    verifier: &SecretString,
    answer: Answer,
) -> Result<(Profile, AccessToken), SignInError> {
    let Answer::Code(code) = answer else { return Err(SignInError::Cancelled) };
    let token = wardesk.identity().exchange(code.expose_secret(), verifier).await?;
    let profile = wardesk.identity().profile(&token).await?;
    documents::accepted_at_sign_in(wardesk, profile.id).await?;
    Ok((profile, token))
}

/// Finishes a sign-in. The transaction is used up whatever comes of it.
pub async fn finish_sign_in(
    wardesk: &Wardesk,
    cookie: &str,
    state: &str,
    answer: Answer,
) -> Result<SignedIn, FailedSignIn> {
    let (verifier, return_path) = begun(wardesk, cookie, state)
        .await
        .map_err(|error| FailedSignIn { error, return_path: None })?;
    match agreed(wardesk, &verifier, answer).await {
        Ok((profile, token)) => Ok(SignedIn { profile, token, return_path }),
        Err(error) => Err(FailedSignIn { error, return_path: Some(return_path) }),
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_this_site_are_returned_to() {
        for good in ["/", "/servers/1?tab=x", "/transcripts/0193"] {
            assert_eq!(own_path(good), good);
        }
        for bad in ["", "//evil.example", "/\\evil", "https://evil.example", "/a b", "/a\n", "x"] {
            assert_eq!(own_path(bad), "/", "{bad:?}");
        }
    }
}

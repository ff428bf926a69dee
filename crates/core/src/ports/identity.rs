//! Sign-in with Discord, as the use-cases see it. Implemented by `discord::oauth`.

use async_trait::async_trait;
use domain::ids::{GuildId, UserId};
use domain::permissions::Permissions;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// A person's OAuth access token. Redacted in every output.
pub type AccessToken = SecretString;

/// Who signed in. Scope `identify`: no e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The account.
    pub id: UserId,
    /// The unique user name.
    pub username: String,
    /// The display name, if one is set.
    pub global_name: Option<String>,
    /// The avatar's hash, if one is set.
    pub avatar: Option<String>,
    /// Discord's language tag, such as `en-GB`.
    pub locale: Option<String>,
}

/// A server the person is in, from their own list (scope `guilds`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnGuild {
    /// The server.
    pub id: GuildId,
    /// Its name.
    pub name: String,
    /// The icon's hash, if there is one.
    pub icon: Option<String>,
    /// Whether the person owns it.
    pub owner: bool,
    /// What the person may do there.
    pub permissions: Permissions,
}

/// Why sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Discord says no: a wrong or used code, a revoked token. Trying again does not help.
    #[error("refused by the identity provider")]
    Refused,
    /// Discord could not be reached or did not answer in time.
    #[error("identity provider not available")]
    Unavailable,
}

/// The OAuth2 side of Discord.
#[async_trait]
pub trait Identity: Send + Sync {
    /// Where the browser goes to consent. `state` and the S256 `challenge` are the caller's;
    /// scopes are exactly `identify guilds`, the redirect address is configured.
    fn authorize_url(&self, state: &str, challenge: &str) -> String;

    /// Trades a code for a token. `verifier` is what the challenge was made from.
    async fn exchange(
        &self,
        code: &str,
        verifier: &SecretString,
    ) -> Result<AccessToken, IdentityError>;

    /// Who the token belongs to.
    async fn profile(&self, token: &AccessToken) -> Result<Profile, IdentityError>;

    /// The servers of the token's owner, at most 200.
    async fn guilds(&self, token: &AccessToken) -> Result<Vec<OwnGuild>, IdentityError>;

    /// Ends the token and the authorisation it belongs to.
    async fn revoke(&self, token: &AccessToken) -> Result<(), IdentityError>;

    /// The address that invites the bot, for one server if given, with the least permissions.
    fn invite_url(&self, guild: Option<GuildId>) -> String;
}

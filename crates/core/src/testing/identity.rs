//! Sign-in for tests that do not sign in.

use async_trait::async_trait;
use domain::ids::GuildId;
use secrecy::SecretString;

use crate::ports::{AccessToken, Identity, IdentityError, OwnGuild, Profile};

/// Refuses everyone.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoIdentity;

#[async_trait]
impl Identity for NoIdentity {
    fn authorize_url(&self, _state: &str, _challenge: &str) -> String {
        String::new()
    }

    async fn exchange(
        &self,
        _code: &str,
        _verifier: &SecretString,
    ) -> Result<AccessToken, IdentityError> {
        Err(IdentityError::Refused)
    }

    async fn profile(&self, _token: &AccessToken) -> Result<Profile, IdentityError> {
        Err(IdentityError::Refused)
    }

    async fn guilds(&self, _token: &AccessToken) -> Result<Vec<OwnGuild>, IdentityError> {
        Err(IdentityError::Refused)
    }

    async fn revoke(&self, _token: &AccessToken) -> Result<(), IdentityError> {
        Ok(())
    }

    fn invite_url(&self, _guild: Option<GuildId>) -> String {
        String::new()
    }
}

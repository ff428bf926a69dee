//! The OAuth2 side of a Discord that tests own.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{GuildId, UserId};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::ports::{AccessToken, Identity, IdentityError, OwnGuild, Profile};

/// Knows the people it is told of. A code is good once, for the verifier of its challenge.
#[derive(Debug, Default)]
pub struct FakeIdentity {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Code: who it is for, and the challenge it was asked with.
    codes: HashMap<String, (UserId, String)>,
    /// Token: whose it is.
    tokens: HashMap<String, UserId>,
    guilds: HashMap<UserId, Vec<OwnGuild>>,
    revoked: Vec<String>,
    /// Nobody answers about servers, and no token is taken back.
    is_out: bool,
    /// How often somebody asked about servers.
    asked: usize,
}

impl FakeIdentity {
    /// The person agrees on the page at this address: the code that Discord sends back with `state`.
    pub fn agree(&self, authorize_url: &str, user: UserId) -> (String, String) {
        let (state, challenge) = authorize_url.split_once('&').unwrap();
        let mut known = self.state.lock().unwrap();
        let code = format!("code-{}-{user}", known.codes.len() + known.tokens.len());
        known.codes.insert(code.clone(), (user, challenge.to_owned()));
        (code, state.to_owned())
    }

    /// Says in which servers the person is.
    pub fn set_guilds(&self, user: UserId, guilds: Vec<OwnGuild>) {
        self.state.lock().unwrap().guilds.insert(user, guilds);
    }

    /// Lets questions about servers go unanswered and tokens not be taken back, or no longer.
    pub fn set_out(&self, is_out: bool) {
        self.state.lock().unwrap().is_out = is_out;
    }

    /// How often somebody asked for a list of servers.
    pub fn asked(&self) -> usize {
        self.state.lock().unwrap().asked
    }

    /// The tokens that were given back, in order.
    pub fn revoked(&self) -> Vec<String> {
        self.state.lock().unwrap().revoked.clone()
    }

    fn owner(&self, token: &AccessToken) -> Result<UserId, IdentityError> {
        let known = self.state.lock().unwrap();
        known.tokens.get(token.expose_secret()).copied().ok_or(IdentityError::Refused)
    }
}

#[async_trait]
impl Identity for FakeIdentity {
    fn authorize_url(&self, state: &str, challenge: &str) -> String {
        format!("{state}&{challenge}")
    }

    async fn exchange(
        &self,
        code: &str,
        verifier: &SecretString,
    ) -> Result<AccessToken, IdentityError> {
        let mut known = self.state.lock().unwrap();
        let (user, challenge) = known.codes.remove(code).ok_or(IdentityError::Refused)?;
        if challenge != URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret())) {
            return Err(IdentityError::Refused);
        }
        let token = format!("token-of-{code}");
        known.tokens.insert(token.clone(), user);
        Ok(token.into())
    }

    async fn profile(&self, token: &AccessToken) -> Result<Profile, IdentityError> {
        let id = self.owner(token)?;
        let username = format!("user{id}");
        Ok(Profile { id, username, global_name: None, avatar: None, locale: None })
    }

    async fn guilds(&self, token: &AccessToken) -> Result<Vec<OwnGuild>, IdentityError> {
        let user = self.owner(token);
        let mut known = self.state.lock().unwrap();
        known.asked += 1;
        if known.is_out {
            return Err(IdentityError::Unavailable);
        }
        Ok(known.guilds.get(&user?).cloned().unwrap_or_default())
    }

    async fn revoke(&self, token: &AccessToken) -> Result<(), IdentityError> {
        let mut known = self.state.lock().unwrap();
        if known.is_out {
            return Err(IdentityError::Unavailable);
        }
        known.tokens.remove(token.expose_secret());
        known.revoked.push(token.expose_secret().to_owned());
        Ok(())
    }

    fn invite_url(&self, guild: Option<GuildId>) -> String {
        format!("https://discord.example/invite?guild={}", guild.map_or(0, GuildId::get))
    }
}

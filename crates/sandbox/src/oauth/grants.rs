//! Codes, refresh tokens and what people have granted. Access tokens live in the world, where REST
//! looks them up.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::id::Id;
use crate::world::World;
use crate::world::model::BearerGrant;

/// How long a code can be exchanged, in milliseconds.
pub(crate) const CODE_LIFE_MS: i64 = 60_000;
/// How long an access token is good, in seconds (Discord: seven days).
pub(crate) const TOKEN_LIFE_S: i64 = 604_800;
/// Characters of codes and tokens, about 178 bits.
const SECRET_LENGTH: usize = 30;

/// What a code stands for.
#[derive(Debug, Clone)]
struct Code {
    application_id: Id,
    user_id: Id,
    redirect_uri: String,
    challenge: String,
    scopes: Vec<String>,
    guild_id: Option<Id>,
    expires_at: i64,
    used: bool,
}

/// Who granted what to whom; a refresh token stands for it.
#[derive(Debug, Clone)]
struct Refresh {
    application_id: Id,
    user_id: Id,
    scopes: Vec<String>,
    /// The access token issued beside it. Revoking that, here or in the world, ends this too.
    access: String,
}

/// Tokens that were just issued.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    /// Bearer token.
    pub access: String,
    /// Refresh token.
    pub refresh: String,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// The server the bot was added to on the way.
    pub guild_id: Option<Id>,
}

/// Why a grant was refused; all are `invalid_grant` on the wire (RFC 6749 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrantError {
    /// Unknown, used, expired, or another client's.
    Code,
    /// Not the address the code was issued for.
    RedirectUri,
    /// Does not hash to the challenge.
    Verifier,
    /// Unknown, revoked, or another client's.
    RefreshToken,
}

/// Everything granted that is not an access token.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    refresh: HashMap<String, Refresh>,
}

/// What a person agreed to.
#[derive(Debug, Clone)]
pub(crate) struct Consent {
    /// The client.
    pub application_id: Id,
    /// Who agreed.
    pub user_id: Id,
    /// Where the code goes.
    pub redirect_uri: String,
    /// PKCE challenge.
    pub challenge: String,
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// The server the bot was added to on the way.
    pub guild_id: Option<Id>,
}

impl Grants {
    /// Issues a code, good once and for a minute.
    pub(crate) fn issue_code(&mut self, consent: Consent, world: &mut World) -> String {
        let now = world.now();
        // Used codes are kept ten times their life, so that a replay is recognised as one.
        self.codes.retain(|_, code| code.expires_at + 9 * CODE_LIFE_MS > now);
        let code = world.new_secret(SECRET_LENGTH);
        self.codes.insert(
            code.clone(),
            Code {
                application_id: consent.application_id,
                user_id: consent.user_id,
                redirect_uri: consent.redirect_uri,
                challenge: consent.challenge,
                scopes: consent.scopes,
                guild_id: consent.guild_id,
                expires_at: now + CODE_LIFE_MS,
                used: false,
            },
        );
        code
    }

    /// Exchanges a code. Whatever is wrong with the rest of the request, the code is used up; using one
    /// twice also revokes what the first use gave (RFC 6749 4.1.2).
    pub(crate) fn exchange(
        &mut self,
        application_id: Id,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        world: &mut World,
    ) -> Result<Tokens, GrantError> {
        let known = self.codes.get_mut(code).ok_or(GrantError::Code)?;
        if known.application_id != application_id {
            return Err(GrantError::Code);
        }
        if known.used {
            deauthorize(world, known.application_id, known.user_id);
            return Err(GrantError::Code);
        }
        known.used = true;
        if known.expires_at <= world.now() {
            return Err(GrantError::Code);
        }
        if known.redirect_uri != redirect_uri {
            return Err(GrantError::RedirectUri);
        }
        if !verifies(verifier, &known.challenge) {
            return Err(GrantError::Verifier);
        }
        let (user_id, scopes, guild_id) = (known.user_id, known.scopes.clone(), known.guild_id);
        Ok(self.issue(application_id, user_id, scopes, guild_id, world))
    }

    /// Exchanges a refresh token; the old one is good no longer.
    pub(crate) fn refresh(
        &mut self,
        application_id: Id,
        token: &str,
        world: &mut World,
    ) -> Result<Tokens, GrantError> {
        let theirs = |grant: &Refresh| grant.application_id == application_id;
        if !self.refresh.get(token).is_some_and(theirs) {
            return Err(GrantError::RefreshToken);
        }
        let grant = self.refresh.remove(token).ok_or(GrantError::RefreshToken)?;
        if world.bearer.remove(&grant.access).is_none() {
            return Err(GrantError::RefreshToken);
        }
        Ok(self.issue(application_id, grant.user_id, grant.scopes, None, world))
    }

    fn issue(
        &mut self,
        application_id: Id,
        user_id: Id,
        scopes: Vec<String>,
        guild_id: Option<Id>,
        world: &mut World,
    ) -> Tokens {
        let access = world.new_secret(SECRET_LENGTH);
        let refresh = world.new_secret(SECRET_LENGTH);
        let expires_at = world.now() + TOKEN_LIFE_S * 1_000;
        let scope = scopes.join(" ");
        let grant = BearerGrant { user_id, application_id, scopes: scopes.clone(), expires_at };
        world.issue_bearer(access.clone(), grant);
        let kept = Refresh { application_id, user_id, scopes, access: access.clone() };
        self.refresh.insert(refresh.clone(), kept);
        Tokens { access, refresh, scope, guild_id }
    }

    /// Revokes the authorisation a token belongs to, every token of it included, as Discord does. Only the
    /// client it was issued to may; an unknown token is not an error (RFC 7009 2.2).
    pub(crate) fn revoke(&self, application_id: Id, token: &str, world: &mut World) {
        let access = self.refresh.get(token).map_or(token, |grant| grant.access.as_str());
        let grant = world.bearer.get(access).filter(|grant| grant.application_id == application_id);
        if let Some(user_id) = grant.map(|grant| grant.user_id) {
            deauthorize(world, application_id, user_id);
        }
    }
}

/// Takes back everything a person granted to an application, as "Deauthorize" in Discord's settings.
/// Returns how many access tokens that ended.
pub(crate) fn deauthorize(world: &mut World, application_id: Id, user_id: Id) -> usize {
    let before = world.bearer.len();
    world
        .bearer
        .retain(|_, grant| grant.application_id != application_id || grant.user_id != user_id);
    before - world.bearer.len()
}

/// Whether a person has granted all of `scopes` before and not taken it back.
pub(crate) fn has_granted(world: &World, application_id: Id, user_id: Id, scopes: &[&str]) -> bool {
    world.bearer.values().any(|grant| {
        grant.application_id == application_id
            && grant.user_id == user_id
            && scopes.iter().all(|scope| grant.scopes.iter().any(|granted| granted == scope))
    })
}

/// Whether a verifier hashes to a challenge (RFC 7636 4.6) and has the form of one: 43 to 128 unreserved
/// characters (4.1).
fn verifies(verifier: &str, challenge: &str) -> bool {
    let sound = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    sound && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
}

#[cfg(test)]
mod tests {
    use super::verifies;

    #[test]
    fn the_example_of_rfc_7636_verifies() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(verifies(verifier, challenge));
        assert!(!verifies(&verifier.replace('d', "e"), challenge));
    }

    #[test]
    fn a_verifier_outside_the_form_never_verifies() {
        use base64::Engine;
        use sha2::Digest;
        let short = "a".repeat(42);
        let digest = sha2::Sha256::digest(&short);
        let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
        assert!(!verifies(&short, &challenge));
    }
}

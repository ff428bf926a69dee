//! Sign-in with Discord.

mod bearer;
mod holds;
mod send;

use async_trait::async_trait;
use domain::egress::Egress;
use domain::ids::{ApplicationId, GuildId};
use domain::permissions::Permissions;
use oauth2::basic::{BasicClient, BasicRequestTokenError};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    PkceCodeVerifier, RedirectUrl, TokenResponse, TokenUrl,
};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use wardesk_core::ports::{AccessToken, Identity, IdentityError, OwnGuild, Profile};

use self::send::Sender;

/// What sign-in needs.
pub struct OAuthConfig {
    /// The consent page: `https://discord.com/oauth2/authorize`.
    pub authorize: Url,
    /// Where codes are traded: `https://discord.com/api/oauth2/token`.
    pub token: Url,
    /// Where tokens end: `https://discord.com/api/oauth2/token/revoke`.
    pub revoke: Url,
    /// The API with its version: `https://discord.com/api/v10`.
    pub api: Url,
    /// The application.
    pub application: ApplicationId,
    /// Its secret.
    pub client_secret: SecretString,
    /// Where Discord sends the browser back, exactly as registered.
    pub redirect: Url,
    /// Who may be contacted.
    pub egress: Egress,
}

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Discord as the place to sign in.
pub struct OAuth {
    client: Client,
    sender: Sender,
    authorize: Url,
    revoke: Url,
    api: String,
    application: ApplicationId,
    client_secret: SecretString,
    redirect: Url,
}

impl OAuth {
    /// Wires sign-in. Sends nothing. Fails only if the system offers no TLS.
    pub fn new(config: OAuthConfig) -> Result<Self, reqwest::Error> {
        let client = BasicClient::new(ClientId::new(config.application.to_string()))
            .set_client_secret(ClientSecret::new(config.client_secret.expose_secret().to_owned()))
            .set_auth_uri(AuthUrl::from_url(config.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(config.token))
            .set_redirect_uri(RedirectUrl::from_url(config.redirect.clone()));
        Ok(Self {
            client,
            sender: Sender::new(config.egress)?,
            authorize: config.authorize,
            revoke: config.revoke,
            api: config.api.as_str().trim_end_matches('/').to_owned(),
            application: config.application,
            client_secret: config.client_secret,
            redirect: config.redirect,
        })
    }
}

#[async_trait]
impl Identity for OAuth {
    fn authorize_url(&self, state: &str, challenge: &str) -> String {
        let mut url = self.authorize.clone();
        // The challenge is the caller's, which the crate's builder does not take.
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.application.to_string())
            .append_pair("scope", "identify guilds")
            .append_pair("redirect_uri", self.redirect.as_str())
            .append_pair("state", state)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256");
        url.into()
    }

    async fn exchange(
        &self,
        code: &str,
        verifier: &SecretString,
    ) -> Result<AccessToken, IdentityError> {
        let answer = self
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
            .request_async(&self.sender.carrier())
            .await;
        match answer {
            Ok(token) => Ok(token.access_token().secret().to_owned().into()),
            Err(BasicRequestTokenError::ServerResponse(refusal)) => {
                tracing::info!(error = refusal.error().as_ref(), "Discord refused a sign-in code");
                Err(IdentityError::Refused)
            }
            Err(_) => Err(IdentityError::Unavailable),
        }
    }

    async fn profile(&self, token: &AccessToken) -> Result<Profile, IdentityError> {
        self.profile_of(token).await
    }

    async fn guilds(&self, token: &AccessToken) -> Result<Vec<OwnGuild>, IdentityError> {
        self.guilds_of(token).await
    }

    async fn revoke(&self, token: &AccessToken) -> Result<(), IdentityError> {
        // Not by the crate, which refuses to revoke without TLS, as at the sandbox.
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.expose_secret())
            .append_pair("token_type_hint", "access_token")
            .finish();
        let request = self
            .sender
            .client
            .request(Method::POST, self.revoke.clone())
            .basic_auth(self.application, Some(self.client_secret.expose_secret()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .build()
            .map_err(|_| IdentityError::Unavailable)?;
        let answer = self.sender.execute(request).await.map_err(|_| IdentityError::Unavailable)?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::TOO_MANY_REQUESTS => Err(IdentityError::Unavailable),
            status if status.is_client_error() => Err(IdentityError::Refused),
            _ => Err(IdentityError::Unavailable),
        }
    }

    fn invite_url(&self, guild: Option<GuildId>) -> String {
        let mut url = self.authorize.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.application.to_string())
            .append_pair("scope", "bot applications.commands")
            .append_pair("permissions", &Permissions::INVITE.0.to_string());
        if let Some(guild) = guild {
            url.query_pairs_mut()
                .append_pair("guild_id", &guild.to_string())
                .append_pair("disable_guild_select", "true");
        }
        url.into()
    }
}

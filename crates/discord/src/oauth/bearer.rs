//! What a person's own token may read.

use domain::permissions::Permissions;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value;
use wardesk_core::ports::{AccessToken, IdentityError, OwnGuild, Profile};

use super::OAuth;
use crate::http;
use crate::rest::facts::{id, text};

/// The largest answer that is read: 200 servers with names and features.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

impl OAuth {
    async fn read(&self, path: &str, token: &AccessToken) -> Result<Value, IdentityError> {
        let url = format!("{}/{path}", self.api);
        let request = self.sender.client.request(Method::GET, url);
        let request = request.bearer_auth(token.expose_secret()).build();
        let request = request.map_err(|_| IdentityError::Unavailable)?;
        let response =
            self.sender.execute(request).await.map_err(|_| IdentityError::Unavailable)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(IdentityError::Refused),
            // 403 among them: it comes from the edge in front and says nothing about the token.
            _ => return Err(IdentityError::Unavailable),
        }
        let body = http::read_body(response, MAX_ANSWER).await.ok_or(IdentityError::Unavailable)?;
        serde_json::from_slice(&body).map_err(|_| IdentityError::Unavailable)
    }

    pub(super) async fn profile_of(&self, token: &AccessToken) -> Result<Profile, IdentityError> {
        let me = self.read("users/@me", token).await?;
        let owned = |key: &str| text(&me, key).map(str::to_owned);
        Ok(Profile {
            id: id(&me, "id").ok_or(IdentityError::Unavailable)?,
            username: owned("username").ok_or(IdentityError::Unavailable)?,
            global_name: owned("global_name"),
            avatar: owned("avatar"),
            locale: owned("locale"),
        })
    }

    pub(super) async fn guilds_of(
        &self,
        token: &AccessToken,
    ) -> Result<Vec<OwnGuild>, IdentityError> {
        let list = self.read("users/@me/guilds", token).await?;
        let list = list.as_array().ok_or(IdentityError::Unavailable)?;
        Ok(list.iter().filter_map(own_guild).collect())
    }
}

fn own_guild(value: &Value) -> Option<OwnGuild> {
    Some(OwnGuild {
        id: id(value, "id")?,
        name: text(value, "name")?.to_owned(),
        icon: text(value, "icon").map(str::to_owned),
        owner: value.get("owner") == Some(&Value::Bool(true)),
        permissions: Permissions(
            text(value, "permissions").and_then(|t| t.parse().ok()).unwrap_or(0),
        ),
    })
}

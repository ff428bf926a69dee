//! People: creating them, their profiles, the tokens of those who signed in.

use serde_json::Value;

use super::World;
use super::model::{BearerGrant, User};
use crate::id::Id;

impl World {
    /// Adds a person. `username` is made lower case; `global_name` is what others read.
    pub fn create_user(&mut self, username: &str, global_name: &str) -> Id {
        let id = self.new_id();
        self.insert_user(id, username, global_name);
        id
    }

    /// Adds a person under a given id (fixed worlds).
    pub fn insert_user(&mut self, id: Id, username: &str, global_name: &str) {
        let username = username.to_lowercase();
        self.users.insert(
            id,
            User {
                id,
                email: Some(format!("{username}@example.test")),
                username,
                global_name: Some(global_name.to_owned()),
                avatar: None,
                bot: false,
                locale: "en-US".into(),
                dms_open: true,
            },
        );
    }

    /// Opens or closes a person's direct messages to people and bots they share a server with.
    /// Returns whether the person exists.
    pub fn set_dms_open(&mut self, user_id: Id, open: bool) -> bool {
        self.users.get_mut(&user_id).map(|user| user.dms_open = open).is_some()
    }

    /// Changes a person's profile and tells their servers (`GUILD_MEMBER_UPDATE`).
    /// `change` may set any field; the id stays.
    pub fn edit_user(&mut self, user_id: Id, change: impl FnOnce(&mut User)) -> bool {
        let Some(user) = self.users.get_mut(&user_id) else { return false };
        change(user);
        user.id = user_id;
        let guilds: Vec<Id> = self
            .guilds
            .values()
            .filter(|guild| guild.members.contains_key(&user_id))
            .map(|guild| guild.id)
            .collect();
        for guild_id in guilds {
            self.tell_member_update(guild_id, user_id);
        }
        true
    }

    /// The user with this username.
    pub fn user_by_name(&self, username: &str) -> Option<&User> {
        self.users.values().find(|user| user.username.eq_ignore_ascii_case(username))
    }

    /// Stores an OAuth2 access token; REST then accepts `Authorization: Bearer <token>`.
    pub fn issue_bearer(&mut self, token: String, grant: BearerGrant) {
        self.bearer.insert(token, grant);
    }

    /// The grant of an access token, if it is known and has not expired.
    pub fn bearer(&self, token: &str) -> Option<&BearerGrant> {
        self.bearer.get(token).filter(|grant| grant.expires_at > self.now())
    }

    /// The access tokens that are good now: for a test that looks for them where they must not be.
    pub fn bearer_tokens(&self) -> Vec<String> {
        let now = self.now();
        let good = self.bearer.iter().filter(|(_, grant)| grant.expires_at > now);
        good.map(|(token, _)| token.clone()).collect()
    }

    /// Revokes an access token and, as Discord does, every other token of the same person for the same
    /// application. Returns whether the token was known.
    pub fn revoke_bearer(&mut self, token: &str) -> bool {
        let Some(grant) = self.bearer.remove(token) else { return false };
        self.bearer.retain(|_, other| {
            other.user_id != grant.user_id || other.application_id != grant.application_id
        });
        true
    }

    /// The servers of a person as `GET /users/@me/guilds` lists them, by id.
    pub fn user_guilds_json(&self, user_id: Id, with_counts: bool) -> Vec<Value> {
        self.guilds
            .values()
            .filter(|guild| guild.members.contains_key(&user_id))
            .map(|guild| {
                let mut value = serde_json::json!({
                    "id": guild.id, "name": guild.name, "icon": guild.icon, "banner": null,
                    "owner": guild.owner_id == user_id, "features": [],
                    "permissions": self.guild_permissions(guild.id, user_id).to_string(),
                });
                if with_counts {
                    value["approximate_member_count"] = guild.members.len().into();
                    value["approximate_presence_count"] = guild.members.len().into();
                }
                value
            })
            .collect()
    }
}

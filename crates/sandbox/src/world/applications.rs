//! Applications, as the developer portal keeps them.

use std::collections::BTreeMap;

use super::World;
use super::model::{Application, Privileged, User};
use crate::gateway::close;
use crate::id::Id;

/// What is needed to register an application.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// Application id, also the OAuth client id.
    pub id: Id,
    /// The bot's user id; for young applications the same as `id`.
    pub bot: Id,
    /// Shown name of application and bot.
    pub name: String,
    /// Who registers it.
    pub owner: Id,
    /// Bot token.
    pub token: String,
    /// OAuth client secret.
    pub client_secret: String,
    /// OAuth redirect addresses.
    pub redirect_uris: Vec<String>,
}

impl World {
    /// Registers an application with all privileged intents on.
    pub fn register_application(&mut self, new: NewApplication) {
        self.users.insert(
            new.bot,
            User {
                id: new.bot,
                username: new.name.clone(),
                global_name: None,
                avatar: None,
                bot: true,
                email: None,
                locale: "en-US".into(),
                dms_open: false,
            },
        );
        self.applications.insert(
            new.id,
            Application {
                id: new.id,
                name: new.name,
                owner: new.owner,
                bot: new.bot,
                token: new.token,
                token_revoked: false,
                client_secret: new.client_secret,
                redirect_uris: new.redirect_uris,
                privileged: Privileged { members: true, presences: true, message_content: true },
                commands: BTreeMap::new(),
                guild_commands: BTreeMap::new(),
                identifies_left: 1_000,
                max_concurrency: 1,
                shards: 1,
            },
        );
    }

    /// Adds a redirect address that OAuth2 accepts. Returns whether the application exists.
    pub fn add_redirect_uri(&mut self, application_id: Id, uri: &str) -> bool {
        let Some(application) = self.applications.get_mut(&application_id) else { return false };
        if !application.redirect_uris.iter().any(|known| known == uri) {
            application.redirect_uris.push(uri.to_owned());
        }
        true
    }

    /// Switches privileged intents. Sessions that use one that is now off are closed with 4014,
    /// as happens when an intent is withdrawn.
    pub fn set_privileged_intents(&mut self, application_id: Id, privileged: Privileged) -> bool {
        let Some(application) = self.applications.get_mut(&application_id) else { return false };
        application.privileged = privileged;
        let refused = crate::gateway::intents::refused(privileged);
        self.close_sessions(application_id, close::DISALLOWED_INTENTS, |session| {
            session.intents & refused != 0
        });
        true
    }

    /// Refuses the bot's token from now on (a leak, a reset) or accepts it again. Revoking closes the
    /// gateway sessions with 4004.
    pub fn set_token_revoked(&mut self, application_id: Id, revoked: bool) -> bool {
        let Some(application) = self.applications.get_mut(&application_id) else { return false };
        application.token_revoked = revoked;
        if revoked {
            self.close_sessions(application_id, close::AUTHENTICATION_FAILED, |_| true);
        }
        true
    }

    /// Changes an application's settings (shards, concurrency, IDENTIFY budget, secrets). The id stays.
    pub fn edit_application(&mut self, id: Id, change: impl FnOnce(&mut Application)) -> bool {
        let Some(application) = self.applications.get_mut(&id) else { return false };
        change(application);
        application.id = id;
        true
    }

    /// The application that presents this bot token, unless the token is revoked.
    pub fn application_by_token(&self, token: &str) -> Option<&Application> {
        self.applications
            .values()
            .find(|application| application.token == token && !application.token_revoked)
    }

    /// The application whose bot is this user.
    pub fn application_by_bot(&self, bot: Id) -> Option<&Application> {
        self.applications.values().find(|application| application.bot == bot)
    }
}

//! What a client asks for at the authorisation page, and whether it may.
//!
//! Rules: RFC 6749 4.1.1 and 4.1.2.1, RFC 7636 4.3 and 4.4.1, RFC 9700 2.1 (exact redirect match), Discord's
//! "OAuth2" page (scopes, the bot authorisation flow). Stricter than Discord where the strictness catches
//! mistakes: `state` and PKCE with S256 are required whenever a code is asked for.

use serde::Deserialize;
use url::Url;

use crate::id::Id;
use crate::permissions::{self, Permissions};
use crate::world::World;
use crate::world::model::Application;

/// The query of the authorisation page, as it came.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Query {
    /// OAuth client id, the application's id.
    pub client_id: Option<String>,
    /// `code`; absent in a plain bot invitation.
    pub response_type: Option<String>,
    /// Compared byte by byte with the registered ones.
    pub redirect_uri: Option<String>,
    /// Separated by spaces.
    pub scope: Option<String>,
    /// Echoed.
    pub state: Option<String>,
    /// RFC 7636.
    pub code_challenge: Option<String>,
    /// RFC 7636; only `S256`.
    pub code_challenge_method: Option<String>,
    /// `none` skips the page when the same scopes were granted before.
    pub prompt: Option<String>,
    /// Bits for the bot's role, in decimal.
    pub permissions: Option<String>,
    /// Server to choose at first.
    pub guild_id: Option<String>,
    /// `true`: the chosen server cannot be changed.
    pub disable_guild_select: Option<String>,
    /// 0 for servers; installing to a user is not offered.
    pub integration_type: Option<String>,
}

impl Query {
    /// The parameters again, to be carried by the form and by links of the page.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, &str)> {
        [
            ("client_id", &self.client_id),
            ("response_type", &self.response_type),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", &self.state),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
            ("prompt", &self.prompt),
            ("permissions", &self.permissions),
            ("guild_id", &self.guild_id),
            ("disable_guild_select", &self.disable_guild_select),
            ("integration_type", &self.integration_type),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect()
    }
}

/// A scope that the sandbox grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Who the person is.
    Identify,
    /// The person's servers.
    Guilds,
    /// The person's membership in one server.
    GuildsMembersRead,
    /// The person's address.
    Email,
    /// Adds the bot to a server.
    Bot,
    /// Adds the application's commands to a server.
    Commands,
}

impl Scope {
    const ALL: [Self; 6] = [
        Self::Identify,
        Self::Guilds,
        Self::GuildsMembersRead,
        Self::Email,
        Self::Bot,
        Self::Commands,
    ];

    /// The scope's name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Guilds => "guilds",
            Self::GuildsMembersRead => "guilds.members.read",
            Self::Email => "email",
            Self::Bot => "bot",
            Self::Commands => "applications.commands",
        }
    }

    /// What the page says about it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Identify => "See your username, display name and avatar",
            Self::Guilds => "See which servers you are in",
            Self::GuildsMembersRead => "See your nickname and roles in those servers",
            Self::Email => "See your e-mail address",
            Self::Bot => "Add its bot to a server of yours",
            Self::Commands => "Add its commands to a server of yours",
        }
    }

    /// Whether it is about a server rather than a person.
    pub(crate) fn is_installation(self) -> bool {
        matches!(self, Self::Bot | Self::Commands)
    }
}

/// A sound wish for a code: where it goes and what binds it.
#[derive(Debug, Clone)]
pub(crate) struct CodeWish {
    /// One of the registered addresses.
    pub redirect_uri: String,
    /// To be echoed.
    pub state: String,
    /// Base64url of the SHA-256 of the verifier, 43 characters.
    pub challenge: String,
}

/// A request that may be shown to a person.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The client.
    pub application_id: Id,
    /// Its shown name.
    pub application_name: String,
    /// Without doubles, in the order asked.
    pub scopes: Vec<Scope>,
    /// Present unless this is a plain invitation.
    pub code: Option<CodeWish>,
    /// Bits for the bot's role.
    pub permissions: Permissions,
    /// Server chosen by the client.
    pub guild_id: Option<Id>,
    /// The person may not choose another.
    pub guild_fixed: bool,
    /// `prompt=none`.
    pub silent: bool,
}

impl Request {
    /// Whether a server has to be chosen.
    pub(crate) fn installs(&self) -> bool {
        self.scopes.iter().any(|scope| scope.is_installation())
    }
}

/// Why a request is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The client or its address is not known, so nothing may be sent anywhere: an error page, 400.
    Page(&'static str),
    /// Told to the client at its address (RFC 6749 4.1.2.1).
    Redirect {
        /// Where to, with nothing added yet.
        redirect_uri: String,
        /// Echoed.
        state: String,
        /// RFC 6749's word.
        error: &'static str,
        /// For the developer.
        description: &'static str,
    },
}

/// Checks a query against the registered applications.
pub(crate) fn check(query: &Query, world: &World) -> Result<Request, Refusal> {
    let application = application(query, world)?;
    let scopes_asked = query.scope.as_deref().unwrap_or_default();
    let wants_code = query.response_type.is_some() || query.redirect_uri.is_some();
    let only_installs = !scopes_asked.is_empty()
        && scopes_asked.split(' ').filter_map(scope).all(Scope::is_installation);
    if !wants_code && !only_installs {
        return Err(Refusal::Page("redirect_uri and response_type are missing."));
    }

    let mut back = None;
    if wants_code {
        let redirect_uri = redirect_uri(query, application)?;
        let Some(state) = query.state.clone().filter(|state| !state.is_empty()) else {
            return Err(Refusal::Page(
                "state is missing. The sandbox requires it, since without it a sign-in can be forged.",
            ));
        };
        back = Some((redirect_uri, state));
    }
    let refuse = |error, description| match &back {
        Some((redirect_uri, state)) => Refusal::Redirect {
            redirect_uri: redirect_uri.clone(),
            state: state.clone(),
            error,
            description,
        },
        None => Refusal::Page(description),
    };

    if wants_code && query.response_type.as_deref() != Some("code") {
        return Err(refuse("unsupported_response_type", "Only response_type=code is supported."));
    }
    let mut scopes = Vec::new();
    for name in scopes_asked.split(' ').filter(|name| !name.is_empty()) {
        let Some(known) = scope(name) else {
            return Err(refuse("invalid_scope", "The requested scope is invalid or unknown."));
        };
        if !scopes.contains(&known) {
            scopes.push(known);
        }
    }
    if scopes.is_empty() {
        return Err(refuse("invalid_scope", "No scope was requested."));
    }
    if query.integration_type.as_deref().is_some_and(|kind| kind != "0") {
        return Err(refuse("invalid_request", "Only integration_type 0 (a server) is offered."));
    }
    let code = match &back {
        None => None,
        Some((redirect_uri, state)) => Some(CodeWish {
            redirect_uri: redirect_uri.clone(),
            state: state.clone(),
            challenge: challenge(query).map_err(|words| refuse("invalid_request", words))?,
        }),
    };
    let permissions = match query.permissions.as_deref() {
        None | Some("") => 0,
        Some(bits) => bits
            .parse::<Permissions>()
            .map_err(|_| refuse("invalid_request", "permissions is not a decimal number."))?,
    };
    let guild_id = match query.guild_id.as_deref() {
        None | Some("") => None,
        Some(id) => Some(
            id.parse().map_err(|_| refuse("invalid_request", "guild_id is not a snowflake."))?,
        ),
    };
    Ok(Request {
        application_id: application.id,
        application_name: application.name.clone(),
        scopes,
        code,
        permissions: permissions & permissions::ALL,
        guild_id,
        guild_fixed: guild_id.is_some() && query.disable_guild_select.as_deref() == Some("true"),
        silent: query.prompt.as_deref() == Some("none"),
    })
}

fn application<'w>(query: &Query, world: &'w World) -> Result<&'w Application, Refusal> {
    query
        .client_id
        .as_deref()
        .and_then(|id| id.parse().ok())
        .and_then(|id| world.application(id))
        .ok_or(Refusal::Page("client_id is missing or names no application."))
}

fn redirect_uri(query: &Query, application: &Application) -> Result<String, Refusal> {
    let Some(asked) = query.redirect_uri.as_deref() else {
        return Err(Refusal::Page("redirect_uri is missing."));
    };
    if application.redirect_uris.iter().any(|known| known == asked) && Url::parse(asked).is_ok() {
        Ok(asked.to_owned())
    } else {
        Err(Refusal::Page("redirect_uri is not one of those registered. It must match exactly."))
    }
}

/// A challenge is 32 bytes in base64url without padding: 43 characters (RFC 7636 4.2).
fn challenge(query: &Query) -> Result<String, &'static str> {
    let Some(challenge) = query.code_challenge.as_deref() else {
        return Err("code_challenge is missing. The sandbox requires PKCE.");
    };
    if query.code_challenge_method.as_deref() != Some("S256") {
        return Err("code_challenge_method must be S256.");
    }
    let sound = challenge.len() == 43
        && challenge
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if sound {
        Ok(challenge.to_owned())
    } else {
        Err("code_challenge is not a SHA-256 in base64url.")
    }
}

fn scope(name: &str) -> Option<Scope> {
    Scope::ALL.into_iter().find(|scope| scope.name() == name)
}

/// The client's address with an answer in its query.
pub(crate) fn answer_at(redirect_uri: &str, answer: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(redirect_uri) else { return redirect_uri.to_owned() };
    url.query_pairs_mut().extend_pairs(answer);
    url.into()
}

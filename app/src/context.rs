//! What a page knows about the request that it answers.

use domain::locale::Locale;
use leptos::prelude::*;
use wardesk_core::accounts::Session;
use wardesk_core::guilds::avatar_url;
use words::Words;

/// Which colours a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// What the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them, in the order a chooser shows them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in cookies, forms and `data-theme`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the word; anything else is the system's choice.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.as_str() == word).unwrap_or_default()
    }
}

/// The facts of one request.
#[derive(Debug, Clone, Default)]
pub struct RequestMeta {
    /// The language: the account's choice, else the browser's.
    pub locale: Locale,
    /// The colours: the account's choice.
    pub theme: Theme,
    /// The path, without query.
    pub path: String,
    /// The number of this request in the log.
    pub correlation: String,
}

/// A form's handler refused with this status: the page says so in words. Put into the context by the
/// server, for an address without a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The status.
    pub status: http::StatusCode,
    /// Why, in the word of the log; empty where the status says it all.
    pub reason: &'static str,
}

/// Why an export does not begin: this person has as many as one may have.
pub const OWN_EXPORTS: &str = "own_exports";
/// Why an export does not begin: everybody together has.
pub const ALL_EXPORTS: &str = "exports";

/// The signed-in person as the frame of the page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Display name.
    pub name: String,
    /// The picture's address.
    pub avatar: Option<String>,
}

/// The facts of this request; defaults while the routes are being listed.
pub fn request() -> RequestMeta {
    use_context().unwrap_or_default()
}

/// All texts in the language of this request.
pub fn words() -> Words {
    Words::new(request().locale)
}

/// The session of the person who asks, if signed in.
pub fn session() -> Option<Session> {
    use_context::<Option<Session>>().flatten()
}

/// Who looks at the page, if signed in.
pub fn viewer() -> Option<Viewer> {
    let session = session()?;
    let avatar = avatar_url(session.user, session.profile.avatar.as_deref());
    Some(Viewer { name: session.name().to_owned(), avatar })
}

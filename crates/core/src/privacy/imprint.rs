//! Who operates this installation, what its documents say, and whom it contacts.

use domain::ids::{ChannelId, GuildId};

use super::contacts::Contact;
use super::documents::Documents;

/// What an installation says about itself. Set once, from the settings.
#[derive(Debug, Clone, Default)]
pub struct Imprint {
    /// The name of whoever operates it; `None` where the settings do not say.
    pub operator: Option<String>,
    /// Where questions about what is kept go: an address of e-mail or the web. `None` as above.
    pub contact: Option<String>,
    /// The privacy policy and the terms.
    pub documents: Documents,
    /// Where material changes of them are announced: a channel of a server.
    pub announcements: Option<(GuildId, ChannelId)>,
    /// Everybody whom the program may contact.
    pub contacts: Vec<Contact>,
}

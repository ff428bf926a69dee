//! Whether the roles and channels that a panel names exist and can be used.

use domain::ids::{ChannelId, RoleId};
use domain::panels::PanelSettings;
use domain::permissions::Permissions;
use domain::validation::{FieldError, Problem};

use crate::guilds::may_in_channel;
use crate::ports::{ChannelKind, GuildFacts};

/// What the bot needs in a channel to post a panel there.
const POST: Permissions =
    Permissions::VIEW_CHANNEL.union(Permissions::SEND_MESSAGES).union(Permissions::EMBED_LINKS);

/// What is wrong with a channel that the bot is to post in.
pub(crate) fn channel_problem(facts: &GuildFacts, channel: ChannelId) -> Option<Problem> {
    let Some(channel) = facts.channels.iter().find(|c| c.id == channel) else {
        return Some(Problem::Gone);
    };
    if channel.kind != ChannelKind::Text {
        return Some(Problem::Malformed);
    }
    let may = may_in_channel(facts, channel).contains(POST);
    (!may).then_some(Problem::OutOfReach)
}

/// Every field that names something gone or out of reach.
pub(super) fn problems(facts: &GuildFacts, settings: &PanelSettings) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(problem) = settings.channel.and_then(|c| channel_problem(facts, c)) {
        errors.push(FieldError::new("panel_channel", problem));
    }
    // Not `@everyone`, whose id is the server's: everybody would read everybody's tickets.
    let known =
        |role: RoleId| role.get() != facts.id.get() && facts.roles.iter().any(|r| r.id == role);
    if !settings.support_roles.iter().all(|role| known(*role)) {
        errors.push(FieldError::new("panel_support_roles", Problem::Gone));
    }
    errors
}

//! What the pickers of roles and channels offer.

use domain::access::Capability;
use domain::ids::{ChannelId, RoleId};
use domain::permissions::Permissions;
use domain::validation::Problem;

use super::{GuildAccess, GuildError, may_in_channel, may_on_server};
use crate::ports::{ChannelFacts, ChannelKind, GuildFacts};

/// What the bot needs in a channel that it posts to.
const TO_POST: Permissions = Permissions(
    Permissions::VIEW_CHANNEL.0 | Permissions::SEND_MESSAGES.0 | Permissions::EMBED_LINKS.0,
);
/// What the bot needs in a category in which it makes ticket channels.
const TO_HOST: Permissions = Permissions(
    Permissions::VIEW_CHANNEL.0 | Permissions::MANAGE_CHANNELS.0 | Permissions::MANAGE_ROLES.0,
);

/// A role to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChoice {
    /// The role.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// `0xRRGGBB`; 0 is none.
    pub colour: u32,
}

/// A channel or category to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelChoice {
    /// The channel.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// The name of its category.
    pub parent_name: Option<String>,
    /// [`Problem::OutOfReach`] where the bot lacks a permission.
    pub problem: Option<Problem>,
}

/// Everything the pickers of a server offer, in Discord's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Roles, highest first, without `@everyone` and those of bots.
    pub roles: Vec<RoleChoice>,
    /// Categories.
    pub categories: Vec<ChannelChoice>,
    /// Channels to post to.
    pub text_channels: Vec<ChannelChoice>,
}

impl Choices {
    /// What is wrong with a chosen role: `Gone` if it was deleted.
    pub fn role_problem(&self, id: RoleId) -> Option<Problem> {
        (!self.roles.iter().any(|r| r.id == id)).then_some(Problem::Gone)
    }

    /// What is wrong with a chosen text channel.
    pub fn channel_problem(&self, id: ChannelId) -> Option<Problem> {
        problem_in(&self.text_channels, id)
    }

    /// What is wrong with a chosen category.
    pub fn category_problem(&self, id: ChannelId) -> Option<Problem> {
        problem_in(&self.categories, id)
    }
}

fn problem_in(channels: &[ChannelChoice], id: ChannelId) -> Option<Problem> {
    channels.iter().find(|c| c.id == id).map_or(Some(Problem::Gone), |c| c.problem)
}

/// The roles and channels of the server, each with what keeps the bot from using it.
pub async fn choices(access: &GuildAccess) -> Result<Choices, GuildError> {
    access.require(Capability::Configure)?;
    let facts = access.wardesk().discord().guild(access.guild()).await?;
    Ok(from_facts(&facts))
}

pub(super) fn from_facts(facts: &GuildFacts) -> Choices {
    let mut roles: Vec<_> =
        facts.roles.iter().filter(|r| r.id.get() != facts.id.get() && !r.managed).collect();
    roles.sort_by_key(|r| std::cmp::Reverse((r.position, std::cmp::Reverse(r.id))));
    let mut channels: Vec<_> = facts.channels.iter().collect();
    channels.sort_by_key(|c| (parent_position(facts, c), c.position, c.id));
    let of_kind = |kind: ChannelKind, needs: Permissions| {
        let wanted = channels.iter().filter(|c| c.kind == kind);
        wanted.map(|c| choice(facts, c, needs)).collect()
    };
    Choices {
        roles: roles
            .into_iter()
            .map(|r| RoleChoice { id: r.id, name: r.name.clone(), colour: r.colour })
            .collect(),
        categories: of_kind(ChannelKind::Category, TO_HOST),
        text_channels: of_kind(ChannelKind::Text, TO_POST),
    }
}

/// Channels outside a category come first, as in Discord.
fn parent_position(facts: &GuildFacts, channel: &ChannelFacts) -> i64 {
    let parent = channel.parent.and_then(|p| facts.channels.iter().find(|c| c.id == p));
    parent.map_or(-1, |p| p.position)
}

fn choice(facts: &GuildFacts, channel: &ChannelFacts, needs: Permissions) -> ChannelChoice {
    let parent = channel.parent.and_then(|p| facts.channels.iter().find(|c| c.id == p));
    let reachable = may_in_channel(facts, channel).contains(needs);
    ChannelChoice {
        id: channel.id,
        name: channel.name.clone(),
        parent_name: parent.map(|p| p.name.clone()),
        problem: (!reachable).then_some(Problem::OutOfReach),
    }
}

/// What the bot needs on the server and was not granted there. Channels may take away more: pickers
/// say so beside each of them.
pub async fn missing_permissions(access: &GuildAccess) -> Result<Permissions, GuildError> {
    access.require(Capability::Configure)?;
    let facts = access.wardesk().discord().guild(access.guild()).await?;
    Ok(Permissions::INVITE.without(may_on_server(&facts)))
}

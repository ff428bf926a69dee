//! A server's settings.

use domain::access::Capability;
use domain::guilds::GuildSettings;
use domain::ids::GuildId;
use domain::validation::{FieldError, Problem};

use super::choices::{Choices, from_facts};
use super::known::known;
use super::{GuildAccess, GuildError};
use crate::Wardesk;
use crate::audit::{self, Change};
use crate::licences;

/// Settings and the revision they have, which a later save names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The settings; defaults if nothing was ever saved.
    pub settings: GuildSettings,
    /// Counts the saves; 0 before the first.
    pub revision: i64,
}

/// The settings of the server.
pub async fn settings(access: &GuildAccess) -> Result<Settings, GuildError> {
    access.require(Capability::Transcripts)?;
    let found = storage::guilds::settings(access.wardesk().store().read(), access.guild()).await?;
    let (settings, revision) = found.unwrap_or_default();
    Ok(Settings { settings, revision })
}

/// The settings of a server, for the bot's own use; at most ten seconds old.
pub async fn settings_of(wardesk: &Wardesk, guild: GuildId) -> Result<GuildSettings, GuildError> {
    Ok(known(wardesk, guild).await?.settings.clone())
}

/// Saves settings over the revision that was seen. `Invalid` names every refused field; `Conflict`
/// says that someone else saved meanwhile.
pub async fn save_settings(
    access: &GuildAccess,
    mut new: GuildSettings,
    seen_revision: i64,
) -> Result<(), GuildError> {
    access.require(Capability::Configure)?;
    let wardesk = access.wardesk();
    new.support_roles.sort_unstable();
    new.support_roles.dedup();
    new.reader_roles.sort_unstable();
    new.reader_roles.dedup();
    let mut errors = new.validate(|zone| jiff::tz::TimeZone::get(zone).is_ok());
    let facts = wardesk.discord().guild_fresh(access.guild()).await?;
    errors.extend(out_of_reach(&new, &from_facts(&facts)));
    let before = settings(access).await?;
    // What was chosen under a higher plan may stay: it counts again when that plan comes back.
    let limits = licences::limits(wardesk, access.guild()).await?;
    if let Some(days) = limits.keep_days
        && new.retention != before.settings.retention
        && limits.cuts(new.retention)
    {
        errors.push(FieldError::new("retention", Problem::PlanKeeps { days }));
    }
    if !errors.is_empty() {
        return Err(GuildError::Invalid(errors));
    }
    if before.revision == seen_revision && before.settings == new {
        return Ok(());
    }
    let now = wardesk.now();
    let guild = access.guild();
    let mut tx = wardesk.store().begin().await?;
    if !storage::guilds::save_settings(tx.conn(), guild, &new, seen_revision, now).await? {
        return Err(GuildError::Conflict);
    }
    let change =
        Change { guild, at: now, actor: Some(access.user()), action: "settings.saved", target: "" };
    audit::record(tx.conn(), change, Some(&before.settings), Some(&new)).await?;
    tx.commit().await?;
    wardesk.guild_caches().changed(guild).await;
    Ok(())
}

/// Roles that are gone, and channels that are gone or that the bot cannot use.
fn out_of_reach(settings: &GuildSettings, choices: &Choices) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (field, roles) in
        [("support_roles", &settings.support_roles), ("reader_roles", &settings.reader_roles)]
    {
        if roles.iter().any(|role| choices.role_problem(*role).is_some()) {
            errors.push(FieldError::new(field, Problem::Gone));
        }
    }
    let mut check = |field: &str, problem: Option<Problem>| {
        errors.extend(problem.map(|problem| FieldError::new(field, problem)));
    };
    check("ticket_category", settings.ticket_category.and_then(|c| choices.category_problem(c)));
    check(
        "transcript_channel",
        settings.transcript_channel.and_then(|c| choices.channel_problem(c)),
    );
    check("log_channel", settings.log_channel.and_then(|c| choices.channel_problem(c)));
    errors
}

//! What a server may use and uses: all that its page of the plan shows.

use domain::access::Capability;
use domain::ids::{LicenceId, PanelId};
use domain::licences::{Entitlements, Plan, PlanKey, Source, Standing, standing};
use domain::time::Millis;
use domain::transcripts::Retention;
use storage::transcripts::attachments;

use super::{LicenceError, current};
use crate::guilds::GuildAccess;
use crate::tickets::panels;

/// A licence of which the server has a seat. Nothing of its holder, nothing of other servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerLicence {
    /// Its id.
    pub id: LicenceId,
    /// Its plan.
    pub plan: PlanKey,
    /// The plan's name; `None`: the service has no such plan any more.
    pub plan_name: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// Whether it counts for this server, and why not.
    pub standing: Standing,
    /// Whether it is the one that says what the server may use.
    pub used: bool,
    /// From when on it does not count; `None`: no end is known.
    pub expires: Option<Millis>,
    /// A payment failed: until when it is waited for.
    pub grace_until: Option<Millis>,
    /// Whether the person who looks holds it.
    pub mine: bool,
}

/// A panel that does not work, because there are more than the plan allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelOff {
    /// The panel.
    pub id: PanelId,
    /// Its name.
    pub name: String,
}

/// What a server may use and uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerPlan {
    /// The server's name.
    pub server_name: String,
    /// What it may use, by which licence, and until when.
    pub entitlements: Entitlements,
    /// The plan.
    pub plan: Plan,
    /// The licences of which it has a seat, newest first.
    pub licences: Vec<ServerLicence>,
    /// Panels in use, those that do not work included.
    pub panels: u32,
    /// Those that do not work, oldest first: the newest are switched off first.
    pub panels_off: Vec<PanelOff>,
    /// The lowest plan with which one more panel than there are now would work; `None`: there is none.
    pub panels_unlocked_by: Option<Plan>,
    /// Bytes that copies of files take.
    pub storage: u64,
    /// Whether no more copies are made for want of room.
    pub storage_full: bool,
    /// The lowest plan with more room.
    pub storage_unlocked_by: Option<Plan>,
    /// How long the server wants transcripts to be kept.
    pub retention: Retention,
    /// Whether that is longer than the plan allows: tickets that are closed now are kept for
    /// `entitlements.limits.keep_days` days at most, while the plan stays.
    pub retention_cut: bool,
    /// The lowest plan that keeps transcripts longer.
    pub retention_unlocked_by: Option<Plan>,
    /// Whether it may still have its one trial.
    pub trial_left: bool,
}

/// What the server may use and uses. For those who may see what it pays for.
pub async fn of_server(access: &GuildAccess) -> Result<ServerPlan, LicenceError> {
    access.require(Capability::Billing)?;
    let (w, guild) = (access.wardesk(), access.guild());
    let (db, now) = (w.store().read(), w.now());
    let held = current::licences_of(w, guild).await?;
    let entitlements = domain::licences::entitlements(w.plans(), &held, guild, now);
    let plan = w.plans().get(&entitlements.plan).unwrap_or(w.plans().default_plan()).clone();
    let licences = held.iter().map(|licence| ServerLicence {
        id: licence.id,
        plan: licence.plan.clone(),
        plan_name: w.plans().get(&licence.plan).map(|plan| plan.name.clone()),
        source: licence.source,
        standing: standing(w.plans(), licence, guild, now),
        used: entitlements.licence == Some(licence.id),
        expires: licence.expires,
        grace_until: licence.grace_until,
        mine: licence.contact == access.user(),
    });
    let licences = licences.collect();
    let rows = storage::panels::list(db, guild).await?;
    let off = panels::switched_off(&rows, entitlements.limits.panels);
    let panels_off = rows
        .iter()
        .filter(|row| off.contains(&row.id))
        .map(|row| PanelOff { id: row.id, name: row.settings.name.clone() })
        .collect();
    let panels = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let storage = attachments::stored_bytes_of_guild(db, guild).await?;
    let storage = u64::try_from(storage).unwrap_or(0);
    let found = storage::guilds::settings(db, guild).await?;
    let retention = found.unwrap_or_default().0.retention;
    let (limits, rank) = (entitlements.limits, entitlements.rank);
    let unlocking = |allows: &dyn Fn(&domain::licences::Limits) -> bool| {
        w.plans().unlocking(rank, allows).cloned()
    };
    let here = crate::guilds::installation(w, guild).await?;
    Ok(ServerPlan {
        server_name: here.map(|here| here.name).unwrap_or_default(),
        plan,
        licences,
        panels,
        panels_off,
        panels_unlocked_by: unlocking(&|l| l.panels > panels.max(limits.panels)),
        storage,
        storage_full: storage >= limits.storage,
        storage_unlocked_by: unlocking(&|l| l.storage > limits.storage),
        retention,
        retention_cut: limits.cuts(retention),
        retention_unlocked_by: limits
            .keep_days
            .and_then(|days| unlocking(&|l| l.keep_days.is_none_or(|more| more > days))),
        trial_left: super::trial_left(w, guild).await?,
        entitlements,
    })
}

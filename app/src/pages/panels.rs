//! The list of a server's panels.

use domain::access::Capability;
use leptos::prelude::*;
use wardesk_core::guilds;
use wardesk_core::licences::{self, ServerPlan};
use wardesk_core::tickets::panels::{self, Panel, PublishProblem};
use words::Words;

use super::flash::flash;
use super::load::loaded;
use super::server::{self, Area};
use crate::context::words;
use crate::ui::{Badge, Button, ButtonKind, EmptyState, Icon, IconName, Tone};

/// Whether the panel is in Discord, in words.
pub fn state(w: Words, panel: &Panel) -> impl IntoView + use<> {
    if panel.switched_off {
        return view! { <Badge label=w.licences_switched_off() tone=Tone::Warn/> }.into_any();
    }
    let (label, tone) =
        match (panel.publish_problem, panel.publishing, &panel.message, panel.outdated) {
            (Some(PublishProblem::OutOfReach), ..) => {
                (w.panels_problem_out_of_reach(), Tone::Danger)
            }
            (Some(PublishProblem::Refused), ..) => (w.panels_problem_refused(), Tone::Danger),
            (None, true, ..) => (w.panels_publishing(), Tone::Info),
            (None, false, None, _) => {
                return view! { <Badge label=w.panels_not_published()/> }.into_any();
            }
            (None, false, Some(_), true) => (w.panels_outdated(), Tone::Warn),
            (None, false, Some(_), false) => (w.panels_published(), Tone::Good),
        };
    view! { <Badge label=label tone=tone/> }.into_any()
}

/// That there is room for no more panels, and what has room.
fn room(w: Words, plan: &ServerPlan, href: &str) -> impl IntoView + use<> {
    let limit = plan.entitlements.limits.panels;
    (plan.panels >= limit).then(|| {
        let used = w.licences_panels_used(plan.panels, limit, &plan.plan.name);
        let more = plan.panels_unlocked_by.as_ref().map(|by| w.licences_unlocked_by(&by.name));
        view! { <p class="muted">{used}" "{more}" "<a href=href.to_owned()>{w.licences_plan()}</a></p> }
    })
}

/// The page `/servers/{guild}/panels`.
#[component]
pub fn Panels() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Configure).await?;
        let w = words();
        let place = server::place(&access).await?;
        let base = format!("/servers/{}/panels", access.guild());
        let all = panels::list(&access).await?;
        let none = all.is_empty();
        let plan = licences::of_server(&access).await?;
        let room = room(w, &plan, &format!("/servers/{}/subscription", access.guild()));
        let channels = guilds::choices(&access).await?.text_channels;
        let entries = all
            .into_iter()
            .map(|panel| {
                let name = panel.settings.name.clone();
                let place = channels.iter().find(|c| Some(c.id) == panel.settings.channel);
                let place = place.map_or_else(
                    || w.panels_no_channel().to_owned(),
                    |channel| format!("#{}", channel.name),
                );
                let asked = u64::try_from(panel.settings.questions.len()).unwrap_or(0);
                view! {
                    <li class="tile">
                        <span class="tile-mark"><Icon name=IconName::Panel/></span>
                        <span class="tile-text">
                            <span class="tile-name"><a href=format!("{base}/{}", panel.id)>{name}</a></span>
                            <span class="faint wrap-anywhere">{place}" · "{w.panels_asked(asked)}</span>
                        </span>
                        <span class="tile-go">{state(w, &panel)}<Icon name=IconName::ChevronRight/></span>
                    </li>
                }
            })
            .collect_view();
        let body = view! {
            <div class="page-head">
                <div><h1>{w.panels_title()}</h1><p class="lede">{w.panels_text()}</p></div>
                <form method="post" action=base.clone()>
                    <Button kind=ButtonKind::Primary><Icon name=IconName::Plus/>{w.panels_new()}</Button>
                </form>
            </div>
            {flash()}
            {room}
            {if none {
                view! { <EmptyState icon=IconName::Panel title=w.panels_none_title() text=w.panels_none_text()/> }.into_any()
            } else {
                view! { <ul class="tiles tiles-wide">{entries}</ul> }.into_any()
            }}
        };
        Ok(server::frame(&access, place, Area::Panels, w.panels_title().to_owned(), body))
    })
}

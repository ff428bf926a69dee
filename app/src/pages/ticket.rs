//! One ticket.

use domain::access::Capability;
use domain::ids::TicketId;
use domain::tickets::{Priority, TicketState};
use leptos::prelude::*;
use wardesk_core::tickets::{self, TicketDetail, TicketEvent, TimelineEvent};
use words::Words;

use super::flash::flash;
use super::load::{Instead, loaded};
use super::query::{param, query};
use super::server::{self, Area};
use super::ticket_people::{look, people};
use super::ticket_rows::{person, priority_badge, state_badge};
use super::ticket_sort::sort;
use crate::context::words;
use crate::islands::LiveRegion;
use crate::ui::{
    Button, ButtonKind, Card, Dialog, DialogButton, Icon, IconName, LinkButton, TextArea, Time,
};

fn event_text(w: Words, entry: &TimelineEvent) -> String {
    // Nobody is the bot; somebody without a name is erased, restricted, or was never seen.
    let name = |person: Option<&tickets::Person>| {
        person.map_or_else(
            || w.tickets_the_bot().to_owned(),
            |one| one.name.clone().unwrap_or_else(|| super::nameless(w, one.id)),
        )
    };
    let (who, whom) = (name(entry.actor.as_ref()), name(entry.subject.as_ref()));
    match &entry.event {
        TicketEvent::Opened { .. } => w.tickets_event_opened(who),
        TicketEvent::ChannelMade { .. } => w.tickets_event_channel().to_owned(),
        TicketEvent::OpenFailed { .. } => w.tickets_event_failed().to_owned(),
        TicketEvent::Claimed => w.tickets_event_claimed(who),
        TicketEvent::Unclaimed { .. } => w.tickets_event_unclaimed(who),
        TicketEvent::MemberAdded { .. } => w.tickets_event_added(who, whom),
        TicketEvent::MemberRemoved { .. } => w.tickets_event_removed(who, whom),
        TicketEvent::MemberLeft { noticed: false } => w.tickets_event_left(who),
        TicketEvent::MemberLeft { noticed: true } => w.tickets_event_away(who),
        TicketEvent::MemberReturned { noticed: false } => w.tickets_event_returned(who),
        TicketEvent::MemberReturned { noticed: true } => w.tickets_event_back(who),
        TicketEvent::PriorityChanged { to, .. } => match to {
            Priority::Low => w.tickets_event_priority_low(who),
            Priority::Normal => w.tickets_event_priority_normal(who),
            Priority::High => w.tickets_event_priority_high(who),
            Priority::Urgent => w.tickets_event_priority_urgent(who),
        },
        TicketEvent::Moved { .. } => {
            let (from, to) = &entry.panels;
            w.tickets_event_moved(who, from, to)
        }
        TicketEvent::MovedBack { .. } => {
            let (from, to) = &entry.panels;
            w.tickets_event_moved_back(from, to)
        }
        TicketEvent::Closing { by_hand: true } => w.tickets_event_closing_by_hand().to_owned(),
        TicketEvent::Closing { by_hand: false } => w.tickets_event_closing(who),
        TicketEvent::Closed => w.tickets_event_closed().to_owned(),
        TicketEvent::PanelPublished { .. } | TicketEvent::PanelFailed => {
            w.tickets_event_other().to_owned()
        }
    }
}

fn actions(w: Words, detail: &TicketDetail, path: &str) -> impl IntoView + use<> {
    let path = path.to_owned();
    let may = detail.may;
    view! {
        <div class="page-actions">
            {may.claim.then(|| view! {
                <form method="post" action=path.clone()>
                    <Button kind=ButtonKind::Primary name="action" value="claim">{w.tickets_claim()}</Button>
                </form>
            })}
            {may.unclaim.then(|| view! {
                <form method="post" action=path.clone()>
                    <Button name="action" value="unclaim">{w.tickets_unclaim()}</Button>
                </form>
            })}
            {may.close.then(|| view! {
                <DialogButton target="close" kind=ButtonKind::Danger>{w.tickets_close()}</DialogButton>
                <Dialog id="close" title=w.tickets_close()>
                    <form method="post" action=path.clone() class="stack">
                        <p>{w.tickets_close_text()}</p>
                        <TextArea name="reason" label=w.tickets_close_reason() limit=domain::tickets::REASON_LIMIT strict=true optional=true/>
                        <Button kind=ButtonKind::Danger name="action" value="close">{w.tickets_close()}</Button>
                    </form>
                </Dialog>
            })}
        </div>
    }
}

fn answers(w: Words, detail: &TicketDetail) -> impl IntoView + use<> {
    let given = detail.answers.clone();
    (!given.is_empty()).then(|| {
        let entries = given
            .into_iter()
            .map(|a| {
                let text =
                    if a.answer.is_empty() { w.tickets_no_answer().to_owned() } else { a.answer };
                view! { <div><dt>{a.question}</dt><dd>{text}</dd></div> }
            })
            .collect_view();
        view! { <Card title=w.tickets_answers()><dl class="answers">{entries}</dl></Card> }
    })
}

/// The page `/servers/{guild}/tickets/{ticket}`.
#[component]
pub fn Ticket() -> impl IntoView {
    loaded(async move {
        let id: TicketId = param("ticket").parse().map_err(|_| Instead::NotFound)?;
        let access = server::access(Capability::See).await?;
        let w = words();
        let place = server::place(&access).await?;
        let detail = tickets::get(&access, id).await?;
        let zone = access.time_zone().to_owned();
        let path = format!("/servers/{}/tickets/{id}", access.guild());
        let summary = detail.summary.clone();
        let title = w.tickets_one(summary.number);
        let channel = summary.channel.filter(|_| summary.state == TicketState::Open);
        let channel = channel
            .map(|c| format!("{}/channels/{}/{c}", access.wardesk().app_url(), access.guild()));
        let shown = detail.events.last().map_or(0, |event| event.seq);
        let live = format!("{path}/live?after={shown}");
        let has_transcript = !matches!(summary.state, TicketState::Opening | TicketState::Failed);
        let timeline = detail
            .events
            .iter()
            .map(|entry| {
                let (text, at, zone) = (event_text(w, entry), entry.at, zone.clone());
                view! { <li><span class="timeline-text">{text}</span><Time at=at zone=zone/></li> }
            })
            .collect_view();
        let reason = detail.reason.clone();
        let wanted = query("who").filter(|_| detail.may.change_members);
        let search = match wanted {
            Some(text) => look(&access, id, text).await?,
            None => None,
        };
        let people = people(w, &detail, search, &path);
        let sorting = sort(w, &detail, &path);
        let body = view! {
            {flash()}
            <div id="ticket" class="stack">
                <div class="page-head">
                    <div>
                        <h1>{title.clone()}</h1>
                        <p class="row muted">{state_badge(w, summary.state)}{priority_badge(w, summary.priority)}<span class="wrap-anywhere">{summary.panel_name.clone()}</span></p>
                    </div>
                    {actions(w, &detail, &path)}
                </div>
                <div class="columns">
                    <div class="stack">
                        {answers(w, &detail)}
                        <Card title=w.tickets_timeline()><ol class="timeline">{timeline}</ol></Card>
                    </div>
                    <div class="stack">
                        <Card title=w.tickets_about()>
                            <dl class="facts">
                                <div><dt>{w.tickets_column_opener()}</dt><dd>{person(w, &summary.opener)}</dd></div>
                                <div><dt>{w.tickets_column_staff()}</dt><dd>{match &summary.claimed_by {
                                    Some(holder) => person(w, holder).into_any(),
                                    None => view! { <span class="muted">{w.tickets_unclaimed()}</span> }.into_any(),
                                }}</dd></div>
                                <div><dt>{w.tickets_column_created()}</dt><dd><Time at=summary.created zone=zone.clone()/></dd></div>
                                {detail.closed_by.as_ref().map(|by| view! {
                                    <div><dt>{w.transcripts_closed_by()}</dt><dd>{person(w, by)}</dd></div>
                                })}
                                {reason.map(|reason| view! {
                                    <div><dt>{w.tickets_closed_reason()}</dt><dd class="pre-line">{reason}</dd></div>
                                })}
                            </dl>
                            {(channel.is_some() || has_transcript).then(|| view! {
                                <div class="row">
                                    {channel.map(|href| view! { <LinkButton href=href external=true>{w.tickets_in_discord()}<Icon name=IconName::External/></LinkButton> })}
                                    {has_transcript.then(|| view! { <LinkButton href=format!("/transcripts/{id}")>{w.tickets_transcript()}</LinkButton> })}
                                </div>
                            })}
                        </Card>
                        {sorting}
                        {people}
                    </div>
                </div>
            </div>
            {(summary.state.is_active()).then(|| view! {
                <p class="faint">
                    <LiveRegion region="ticket".to_owned() events=live every=0 note=w.common_updated_live().to_owned()/>
                </p>
            })}
        };
        Ok(server::frame(&access, place, Area::Tickets, title, body))
    })
}

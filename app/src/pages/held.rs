//! What is kept of a server, and what the next sweep will remove of it.

use domain::access::Capability;
use leptos::prelude::*;
use wardesk_core::privacy::held_of_guild::{
    self, COUNTED, Class, Decider, DryRun, HeldClass, Until,
};
use wardesk_core::transcripts::hold::HeldTicket;
use words::Words;

use super::load::loaded;
use super::server::{self, Area};
use crate::context::words;
use crate::ui::{Card, Table, Time, size};

/// A class in words, and what it is for.
fn told(w: Words, class: Class) -> (&'static str, &'static str) {
    match class {
        Class::Installation => (w.held_installation(), w.held_installation_why()),
        Class::Settings => (w.held_settings(), w.held_settings_why()),
        Class::Panels => (w.held_panels(), w.held_panels_why()),
        Class::LiveTickets => (w.held_live_tickets(), w.held_live_tickets_why()),
        Class::Transcripts => (w.held_transcripts(), w.held_transcripts_why()),
        Class::Files => (w.held_files(), w.held_files_why()),
        Class::Names => (w.held_names(), w.held_names_why()),
        Class::History => (w.held_history(), w.held_history_why()),
        Class::Audit => (w.held_audit(), w.held_audit_why()),
        Class::Alerts => (w.held_alerts(), w.held_alerts_why()),
        Class::Effects => (w.held_effects(), w.held_effects_why()),
        Class::Deliveries => (w.held_deliveries(), w.held_deliveries_why()),
        Class::Seats => (w.held_seats(), w.held_seats_why()),
    }
}

fn until(w: Words, until: Until, zone: &str) -> impl IntoView + use<> {
    let text = match until {
        Until::WhileHere => w.held_until_while_here(),
        Until::TicketOver => w.held_until_ticket_over(),
        Until::WithTicket => w.held_until_with_ticket(),
        Until::ForEver => w.held_until_for_ever(),
        Until::CarriedOut => w.held_until_carried_out(),
        Until::Licence => w.held_until_licence(),
        Until::Nothing => "–",
        Until::Oldest(at) => {
            let zone = zone.to_owned();
            return view! { {w.held_until_oldest()}<Time at=at zone=zone/> }.into_any();
        }
    };
    text.into_any()
}

fn decider(w: Words, decider: Decider) -> &'static str {
    match decider {
        Decider::Owner => w.held_decider_owner(),
        Decider::Service => w.held_decider_service(),
        Decider::Holder => w.held_decider_holder(),
    }
}

fn line(w: Words, one: HeldClass, zone: &str) -> impl IntoView + use<> {
    let (name, why) = told(w, one.class);
    let count = match one.count {
        Some(0) => w.held_nothing().to_owned(),
        Some(count) => count.to_string(),
        None => w.held_more_than(COUNTED.to_string()),
    };
    let bytes = one.bytes.filter(|bytes| *bytes > 0).map(|bytes| w.held_bytes(size(w, bytes)));
    let since = one.since.map_or_else(
        || "–".into_any(),
        |at| view! { <Time at=at zone=zone.to_owned()/> }.into_any(),
    );
    let until = until(w, one.until, zone);
    view! {
        <tr>
            <td data-label=w.held_column_what()><strong>{name}</strong><span class="faint below">{why}</span></td>
            <td data-label=w.held_column_count() class="num">{count}{bytes}</td>
            <td data-label=w.held_column_since()>{since}</td>
            <td data-label=w.held_column_until()>{until}</td>
            <td data-label=w.held_column_decider()>{decider(w, one.decider)}</td>
        </tr>
    }
}

fn holds(
    w: Words,
    all: Vec<HeldTicket>,
    more: bool,
    base: &str,
    zone: &str,
) -> impl IntoView + use<> {
    if all.is_empty() {
        return view! { <p class="muted">{w.held_no_holds()}</p> }.into_any();
    }
    let columns = [w.held_column_ticket(), w.held_column_reason(), w.held_column_held_since()];
    let lines = all.into_iter().map(|held| {
        let (href, zone) = (format!("{base}/tickets/{}", held.ticket), zone.to_owned());
        view! {
            <tr>
                <td data-label=columns[0]><a href=href>{w.held_hold_ticket(held.number.to_string())}</a></td>
                <td data-label=columns[1] class="wrap-anywhere">{held.reason}</td>
                <td data-label=columns[2]><Time at=held.at zone=zone/></td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    view! {
        <Table caption=w.held_holds() columns=columns.map(str::to_owned).to_vec()>{lines}</Table>
        {more.then(|| view! { <p class="muted">{w.held_more_holds()}</p> })}
    }
    .into_any()
}

/// Rows of a rule in words; the rule's name for one that has none.
fn rule(w: Words, name: &str, count: u64) -> String {
    match name {
        "audit" => w.held_next_audit(count),
        "alerts" => w.held_next_alerts(count),
        "outbox_dead" => w.held_next_outbox_dead(count),
        "inbox" => w.held_next_inbox(count),
        other => format!("{other}: {count}"),
    }
}

fn next(w: Words, run: &DryRun, zone: &str) -> impl IntoView + use<> {
    let (at, zone) = (run.at, zone.to_owned());
    let mut parts: Vec<String> =
        (run.tickets > 0).then(|| w.held_next_tickets(run.tickets)).into_iter().collect();
    parts.extend(run.rules.iter().map(|(name, count)| rule(w, name, *count)));
    let numbers = run.numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let all = u64::try_from(run.numbers.len()).unwrap_or(0) == run.tickets;
    let numbers = (!numbers.is_empty()).then(|| {
        if all { w.held_next_numbers(numbers) } else { w.held_next_numbers_first(numbers) }
    });
    let due = if parts.is_empty() {
        view! { <p>{w.held_next_nothing()}</p> }.into_any()
    } else {
        let parts = parts.into_iter().map(|part| view! { <li>{part}</li> }).collect_view();
        view! { <ul class="bullets">{parts}</ul> }.into_any()
    };
    view! {
        <Card title=w.held_next() id="next">
            <p class="muted">{w.held_next_text()}<Time at=at zone=zone/>":"</p>
            {due}
            {numbers.map(|numbers| view! { <p class="wrap-anywhere">{numbers}</p> })}
        </Card>
    }
}

/// The page `/servers/{guild}/held`.
#[component]
pub fn Held() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Configure).await?;
        let w = words();
        let place = server::place(&access).await?;
        let zone = access.time_zone().to_owned();
        let base = format!("/servers/{}", access.guild());
        let held = held_of_guild::held(&access).await?;
        let columns = [
            w.held_column_what(),
            w.held_column_count(),
            w.held_column_since(),
            w.held_column_until(),
            w.held_column_decider(),
        ];
        let lines = held.classes.into_iter().map(|one| line(w, one, &zone)).collect_view();
        let holds = holds(w, held.holds, held.more_holds, &base, &zone);
        let next = next(w, &held.next, &zone);
        let body = view! {
            <div class="page-head"><div><h1>{w.held_title()}</h1><p class="lede">{w.held_text()}</p></div></div>
            <Table caption=w.held_title() columns=columns.map(str::to_owned).to_vec()>{lines}</Table>
            <p class="muted">{w.held_keys(held.keys)}</p>
            <section class="stack-s" id="holds">
                <h2>{w.held_holds()}</h2>
                <p class="muted">{w.held_holds_text()}</p>
                {holds}
            </section>
            {next}
        };
        Ok(server::frame(&access, place, Area::Held, w.held_data().to_owned(), body))
    })
}

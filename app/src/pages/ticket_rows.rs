//! The table of tickets, as lists show it.

use domain::tickets::{Priority, TicketState};
use leptos::prelude::*;
use maud::{Markup, html};
use wardesk_core::guilds::avatar_url;
use wardesk_core::tickets::{Person as Named, TicketSummary};
use words::Words;

use crate::context::words;
use crate::ui::{self, EmptyState, IconName, Table, Tone, written};

fn state(w: Words, state: TicketState) -> Markup {
    match state {
        TicketState::Opening => ui::badge(w.tickets_state_opening(), Some(Tone::Info)),
        TicketState::Open => ui::badge(w.tickets_state_open(), Some(Tone::Good)),
        TicketState::Closing => ui::badge(w.tickets_state_closing(), Some(Tone::Warn)),
        TicketState::Closed => ui::badge(w.tickets_state_closed(), None),
        TicketState::Failed => ui::badge(w.tickets_state_failed(), Some(Tone::Danger)),
    }
}

/// A ticket's state in words.
pub fn state_badge(w: Words, of: TicketState) -> impl IntoView {
    written(state(w, of))
}

/// A priority in words.
pub fn priority_word(w: Words, priority: Priority) -> &'static str {
    match priority {
        Priority::Low => w.tickets_priority_low(),
        Priority::Normal => w.tickets_priority_normal(),
        Priority::High => w.tickets_priority_high(),
        Priority::Urgent => w.tickets_priority_urgent(),
    }
}

fn priority(w: Words, priority: Priority) -> Option<Markup> {
    let tone = match priority {
        Priority::Low => None,
        Priority::Normal => return None,
        Priority::High => Some(Tone::Warn),
        Priority::Urgent => Some(Tone::Danger),
    };
    Some(ui::badge(priority_word(w, priority), tone))
}

/// A priority that is not the usual one.
pub fn priority_badge(w: Words, of: Priority) -> Option<impl IntoView> {
    priority(w, of).map(written)
}

fn named(w: Words, person: &Named) -> Markup {
    let unknown = || super::nameless(w, person.id);
    let name = person.name.clone().unwrap_or_else(unknown);
    ui::person(&name, avatar_url(person.id, person.avatar.as_deref()).as_deref())
}

/// A person in a line.
pub fn person(w: Words, person: &Named) -> impl IntoView + use<> {
    written(named(w, person))
}

/// Tickets in a table, or why there are none.
pub fn rows(tickets: &[TicketSummary], zone: &str) -> impl IntoView + use<> {
    let w = words();
    if tickets.is_empty() {
        return view! {
            <EmptyState icon=IconName::Ticket title=w.tickets_none_title() text=w.tickets_none_text()/>
        }
        .into_any();
    }
    let columns = [
        w.tickets_column_number(),
        w.tickets_column_panel(),
        w.tickets_column_opener(),
        w.tickets_column_staff(),
        w.tickets_column_state(),
        w.tickets_column_created(),
    ];
    let lines = html! {
        @for t in tickets {
            tr {
                td data-label=(columns[0]) {
                    a href={ "/servers/" (t.guild) "/tickets/" (t.id) } class="row-link num" { (w.tickets_one(t.number)) }
                }
                td data-label=(columns[1]) { (t.panel_name) }
                td data-label=(columns[2]) { (named(w, &t.opener)) }
                td data-label=(columns[3]) {
                    @match &t.claimed_by {
                        Some(holder) => (named(w, holder)),
                        None => span class="faint" { (w.tickets_unclaimed()) },
                    }
                }
                td data-label=(columns[4]) {
                    span class="row" { (state(w, t.state)) @if let Some(badge) = priority(w, t.priority) { (badge) } }
                }
                td data-label=(columns[5]) { (ui::time(t.created, zone, w.locale())) }
            }
        }
    };
    let columns = columns.map(str::to_owned).to_vec();
    view! { <Table caption=w.tickets_title() columns=columns>{written(lines)}</Table> }.into_any()
}

//! The table of tickets, as lists show it.

use domain::tickets::{Priority, TicketState};
use leptos::prelude::*;
use wardesk_core::guilds::avatar_url;
use wardesk_core::tickets::{Person as Named, TicketSummary};
use words::Words;

use crate::context::words;
use crate::ui::{Badge, EmptyState, IconName, Person, Table, Time, Tone};

/// A ticket's state in words.
pub fn state_badge(w: Words, state: TicketState) -> impl IntoView {
    let (label, tone) = match state {
        TicketState::Opening => (w.tickets_state_opening(), Tone::Info),
        TicketState::Open => (w.tickets_state_open(), Tone::Good),
        TicketState::Closing => (w.tickets_state_closing(), Tone::Warn),
        TicketState::Closed => return view! { <Badge label=w.tickets_state_closed()/> }.into_any(),
        TicketState::Failed => (w.tickets_state_failed(), Tone::Danger),
    };
    view! { <Badge label=label tone=tone/> }.into_any()
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

/// A priority that is not the usual one.
pub fn priority_badge(w: Words, priority: Priority) -> Option<impl IntoView> {
    let label = priority_word(w, priority);
    match priority {
        Priority::Low => Some(view! { <Badge label=label/> }.into_any()),
        Priority::Normal => None,
        Priority::High => Some(view! { <Badge label=label tone=Tone::Warn/> }.into_any()),
        Priority::Urgent => Some(view! { <Badge label=label tone=Tone::Danger/> }.into_any()),
    }
}

/// A person in a line.
pub fn person(w: Words, person: &Named) -> impl IntoView {
    let name = person.name.clone().unwrap_or_else(|| super::nameless(w, person.id));
    view! { <Person name=name avatar=avatar_url(person.id, person.avatar.as_deref())/> }
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
    let lines = tickets
        .iter()
        .map(|t| {
            let href = format!("/servers/{}/tickets/{}", t.guild, t.id);
            view! {
                <tr>
                    <td data-label=columns[0]><a href=href class="row-link num">{w.tickets_one(t.number)}</a></td>
                    <td data-label=columns[1]>{t.panel_name.clone()}</td>
                    <td data-label=columns[2]>{person(w, &t.opener)}</td>
                    <td data-label=columns[3]>
                        {match &t.claimed_by {
                            Some(holder) => person(w, holder).into_any(),
                            None => view! { <span class="faint">{w.tickets_unclaimed()}</span> }.into_any(),
                        }}
                    </td>
                    <td data-label=columns[4]><span class="row">{state_badge(w, t.state)}{priority_badge(w, t.priority)}</span></td>
                    <td data-label=columns[5]><Time at=t.created zone=zone.to_owned()/></td>
                </tr>
            }
        })
        .collect_view();
    let columns = columns.map(str::to_owned).to_vec();
    view! { <Table caption=w.tickets_title() columns=columns>{lines}</Table> }.into_any()
}

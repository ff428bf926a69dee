//! The table of tickets, as lists show it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use domain::locale::Locale;
use domain::tickets::TicketState;
use leptos::prelude::*;
use moka::sync::Cache;
use wardesk_core::guilds::avatar_url;
use wardesk_core::tickets::{Page, Person as Named, TicketSummary};
use words::Words;

use crate::context::words;
use crate::ui::{Badge, EmptyState, Fragment, IconName, Kept, Person, Table, Time, Tone};

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

/// A person in a line.
pub fn person(w: Words, person: &Named) -> impl IntoView {
    let name = person.name.clone().unwrap_or_else(|| w.common_unknown_person().to_owned());
    view! { <Person name=name avatar=avatar_url(person.id, person.avatar.as_deref())/> }
}

/// Tables that were drawn, by the page of the list, the language and the time zone. A page is shared by all who
/// see the same list, so most of them need no drawing. The page is kept beside its table: as long as it is there,
/// no other one has its address.
type Drawn = Cache<(usize, Locale, String), (Arc<Page<TicketSummary>>, Fragment)>;

static DRAWN: LazyLock<Drawn> =
    LazyLock::new(|| Cache::builder().max_capacity(200).time_to_live(DRAWN_FOR).build());
/// How long a table is kept: a page of the list is not kept for longer.
const DRAWN_FOR: Duration = Duration::from_secs(5);

/// Tickets in a table, or why there are none.
pub fn rows(page: &Arc<Page<TicketSummary>>, zone: &str) -> impl IntoView + use<> {
    let w = words();
    if page.items.is_empty() {
        return view! {
            <EmptyState icon=IconName::Ticket title=w.tickets_none_title() text=w.tickets_none_text()/>
        }
        .into_any();
    }
    let key = (Arc::as_ptr(page).addr(), w.locale(), zone.to_owned());
    let (_, fragment) =
        DRAWN.get_with(key, || (Arc::clone(page), Fragment::of(table(w, &page.items, zone))));
    view! { <Kept fragment/> }.into_any()
}

fn table(w: Words, tickets: &[TicketSummary], zone: &str) -> impl IntoView + use<> {
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
                    <td data-label=columns[4]>{state_badge(w, t.state)}</td>
                    <td data-label=columns[5]><Time at=t.created zone=zone.to_owned()/></td>
                </tr>
            }
        })
        .collect_view();
    let columns = columns.map(str::to_owned).to_vec();
    view! { <Table caption=w.tickets_title() columns=columns>{lines}</Table> }
}

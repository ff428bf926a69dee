//! The list of a server's tickets.

use domain::access::Capability;
use domain::ids::UserId;
use domain::tickets::Priority;
use leptos::prelude::*;
use wardesk_core::tickets::{Person, StateFilter, TicketFilter, list, overview, panels};
use words::Words;

use super::flash::flash;
use super::load::loaded;
use super::query::query;
use super::server::{self, Area};
use super::ticket_rows::{priority_word, rows};
use crate::context::words;
use crate::islands::LiveRegion;
use crate::ui::{
    Button, ButtonKind, EmptyState, IconName, LinkButton, Pagination, Select, SelectOption,
};

/// Tickets of a page.
const PAGE: u32 = 50;
/// From more entries than this a filter can be searched.
const MANY: usize = 8;
/// How often the list looks for changes, in milliseconds.
const LOOK_EVERY: u32 = 15_000;

fn state_filter(word: Option<&str>) -> (StateFilter, &'static str) {
    match word {
        Some("active") => (StateFilter::Active, "active"),
        Some("closed") => (StateFilter::Closed, "closed"),
        Some("failed") => (StateFilter::Failed, "failed"),
        _ => (StateFilter::Any, ""),
    }
}

/// The word for tickets that nobody has claimed, where others name a person.
const NOBODY: &str = "none";

/// The people that a filter offers; one who is chosen and not among them is added.
fn people_options(
    w: Words,
    people: &[Person],
    chosen: Option<UserId>,
    first: &[(&str, &str)],
) -> Vec<SelectOption> {
    let mut options: Vec<_> =
        first.iter().map(|(value, label)| SelectOption::new(*value, *label)).collect();
    let unknown = || w.common_unknown_person().to_owned();
    if let Some(id) = chosen.filter(|id| !people.iter().any(|p| p.id == *id)) {
        options.push(SelectOption::new(id.to_string(), unknown()));
    }
    options.extend(
        people
            .iter()
            .map(|p| SelectOption::new(p.id.to_string(), p.name.clone().unwrap_or_else(unknown))),
    );
    options
}

/// The page `/servers/{guild}/tickets`.
#[component]
pub fn Tickets() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::See).await?;
        let w = words();
        let place = server::place(&access).await?;
        let zone = access.time_zone().to_owned();
        let (state, state_word) = state_filter(query("state").as_deref());
        let staff = query("staff");
        let filter = TicketFilter {
            state,
            panel: query("panel").and_then(|p| p.parse().ok()),
            opener: query("opener").and_then(|p| p.parse().ok()),
            claimed_by: staff.as_deref().and_then(|p| p.parse().ok()),
            unclaimed: staff.as_deref() == Some(NOBODY),
            priority: query("priority").and_then(|word| Priority::parse(&word)),
        };
        let cursor = query("after").and_then(|c| c.parse().ok());
        let page = list(&access, &filter, cursor, PAGE).await?;
        let people = overview::people(&access).await?;
        let base = format!("/servers/{}/tickets", access.guild());
        let panel = filter.panel.map(|p| p.to_string()).unwrap_or_default();
        let opener = filter.opener.map(|p| p.to_string()).unwrap_or_default();
        let staff = match filter.claimed_by {
            Some(holder) => holder.to_string(),
            None if filter.unclaimed => NOBODY.to_owned(),
            None => String::new(),
        };
        let priority = filter.priority.map_or("", Priority::as_str);
        let filtered = filter != TicketFilter::default();
        let query_text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(
                [
                    ("state", state_word),
                    ("panel", &panel),
                    ("opener", &opener),
                    ("staff", &staff),
                    ("priority", priority),
                ]
                .into_iter()
                .filter(|(_, v)| !v.is_empty()),
            )
            .finish();
        let older = page.next.map(|next| format!("{base}?{query_text}&after={next}"));
        let newer = cursor.is_some().then(|| format!("{base}?{query_text}"));
        let any = ("", w.tickets_filter_any());
        let mut panel_options = vec![SelectOption::new("", w.tickets_filter_any())];
        for (id, name) in panels::names(access.wardesk(), access.guild()).await? {
            panel_options.push(SelectOption::new(id.to_string(), name));
        }
        let openers = people_options(w, &people.openers, filter.opener, &[any]);
        let nobody = (NOBODY, w.tickets_unclaimed());
        let holders = people_options(w, &people.holders, filter.claimed_by, &[any, nobody]);
        let states = vec![
            SelectOption::new("", w.tickets_filter_any()),
            SelectOption::new("active", w.tickets_filter_active()),
            SelectOption::new("closed", w.tickets_filter_closed()),
            SelectOption::new("failed", w.tickets_filter_failed()),
        ];
        let mut priorities = vec![SelectOption::new("", w.tickets_filter_any())];
        for one in Priority::ALL.into_iter().rev() {
            priorities.push(SelectOption::new(one.as_str(), priority_word(w, one)));
        }
        let all = base.clone();
        let table = if page.items.is_empty() && filtered {
            view! {
                <EmptyState icon=IconName::Search title=w.tickets_none_match_title() text=w.tickets_none_match_text()>
                    <LinkButton href=all>{w.tickets_filter_clear()}</LinkButton>
                </EmptyState>
            }.into_any()
        } else {
            rows(&page.items, &zone).into_any()
        };
        let body = view! {
            {flash()}
            <div class="page-head"><div><h1>{w.tickets_title()}</h1></div></div>
            <form method="get" action=base.clone() class="filters" aria-label=w.tickets_filters()>
                <Select name="state" label=w.tickets_filter_state() value=state_word options=states/>
                <Select name="panel" label=w.tickets_filter_panel() value=panel options=panel_options/>
                <Select name="opener" label=w.tickets_column_opener() value=opener search={openers.len() > MANY} options=openers/>
                <Select name="staff" label=w.tickets_column_staff() value=staff search={holders.len() > MANY} options=holders/>
                <Select name="priority" label=w.tickets_column_priority() value=priority options=priorities/>
                <div class="row">
                    <Button>{w.tickets_filter_apply()}</Button>
                    {filtered.then(|| view! { <LinkButton href=base.clone() kind=ButtonKind::Quiet>{w.tickets_filter_clear()}</LinkButton> })}
                </div>
            </form>
            <div id="ticket-list" class="stack">{table}<Pagination newer=newer older=older/></div>
            <p class="faint">
                <LiveRegion region="ticket-list".to_owned() events=String::new() every=LOOK_EVERY note=w.common_updated_live().to_owned()/>
            </p>
        };
        Ok(server::frame(&access, place, Area::Tickets, w.tickets_title().to_owned(), body))
    })
}

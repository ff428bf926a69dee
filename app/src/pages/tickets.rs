//! The list of a server's tickets.

use domain::access::Capability;
use leptos::prelude::*;
use wardesk_core::guilds;
use wardesk_core::tickets::{StateFilter, TicketFilter, list, panels};

use super::load::loaded;
use super::query::query;
use super::server::{self, Area};
use super::ticket_rows::rows;
use crate::context::words;
use crate::islands::LiveRegion;
use crate::ui::{Button, EmptyState, IconName, Pagination, Select, SelectOption, TextInput};

/// Tickets of a page.
const PAGE: u32 = 50;
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

/// The page `/servers/{guild}/tickets`.
#[component]
pub fn Tickets() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::See).await?;
        let w = words();
        let server = server::name(&access).await?;
        let zone = guilds::settings(&access).await?.settings.time_zone;
        let (state, state_word) = state_filter(query("state").as_deref());
        let filter = TicketFilter {
            state,
            panel: query("panel").and_then(|p| p.parse().ok()),
            opener: query("opener").and_then(|p| p.parse().ok()),
            claimed_by: query("staff").and_then(|p| p.parse().ok()),
        };
        let cursor = query("after").and_then(|c| c.parse().ok());
        let page = list(&access, &filter, cursor, PAGE).await?;
        let base = format!("/servers/{}/tickets", access.guild());
        let panel = filter.panel.map(|p| p.to_string()).unwrap_or_default();
        let opener = filter.opener.map(|p| p.to_string()).unwrap_or_default();
        let staff = filter.claimed_by.map(|p| p.to_string()).unwrap_or_default();
        let filtered = filter != TicketFilter::default();
        let query_text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(
                [("state", state_word), ("panel", &panel), ("opener", &opener), ("staff", &staff)]
                    .into_iter()
                    .filter(|(_, v)| !v.is_empty()),
            )
            .finish();
        let older = page.next.map(|next| format!("{base}?{query_text}&after={next}"));
        let newer = cursor.is_some().then(|| format!("{base}?{query_text}"));
        let mut panel_options = vec![SelectOption::new("", w.tickets_filter_any())];
        for (id, name) in panels::names(access.wardesk(), access.guild()).await? {
            panel_options.push(SelectOption::new(id.to_string(), name));
        }
        let states = vec![
            SelectOption::new("", w.tickets_filter_any()),
            SelectOption::new("active", w.tickets_filter_active()),
            SelectOption::new("closed", w.tickets_filter_closed()),
            SelectOption::new("failed", w.tickets_filter_failed()),
        ];
        let table = if page.items.is_empty() && filtered {
            view! { <EmptyState icon=IconName::Search title=w.tickets_none_match_title() text=w.tickets_none_match_text()/> }.into_any()
        } else {
            rows(page.items, &zone).into_any()
        };
        let body = view! {
            <h1>{w.tickets_title()}</h1>
            <form method="get" action=base.clone() class="filters">
                <Select name="state" label=w.tickets_filter_state() value=state_word options=states/>
                <Select name="panel" label=w.tickets_filter_panel() value=panel options=panel_options/>
                <TextInput name="opener" label=w.tickets_filter_opener() value=opener/>
                <TextInput name="staff" label=w.tickets_filter_staff() value=staff/>
                <Button>{w.tickets_filter_apply()}</Button>
            </form>
            <div id="ticket-list" class="stack">{table}<Pagination newer=newer older=older/></div>
            <p class="faint">
                <LiveRegion region="ticket-list".to_owned() events=String::new() every=LOOK_EVERY note=w.common_updated_live().to_owned()/>
            </p>
        };
        Ok(server::frame(&access, server, Area::Tickets, w.tickets_title().to_owned(), body))
    })
}

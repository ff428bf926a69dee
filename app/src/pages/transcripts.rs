//! The transcripts of the tickets that a person opened.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::tickets::TicketState;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::transcripts::keeping;
use wardesk_core::{guilds, tickets, transcripts};

use super::load::{asker, loaded};
use super::query::query;
use super::search::{self, Asked};
use super::ticket_rows::state_badge;
use super::transcript_keeping;
use crate::context::words;
use crate::ui::{EmptyState, IconName, LinkButton, Pagination, Table, Time};

/// Tickets of a page.
const PAGE: u32 = 50;

/// The page `/transcripts`.
#[component]
pub fn Transcripts() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        let w = words();
        let asked = Asked::read("UTC");
        let text = asked.as_ref().map(|a| a.text.clone()).unwrap_or_default();
        let field = search::field(w, "/transcripts".to_owned(), w.transcripts_search_own(), &text);
        if let Some(asked) = asked {
            let (before, limit) = asked.page();
            let hits = match &asked.query {
                Ok(query) => {
                    Ok(transcripts::search::own(&wardesk, &session, query, before, limit).await?)
                }
                Err(error) => Err(*error),
            };
            let shown = search::results(w, &asked, hits, "/transcripts", "UTC");
            return Ok(view! {
                <Title text=w.transcripts_title()/>
                <div class="page-middle stack">
                    <div class="page-head"><div><h1>{w.transcripts_mine()}</h1></div>{field}</div>
                    {search::hint(w)}
                    {shown}
                    <p><LinkButton href="/transcripts">{w.transcripts_mine()}</LinkButton></p>
                </div>
            }
            .into_any());
        }
        let cursor = query("after").and_then(|c| c.parse().ok());
        let page = tickets::mine(&wardesk, &session, cursor, PAGE).await?;
        let none = page.items.is_empty();
        let columns = [
            w.tickets_column_number(),
            w.transcripts_server(),
            w.tickets_column_panel(),
            w.tickets_column_state(),
            w.tickets_column_created(),
            w.transcripts_kept(),
        ];
        let mut servers = HashMap::new();
        for ticket in &page.items {
            if let Entry::Vacant(place) = servers.entry(ticket.guild) {
                let name = guilds::installation(&wardesk, ticket.guild).await?.map(|i| i.name);
                let rules = keeping::rules(&wardesk, ticket.guild).await?;
                place.insert((name.unwrap_or_default(), rules));
            }
        }
        let lines = page.items.into_iter().map(|t| {
            let (server, rules) = servers.get(&t.guild).cloned().unzip();
            let kept = rules.map(|rules| rules.kept(t.closed, t.keep_until, t.held));
            let kept = kept.map(|kept| transcript_keeping::kept(w, kept, "UTC"));
            let readable = !matches!(t.state, TicketState::Opening | TicketState::Failed);
            let name = w.tickets_one(t.number);
            view! {
                <tr>
                    <td data-label=columns[0]>
                        {if readable { view! { <a class="row-link num" href=format!("/transcripts/{}", t.id)>{name}</a> }.into_any() } else { name.into_any() }}
                    </td>
                    <td data-label=columns[1]>{server}</td>
                    <td data-label=columns[2]>{t.panel_name}</td>
                    <td data-label=columns[3]>{state_badge(w, t.state)}</td>
                    <td data-label=columns[4]><Time at=t.created/></td>
                    <td data-label=columns[5]>{kept}</td>
                </tr>
            }
        }).collect_view();
        let names = columns.map(str::to_owned).to_vec();
        let older = page.next.map(|next| format!("/transcripts?after={next}"));
        let newer = cursor.map(|_| "/transcripts".to_owned());
        Ok(view! {
            <Title text=w.transcripts_title()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.transcripts_mine()}</h1><p class="lede">{w.transcripts_text()}</p></div>{(!none).then_some(field)}</div>
                {if none {
                    view! { <EmptyState icon=IconName::Transcript title=w.transcripts_none_title() text=w.transcripts_none_text()/> }.into_any()
                } else {
                    view! { <Table caption=w.transcripts_mine() columns=names>{lines}</Table> }.into_any()
                }}
                <Pagination newer=newer older=older/>
            </div>
        }
        .into_any())
    })
}

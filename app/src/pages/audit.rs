//! The audit log of a server.

mod diff;

use std::collections::HashMap;

use domain::access::Capability;
use leptos::prelude::*;
use wardesk_core::{audit, guilds};
use words::Words;

use super::load::{broken, loaded};
use super::query::query;
use super::server::{self, Area};
use crate::context::words;
use crate::ui::{EmptyState, IconName, Pagination, Table, Time};

/// What was done, in words; the code itself for an action that has none.
fn action(w: Words, code: &str) -> String {
    match code {
        "settings.saved" => w.audit_settings_saved(),
        "panel.created" => w.audit_panel_created(),
        "panel.saved" => w.audit_panel_saved(),
        "panel.published" => w.audit_panel_published(),
        "panel.removed" => w.audit_panel_removed(),
        "ticket.opened" => w.audit_ticket_opened(),
        "ticket.claimed" => w.audit_ticket_claimed(),
        "ticket.unclaimed" => w.audit_ticket_unclaimed(),
        "ticket.closed" => w.audit_ticket_closed(),
        "ticket.member_added" => w.audit_ticket_member_added(),
        "ticket.member_removed" => w.audit_ticket_member_removed(),
        other => other,
    }
    .to_owned()
}

/// The page `/servers/{guild}/audit`.
#[component]
pub fn Audit() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Configure).await?;
        let w = words();
        let place = server::place(&access).await?;
        let zone = guilds::settings(&access).await?.settings.time_zone;
        let before = query("before").and_then(|b| b.parse::<i64>().ok());
        let entries = audit::list(&access, before).await?;
        let full = i64::try_from(entries.len()).unwrap_or(0) == audit::PAGE;
        let base = format!("/servers/{}/audit", access.guild());
        let older = entries.last().filter(|_| full).map(|e| format!("{base}?before={}", e.seq));
        let newer = before.map(|_| base.clone());
        let mut names = HashMap::new();
        for id in entries.iter().filter_map(|e| e.actor) {
            if !names.contains_key(&id) {
                let name = audit::name_of(&access, id).await.map_err(|e| broken(&e))?;
                names.insert(id, name.unwrap_or_else(|| id.to_string()));
            }
        }
        let columns = [w.audit_column_when(), w.audit_column_who(), w.audit_column_what()];
        let none = entries.is_empty();
        let lines = entries.into_iter().map(|entry| {
            let who = entry.actor.and_then(|id| names.get(&id).cloned());
            let who = who.unwrap_or_else(|| w.tickets_the_bot().to_owned());
            let what = action(w, &entry.action);
            let changes = diff::changes(entry.before.as_deref(), entry.after.as_deref());
            view! {
                <tr>
                    <td data-label=columns[0] class="narrow"><Time at=entry.at zone=zone.clone()/></td>
                    <td data-label=columns[1]>{who}</td>
                    <td data-label=columns[2]>
                        {if changes.is_empty() {
                            what.into_any()
                        } else {
                            view! {
                                <details class="audit-details">
                                    <summary>{what}</summary>
                                    {diff::table(w, changes)}
                                </details>
                            }.into_any()
                        }}
                    </td>
                </tr>
            }
        }).collect_view();
        let names = columns.map(str::to_owned).to_vec();
        let body = view! {
            <div class="page-head"><div><h1>{w.audit_title()}</h1><p class="lede">{w.audit_text()}</p></div></div>
            {if none {
                view! { <EmptyState icon=IconName::Logs title=w.audit_none_title() text=w.audit_none_text()/> }.into_any()
            } else {
                view! { <Table caption=w.audit_title() columns=names>{lines}</Table> }.into_any()
            }}
            <Pagination newer=newer older=older/>
        };
        Ok(server::frame(&access, place, Area::Audit, w.audit_title().to_owned(), body))
    })
}

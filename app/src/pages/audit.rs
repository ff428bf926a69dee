//! The audit log of a server.

use domain::access::Capability;
use leptos::prelude::*;
use wardesk_core::{audit, guilds};

use super::load::{broken, loaded};
use super::query::query;
use super::server::{self, Area};
use crate::context::words;
use crate::ui::{EmptyState, IconName, Pagination, Table, Time};

/// JSON with line breaks, for people to compare.
fn pretty(text: Option<&String>) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text?).ok()?;
    serde_json::to_string_pretty(&value).ok()
}

/// The page `/servers/{guild}/audit`.
#[component]
pub fn Audit() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Configure).await?;
        let w = words();
        let server = server::name(&access).await?;
        let zone = guilds::settings(&access).await?.settings.time_zone;
        let before = query("before").and_then(|b| b.parse::<i64>().ok());
        let entries = audit::list(&access, before).await?;
        let full = i64::try_from(entries.len()).unwrap_or(0) == audit::PAGE;
        let base = format!("/servers/{}/audit", access.guild());
        let older = entries.last().filter(|_| full).map(|e| format!("{base}?before={}", e.seq));
        let newer = before.map(|_| base.clone());
        let mut people = Vec::new();
        for entry in &entries {
            let name = match entry.actor {
                None => w.tickets_the_bot().to_owned(),
                Some(id) => match audit::name_of(&access, id).await.map_err(|e| broken(&e))? {
                    Some(name) => name,
                    None => id.to_string(),
                },
            };
            people.push(name);
        }
        let columns = [w.audit_column_when(), w.audit_column_who(), w.audit_column_what()];
        let none = entries.is_empty();
        let lines = entries.into_iter().zip(people).map(|(entry, who)| {
            let (was, is) = (pretty(entry.before.as_ref()), pretty(entry.after.as_ref()));
            let changed = was.is_some() || is.is_some();
            view! {
                <tr>
                    <td data-label=columns[0]><Time at=entry.at zone=zone.clone()/></td>
                    <td data-label=columns[1]>{who}</td>
                    <td data-label=columns[2]>
                        <code>{entry.action}</code>
                        {changed.then(|| view! {
                            <details>
                                <summary>{w.common_details()}</summary>
                                {was.map(|text| view! { <p class="muted">{w.audit_before()}</p><pre tabindex="0">{text}</pre> })}
                                {is.map(|text| view! { <p class="muted">{w.audit_after()}</p><pre tabindex="0">{text}</pre> })}
                            </details>
                        })}
                    </td>
                </tr>
            }
        }).collect_view();
        let names = columns.map(str::to_owned).to_vec();
        let body = view! {
            <div class="page-head"><div><h1>{w.audit_title()}</h1><p class="muted">{w.audit_text()}</p></div></div>
            {if none {
                view! { <EmptyState icon=IconName::Logs title=w.audit_none_title() text=w.audit_none_text()/> }.into_any()
            } else {
                view! { <Table caption=w.audit_title() columns=names>{lines}</Table> }.into_any()
            }}
            <Pagination newer=newer older=older/>
        };
        Ok(server::frame(&access, server, Area::Audit, w.audit_title().to_owned(), body))
    })
}

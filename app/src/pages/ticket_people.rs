//! Who is in a ticket, and how staff let somebody in.

use domain::ids::TicketId;
use leptos::prelude::*;
use wardesk_core::guilds::GuildAccess;
use wardesk_core::tickets::{
    self, FoundMember, LONGEST_NAME, MOST_FOUND, TicketDetail, TicketError,
};
use words::Words;

use super::load::Instead;
use super::ticket_rows::person;
use crate::ui::{Alert, Badge, Button, ButtonKind, Card, Field, Tone};

/// The id of the card: where the search leads back to.
const CARD: &str = "people";

/// What staff searched for, and who was found; `None` when Discord did not say.
pub struct Search {
    text: String,
    found: Option<Vec<FoundMember>>,
}

/// Looks for somebody to let in. Nothing when that is not possible any more.
pub async fn look(
    access: &GuildAccess,
    ticket: TicketId,
    text: String,
) -> Result<Option<Search>, Instead> {
    let found = match tickets::find_members(access, ticket, &text).await {
        Ok(found) => Some(found),
        Err(TicketError::Discord(_)) => None,
        Err(TicketError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // What is longer is no name: the field shows its beginning.
    let text = text.chars().take(2 * LONGEST_NAME).collect();
    Ok(Some(Search { text, found }))
}

/// The people of a ticket.
pub fn people(
    w: Words,
    detail: &TicketDetail,
    search: Option<Search>,
    path: &str,
) -> impl IntoView + use<> {
    let path = path.to_owned();
    let may = detail.may.change_members;
    let none = detail.members.is_empty();
    let members = detail
        .members
        .iter()
        .map(|m| {
            let id = m.person.id.to_string();
            let label = m.person.name.as_deref().map(|name| w.tickets_remove_named(name));
            view! {
                <li class="row">
                    <span class="grow">{person(w, &m.person)}</span>
                    {may.then(|| view! {
                        <form method="post" action=path.clone()>
                            <input type="hidden" name="user" value=id/>
                            <Button small=true kind=ButtonKind::Quiet name="action" value="remove" label=label.unwrap_or_else(|| w.tickets_remove().to_owned())>
                                {w.tickets_remove()}
                            </Button>
                        </form>
                    })}
                </li>
            }
        })
        .collect_view();
    view! {
        <Card title=w.tickets_people() id=CARD>
            {if none {
                view! { <p class="muted">{w.tickets_no_members()}</p> }.into_any()
            } else {
                view! { <ul class="stack-s">{members}</ul> }.into_any()
            }}
            {may.then(|| adding(w, search, &path))}
        </Card>
    }
}

/// The search, and who was found.
fn adding(w: Words, search: Option<Search>, path: &str) -> impl IntoView + use<> {
    let text = search.as_ref().map(|s| s.text.clone()).unwrap_or_default();
    let results = search.map(|search| match search.found {
        None => view! {
            <Alert tone=Tone::Danger announce=true><p>{w.tickets_find_unavailable()}</p></Alert>
        }
        .into_any(),
        Some(found) if found.is_empty() => {
            view! { <p class="muted" role="status">{w.tickets_found_none()}</p> }.into_any()
        }
        Some(found) => results(w, found, path).into_any(),
    });
    view! {
        <form method="get" action=format!("{path}#{CARD}") role="search">
            <Field id="who" label=w.tickets_add_member() hint=Some(w.tickets_add_member_hint().to_owned())>
                <div class="search">
                    <input class="input" type="search" id="who" name="who" value=text autocomplete="off" aria-describedby="who-hint"/>
                    <Button>{w.common_search()}</Button>
                </div>
            </Field>
        </form>
        {results}
    }
}

fn results(w: Words, found: Vec<FoundMember>, path: &str) -> impl IntoView + use<> {
    let more = found.len() >= usize::from(MOST_FOUND);
    let entries = found
        .into_iter()
        .map(|member| {
            let add = if member.inside {
                view! { <Badge label=w.tickets_found_inside()/> }.into_any()
            } else {
                let name = member.person.name.as_deref().unwrap_or(&member.username);
                view! {
                    <form method="post" action=path.to_owned()>
                        <input type="hidden" name="user" value=member.person.id.to_string()/>
                        <Button small=true name="action" value="add" label=w.tickets_add_named(name)>{w.tickets_add()}</Button>
                    </form>
                }
                .into_any()
            };
            view! {
                <li class="found">
                    {person(w, &member.person)}
                    <span class="faint wrap-anywhere">{format!("@{}", member.username)}</span>
                    {add}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="stack-s">
            <h3>{w.tickets_found()}</h3>
            <ul>{entries}</ul>
            {more.then(|| view! { <p class="faint">{w.tickets_found_more(MOST_FOUND)}</p> })}
        </div>
    }
}

//! How urgent a ticket is and whose: staff set the priority and move it to another panel.

use domain::tickets::Priority;
use leptos::prelude::*;
use wardesk_core::tickets::TicketDetail;
use words::Words;

use super::ticket_rows::priority_word;
use crate::ui::{Button, Card, Select, SelectOption};

/// From more panels than this the list can be searched.
const MANY: usize = 8;

/// The card with both forms; nothing for those who may not.
pub fn sort(w: Words, detail: &TicketDetail, path: &str) -> Option<impl IntoView + use<>> {
    if !detail.may.sort {
        return None;
    }
    let (path, now) = (path.to_owned(), detail.summary.priority);
    let priorities = Priority::ALL
        .into_iter()
        .rev()
        .map(|one| SelectOption::new(one.as_str(), priority_word(w, one)))
        .collect();
    let targets: Vec<SelectOption> = detail
        .targets
        .iter()
        .map(|(id, name)| SelectOption::new(id.to_string(), name.clone()))
        .collect();
    let moving = (!targets.is_empty()).then(|| {
        view! {
            <form method="post" action=path.clone() class="stack-s">
                <Select name="panel" label=w.tickets_move_panel() hint=w.tickets_move_hint() search={targets.len() > MANY} options=targets/>
                <div><Button name="action" value="move">{w.tickets_move()}</Button></div>
            </form>
        }
    });
    Some(view! {
        <Card title=w.tickets_sort()>
            <form method="post" action=path.clone() class="stack-s">
                <Select name="priority" label=w.tickets_column_priority() value=now.as_str() options=priorities/>
                <div><Button name="action" value="priority">{w.tickets_priority_set()}</Button></div>
            </form>
            {moving}
        </Card>
    })
}

//! The operators' list of requests.

use domain::ids::RequestId;
use domain::privacy::RequestState;
use domain::time::Millis;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::privacy::requests::{self, Request};
use words::Words;

use super::{DESK, REGISTER, kind_name, state_badge, state_name, via_name};
use crate::context::words;
use crate::pages::flash::flash;
use crate::pages::load::loaded;
use crate::pages::operator;
use crate::pages::query::query;
use crate::ui::{Badge, EmptyState, IconName, NavItem, Pagination, Table, Tabs, Time, Tone};

/// The states, those first in which the operators have something to do.
const STATES: [RequestState; 7] = [
    RequestState::Open,
    RequestState::WithOwner,
    RequestState::Unverified,
    RequestState::UnderWay,
    RequestState::Done,
    RequestState::Partly,
    RequestState::Declined,
];

/// Where a page begins, as the address has it: when it is due, and the id.
fn place(text: &str) -> Option<(Millis, RequestId)> {
    let (due, id) = text.split_once('.')?;
    Some((Millis(due.parse().ok()?), id.parse().ok()?))
}

fn lines(w: Words, all: Vec<Request>, now: Millis) -> impl IntoView {
    let columns = [
        w.requests_desk_kind(),
        w.requests_desk_due(),
        w.requests_status_state(),
        w.requests_desk_via(),
        w.requests_desk_made(),
    ];
    let lines = all.into_iter().map(move |one| {
        let open = !one.state.is_decided() && one.state != RequestState::UnderWay;
        let overdue = open && one.clock().is_overdue(now);
        view! {
            <tr>
                <td data-label=columns[0]><a class="row-link" href=format!("{DESK}/{}", one.id)>{kind_name(w, one.kind)}</a></td>
                <td data-label=columns[1]><Time at=one.due/>" "{overdue.then(|| view! { <Badge label=w.requests_desk_overdue() tone=Tone::Danger/> })}</td>
                <td data-label=columns[2]>{state_badge(w, one.state)}</td>
                <td data-label=columns[3]>{via_name(w, one.via)}</td>
                <td data-label=columns[4]><Time at=one.made/></td>
            </tr>
        }
    });
    view! {
        <Table caption=w.requests_desk_title() columns=columns.map(str::to_owned).to_vec()>{lines.collect_view()}</Table>
    }
}

/// The page `/operator/privacy`.
#[component]
pub fn RequestsDesk() -> impl IntoView {
    loaded(async move {
        let access = operator::access()?;
        let w = words();
        let state = query("state").and_then(|word| RequestState::parse(&word));
        let state = state.unwrap_or(RequestState::Open);
        let after = query("after").and_then(|text| place(&text));
        let page = requests::list(&access, state, after).await?;
        let tabs = STATES.map(|one| NavItem {
            href: format!("{DESK}?state={}", one.as_str()),
            label: state_name(w, one).to_owned(),
            icon: None,
            current: one == state,
        });
        let base = format!("{DESK}?state={}", state.as_str());
        let older = page.next.map(|(due, id)| format!("{base}&after={}.{id}", due.0));
        let newer = after.map(|_| base);
        let now = access.wardesk().now();
        Ok(view! {
            <Title text=w.requests_desk_title()/>
            <div class="stack">
                <div class="page-head"><div><h1>{w.requests_desk_title()}</h1><p class="lede">{w.requests_desk_lede()}</p></div></div>
                {flash()}
                <Tabs label=w.requests_desk_filters() items=tabs.to_vec()/>
                {if page.requests.is_empty() {
                    view! { <EmptyState icon=IconName::Shield title=w.requests_desk_none_title() text=w.requests_desk_none_text()/> }.into_any()
                } else {
                    lines(w, page.requests, now).into_any()
                }}
                <Pagination newer=newer older=older/>
                <p><a href=REGISTER>{w.requests_disclosures_title()}</a></p>
            </div>
        })
    })
}

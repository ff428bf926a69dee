//! What operators of the service see and do.

mod licence;
mod licences;

use domain::licences::Source;
use leptos::prelude::*;
use wardesk_core::licences::operator::{self, OperatorAccess, OperatorEntry};
use words::Words;

use super::load::{Instead, asker};
use crate::ui::{Table, Time};

pub use licence::OperatorLicencePage;
pub use licences::OperatorLicences;

/// Where operators' pages begin.
const BASE: &str = "/operator/licences";

/// Proves that the person operates the service.
pub(super) fn access() -> Result<OperatorAccess, Instead> {
    let (wardesk, session) = asker()?;
    Ok(operator::authorize(&wardesk, &session)?)
}

/// What was done, in a word.
fn act(w: Words, action: &str) -> String {
    match action {
        "licence.issued" => w.licences_act_issued(),
        "licence.extended" => w.licences_act_extended(),
        "licence.suspended" => w.licences_act_suspended(),
        "licence.resumed" => w.licences_act_resumed(),
        "licence.revoked" => w.licences_act_revoked(),
        "requests.listed" => w.requests_act_listed(),
        "request.seen" => w.requests_act_seen(),
        "request.decided" => w.requests_act_decided(),
        "request.extended" => w.requests_act_extended(),
        "request.handed_over" => w.requests_act_handed_over(),
        "request.sorted" => w.requests_act_sorted(),
        "disclosures.listed" => w.requests_act_disclosures_listed(),
        "disclosure.noted" => w.requests_act_disclosure_noted(),
        "disclosure.settled" => w.requests_act_disclosure_settled(),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// What an entry is about, as a link to it.
fn about(entry: &OperatorEntry) -> Option<impl IntoView + use<>> {
    let other = entry.about.as_deref().and_then(|about| about.split_once(':'));
    let (base, id) = match (entry.licence, other) {
        (Some(licence), _) => (BASE, licence.to_string()),
        (None, Some(("request", id))) => ("/operator/privacy", id.to_owned()),
        (None, Some((_, id))) => return Some(view! { <code>{id.to_owned()}</code> }.into_any()),
        (None, None) => return None,
    };
    Some(view! { <a href=format!("{base}/{id}")><code>{id.clone()}</code></a> }.into_any())
}

/// The operators' log, or the part about one licence.
fn log(w: Words, entries: Vec<OperatorEntry>) -> impl IntoView {
    if entries.is_empty() {
        return view! { <p class="muted">{w.licences_operator_log_none()}</p> }.into_any();
    }
    let columns =
        [w.audit_column_when(), w.audit_column_who(), w.audit_column_what(), w.licences_licence()];
    let lines = entries.into_iter().map(move |entry| {
        let who = entry
            .actor
            .map_or_else(|| w.licences_operator_console().to_owned(), |id| id.to_string());
        let about = about(&entry);
        view! {
            <tr>
                <td data-label=columns[0]><Time at=entry.at/></td>
                <td data-label=columns[1]>{who}</td>
                <td data-label=columns[2]>{act(w, &entry.action)}</td>
                <td data-label=columns[3]>{about}</td>
            </tr>
        }
    });
    view! {
        <Table caption=w.licences_operator_log() columns=columns.map(str::to_owned).to_vec()>{lines.collect_view()}</Table>
    }
    .into_any()
}

/// The kinds of licence that operators issue.
const KINDS: [Source; 2] = [Source::Operator, Source::Gift];

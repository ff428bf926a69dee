//! What is held about somebody, place by place.

use leptos::prelude::*;
use wardesk_core::privacy::held::{Held, HeldItem, HeldPlace, Until};
use words::Words;

use crate::ui::{Card, Table, Time};

/// A kind in words, and what it is for.
fn told(w: Words, held: Held) -> (&'static str, &'static str) {
    match held {
        Held::Account => (w.privacy_held_account(), w.privacy_held_account_why()),
        Held::Sessions => (w.privacy_held_sessions(), w.privacy_held_sessions_why()),
        Held::Drafts => (w.privacy_held_drafts(), w.privacy_held_drafts_why()),
        Held::Tickets => (w.privacy_held_tickets(), w.privacy_held_tickets_why()),
        Held::Words => (w.privacy_held_words(), w.privacy_held_words_why()),
        Held::Files => (w.privacy_held_files(), w.privacy_held_files_why()),
        Held::Reactions => (w.privacy_held_reactions(), w.privacy_held_reactions_why()),
        Held::Names => (w.privacy_held_names(), w.privacy_held_names_why()),
        Held::Members => (w.privacy_held_members(), w.privacy_held_members_why()),
        Held::Deeds => (w.privacy_held_deeds(), w.privacy_held_deeds_why()),
        Held::Audit => (w.privacy_held_audit(), w.privacy_held_audit_why()),
        Held::Links => (w.privacy_held_links(), w.privacy_held_links_why()),
        Held::Customer => (w.privacy_held_customer(), w.privacy_held_customer_why()),
        Held::Operator => (w.privacy_held_operator(), w.privacy_held_operator_why()),
        Held::Requests => (w.privacy_held_requests(), w.privacy_held_requests_why()),
    }
}

fn until(w: Words, until: Until) -> String {
    match until {
        Until::Account => w.privacy_until_account().to_owned(),
        Until::Session => w.privacy_until_session().to_owned(),
        Until::Draft => w.privacy_until_draft().to_owned(),
        Until::Customer => w.privacy_until_customer().to_owned(),
        Until::Audit => w.privacy_until_audit().to_owned(),
        Until::Request => w.privacy_until_request().to_owned(),
        Until::Ticket(None) => w.privacy_until_for_ever().to_owned(),
        Until::Ticket(Some(days)) => w.privacy_until_ticket(days),
    }
}

fn line(w: Words, item: HeldItem) -> impl IntoView + use<> {
    let (name, why) = told(w, item.held);
    let since = item.since.map_or_else(|| "–".into_any(), |at| view! { <Time at=at/> }.into_any());
    view! {
        <tr>
            <td data-label=w.privacy_column_what()><strong>{name}</strong><span class="faint below">{why}</span></td>
            <td data-label=w.privacy_column_count() class="num">{item.rows}</td>
            <td data-label=w.privacy_column_since()>{since}</td>
            <td data-label=w.privacy_column_until()>{until(w, item.until)}</td>
        </tr>
    }
}

/// A card for each place.
pub(super) fn places(w: Words, places: Vec<HeldPlace>) -> impl IntoView {
    let columns = [
        w.privacy_column_what(),
        w.privacy_column_count(),
        w.privacy_column_since(),
        w.privacy_column_until(),
    ];
    let cards = places.into_iter().map(|place| {
        let is_server = place.guild.is_some();
        let title = if is_server { place.name } else { w.privacy_of_service().to_owned() };
        let lede = if is_server { w.privacy_of_server_text() } else { w.privacy_of_service_text() };
        let lines = place.items.into_iter().map(|item| line(w, item)).collect_view();
        view! {
            <Card title=title.clone() lede=lede>
                <Table caption=title columns=columns.map(str::to_owned).to_vec()>{lines}</Table>
            </Card>
        }
    });
    cards.collect_view()
}

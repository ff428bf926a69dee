//! Requests of people about what is kept of them: the form, where they stand, and those who answer.

mod answer;
mod desk;
mod disclosures;
mod form;
mod one;
mod server;
mod status;

use domain::privacy::{Delay, Reason, RequestState, Role, Step, Via};
use leptos::prelude::*;
use wardesk_core::privacy::requests::{Request, Taken};
use words::Words;

use crate::ui::{Badge, Time, Tone};

pub use desk::RequestsDesk;
pub use disclosures::Disclosures;
pub use form::RequestForm;
pub use one::DeskRequest;
pub use server::ServerRequests;
pub use status::{OwnRequest, RequestStatus};
pub use wardesk_core::privacy::requests::kind_name;

/// Where the operators' desk is.
const DESK: &str = "/operator/privacy";
/// Where their register of disclosures is.
const REGISTER: &str = "/operator/disclosures";

/// How a request stands, in words.
pub fn state_name(w: Words, state: RequestState) -> &'static str {
    match state {
        RequestState::Unverified => w.requests_state_unverified(),
        RequestState::WithOwner => w.requests_state_with_owner(),
        RequestState::Open => w.requests_state_open(),
        RequestState::UnderWay => w.requests_state_under_way(),
        RequestState::Done => w.requests_state_done(),
        RequestState::Partly => w.requests_state_partly(),
        RequestState::Declined => w.requests_state_declined(),
    }
}

fn state_badge(w: Words, state: RequestState) -> impl IntoView {
    let tone = match state {
        RequestState::Unverified => Some(Tone::Warn),
        RequestState::WithOwner | RequestState::Open | RequestState::UnderWay => Some(Tone::Info),
        RequestState::Done => Some(Tone::Good),
        RequestState::Partly | RequestState::Declined => None,
    };
    match tone {
        Some(tone) => view! { <Badge label=state_name(w, state) tone=tone/> },
        None => view! { <Badge label=state_name(w, state)/> },
    }
}

/// Why something was not done.
pub fn reason_text(w: Words, reason: Reason) -> &'static str {
    match reason {
        Reason::NoData => w.requests_reason_no_data(),
        Reason::NotVerified => w.requests_reason_not_verified(),
        Reason::NotYou => w.requests_reason_not_you(),
        Reason::LegalHold => w.requests_reason_legal_hold(),
        Reason::Enforcement => w.requests_reason_enforcement(),
        Reason::OthersRights => w.requests_reason_others_rights(),
        Reason::Unfounded => w.requests_reason_unfounded(),
        Reason::Repeated => w.requests_reason_repeated(),
        Reason::Law => w.requests_reason_law(),
        Reason::Compelling => w.requests_reason_compelling(),
    }
}

fn delay_text(w: Words, delay: Delay) -> &'static str {
    match delay {
        Delay::Complex => w.requests_status_delay_complex(),
        Delay::Many => w.requests_status_delay_many(),
    }
}

fn via_name(w: Words, via: Via) -> &'static str {
    match via {
        Via::Site => w.requests_via_site(),
        Via::Form => w.requests_via_form(),
        Via::Discord => w.requests_via_discord(),
        Via::Email => w.requests_via_email(),
    }
}

/// What was done with a request, in order.
fn steps(w: Words, steps: Vec<Taken>, zone: &str) -> impl IntoView + use<> {
    let lines = steps.into_iter().map(|taken| {
        let step = match taken.step {
            Step::Received => w.requests_step_received(),
            Step::Verified => w.requests_step_verified(),
            Step::Mismatched => w.requests_step_mismatched(),
            Step::HandedOver => w.requests_step_handed_over(),
            Step::CameBack => w.requests_step_came_back(),
            Step::Extended => w.requests_step_extended(),
            Step::CarriedOut => w.requests_step_carried_out(),
            Step::Failed => w.requests_step_failed(),
            Step::Restricted => w.requests_step_restricted(),
            Step::Lifted => w.requests_step_lifted(),
            Step::Decided => w.requests_step_decided(),
        };
        let role = match taken.role {
            Role::Person => w.requests_role_person(),
            Role::Owner => w.requests_role_owner(),
            Role::Operator => w.requests_role_operator(),
            Role::Service => w.requests_role_service(),
        };
        let zone = zone.to_owned();
        view! { <li><Time at=taken.at zone=zone/>" · "{step}" "<span class="faint">"("{role}")"</span></li> }
    });
    let lines = lines.collect_view();
    view! { <ul class="bullets">{lines}</ul> }
}

/// A short list of somebody's own requests, each with its page.
pub fn own_list(w: Words, all: Vec<Request>) -> impl IntoView {
    if all.is_empty() {
        return view! { <p class="muted">{w.requests_mine_none()}</p> }.into_any();
    }
    let lines = all.into_iter().map(|one| {
        view! {
            <li><a href=format!("/account/requests/{}", one.id)>{kind_name(w, one.kind)}</a>" · "<Time at=one.made/>" "{state_badge(w, one.state)}</li>
        }
    });
    let lines = lines.collect_view();
    view! { <ul class="bullets">{lines}</ul> }.into_any()
}

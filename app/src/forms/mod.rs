//! What forms do: each handler authorises, calls one use-case, and redirects.
//!
//! A form posts to the address of its own page. Success redirects with a code (`?done=saved`), refusal
//! with the id of a sealed draft that holds what was typed and what is wrong with it. No text ever
//! comes from an address.

mod account;
mod documents;
mod draft;
mod fields;
mod guild;
mod licences;
mod own;
mod panels;
mod payments;
mod requests;
mod shares;
mod tickets;
mod transcripts;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::post;
use domain::access::Capability;
use wardesk_core::Wardesk;
use wardesk_core::accounts::{Session, own_path};
use wardesk_core::guilds::{self, GuildAccess, GuildError};
use wardesk_core::tickets::TicketError;

pub use draft::{Draft, take};
pub use fields::Fields;
pub use guild::read_settings;
pub use panels::read_panel;
pub use payments::payment_problem;
pub use transcripts::read_redaction;

/// Who asks; the server puts it into every request.
#[derive(Debug, Clone, Default)]
pub struct Asker(pub Option<Session>);

/// The addresses that forms post to.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/account", post(account::choices))
        .route("/account/sessions", post(account::revoke))
        .route("/account/sessions/others", post(account::revoke_others))
        .route("/account/documents", post(documents::acknowledged))
        .route("/account/privacy", post(own::choose))
        .route("/account/privacy/erase", post(own::erase))
        .route("/account/licences", post(licences::held))
        .route("/account/licences/portal", post(payments::own_portal))
        .route("/operator/licences", post(licences::issue))
        .route("/operator/licences/{licence}", post(licences::change))
        .route("/operator/privacy/{request}", post(requests::act))
        .route("/operator/disclosures", post(requests::disclose))
        .route("/operator/disclosures/{disclosure}", post(requests::told))
        .route("/privacy/request", post(requests::ask))
        .route("/privacy/requests/{token}", post(requests::verify))
        .route("/servers/{guild}/privacy", post(requests::answer))
        .route("/donate", post(payments::donate))
        .route("/servers/{guild}/subscription", post(payments::subscribe))
        .route("/servers/{guild}/subscription/portal", post(payments::portal))
        .route("/servers/{guild}/subscription/change", post(payments::change))
        .route("/servers/{guild}/subscription/change/confirm", post(payments::confirm))
        .route("/servers/{guild}/subscription/change/drop", post(payments::drop))
        .route("/servers/{guild}/settings", post(guild::settings))
        .route("/servers/{guild}/panels", post(panels::create))
        .route("/servers/{guild}/panels/{panel}", post(panels::save))
        .route("/servers/{guild}/panels/{panel}/publish", post(panels::publish))
        .route("/servers/{guild}/panels/{panel}/remove", post(panels::remove))
        .route("/servers/{guild}/tickets/{ticket}", post(tickets::act))
        .route("/transcripts/{ticket}/hold", post(transcripts::hold))
        .route("/transcripts/{ticket}/redact", post(transcripts::redact))
        .route("/transcripts/{ticket}/links", post(shares::links))
        .route_layer(from_fn(way_back))
}

/// Goes to `path` with a code that says what was done.
fn done(path: &str, code: &str) -> Response {
    Redirect::to(&format!("{path}?done={code}")).into_response()
}

/// Goes to `path` with a code that says what was refused.
fn problem(path: &str, code: &str) -> Response {
    Redirect::to(&format!("{path}?problem={code}")).into_response()
}

/// Marks the answer to somebody who is not signed in any more; [`way_back`] makes the address.
#[derive(Debug, Clone, Copy)]
struct SignedOut;

fn signed_out() -> Response {
    let mut response = Redirect::to("/?problem=signed_out").into_response();
    response.extensions_mut().insert(SignedOut);
    response
}

/// Ends of addresses that have no page: what their forms do stands on the page before them.
const ACTS: [&str; 6] = ["/publish", "/remove", "/portal", "/confirm", "/drop", "/hold"];

/// The page with the form that posts to `path`; `None` where that is no plain address.
fn page_of(path: &str) -> Option<&str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_');
    if !path.bytes().all(plain) || own_path(path) != path {
        return None;
    }
    Some(match path {
        "/account/sessions" | "/account/sessions/others" | "/account/documents" => "/account",
        _ if path.starts_with("/operator/disclosures/") => "/operator/disclosures",
        _ => ACTS.iter().find_map(|act| path.strip_suffix(*act)).unwrap_or(path),
    })
}

/// Whoever is not signed in any more comes back to their form by signing in.
async fn way_back(request: Request, next: Next) -> Response {
    let page = page_of(request.uri().path()).map(str::to_owned);
    let response = next.run(request).await;
    match page {
        Some(page) if response.extensions().get::<SignedOut>().is_some() => {
            Redirect::to(&format!("/?problem=signed_out&return={page}")).into_response()
        }
        _ => response,
    }
}

/// The proof that the person may do `need` on the server named in the address, or the answer that
/// they get instead.
async fn authorize(
    wardesk: &Wardesk,
    asker: &Asker,
    guild: &str,
    need: Capability,
) -> Result<GuildAccess, Response> {
    let Some(session) = &asker.0 else { return Err(signed_out()) };
    let guild = guild.parse().map_err(|_| StatusCode::NOT_FOUND.into_response())?;
    guilds::authorize(wardesk, session, guild, need).await.map_err(|e| guild_failed(&e))
}

fn guild_failed(error: &GuildError) -> Response {
    match error {
        GuildError::NotFound => StatusCode::NOT_FOUND.into_response(),
        GuildError::SignedOut => signed_out(),
        GuildError::Conflict | GuildError::Invalid(_) => StatusCode::CONFLICT.into_response(),
        GuildError::Discord(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        GuildError::Storage(error) => failed(error),
    }
}

fn ticket_failed(error: &TicketError) -> Response {
    match error {
        TicketError::NotFound | TicketError::Denied => StatusCode::NOT_FOUND.into_response(),
        TicketError::Discord(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        TicketError::Storage(error) => failed(error),
        TicketError::Refused(_) | TicketError::Invalid(_) | TicketError::Conflict => {
            StatusCode::CONFLICT.into_response()
        }
    }
}

fn failed(error: &impl std::fmt::Display) -> Response {
    tracing::error!(%error, "a form could not be carried out");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use super::page_of;

    #[test]
    fn forms_lead_back_to_the_page_that_they_stand_on() {
        for (path, page) in [
            ("/servers/1/settings", "/servers/1/settings"),
            ("/servers/1/panels/a-b/publish", "/servers/1/panels/a-b"),
            ("/servers/1/subscription/change/confirm", "/servers/1/subscription/change"),
            ("/account/licences/portal", "/account/licences"),
            ("/account/sessions/others", "/account"),
            ("/operator/disclosures/a", "/operator/disclosures"),
            ("/transcripts/a/hold", "/transcripts/a"),
        ] {
            assert_eq!(page_of(path), Some(page));
        }
        for wrong in ["//example.org", "/servers/a&b/settings", "/servers/%2f/settings", ""] {
            assert_eq!(page_of(wrong), None, "{wrong}");
        }
    }
}

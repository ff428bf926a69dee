//! The forms of licences: their holder's, and the operators'.

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::access::Capability;
use domain::ids::LicenceId;
use domain::time::Millis;
use domain::validation::{FieldError, Problem};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use wardesk_core::Wardesk;
use wardesk_core::licences::operator::{self, NewLicence};
use wardesk_core::licences::{self, LicenceError, Refusal, seats};

use super::fields::Posted;
use super::{
    Asker, Draft, Fields, authorize, done, draft, failed, guild_failed, problem, signed_out,
};

/// The address of a holder's licences.
const HELD: &str = "/account/licences";
/// The address of all licences.
const ALL: &str = "/operator/licences";

fn licence_failed(error: &LicenceError, path: &str) -> Response {
    match error {
        LicenceError::NotFound => StatusCode::NOT_FOUND.into_response(),
        LicenceError::Refused(refusal) => problem(path, code(*refusal)),
        LicenceError::Guild(error) => guild_failed(error),
        LicenceError::Storage(error) => failed(error),
    }
}

/// Why not, as a code that the next page has words for.
const fn code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Over => "licence_over",
        Refusal::Full => "licence_full",
        Refusal::Seated => "licence_seated",
        Refusal::NotSeated => "licence_not_seated",
        Refusal::Cooling { .. } => "licence_cooling",
        Refusal::NotAcknowledged => "licence_acknowledge",
        Refusal::Paid => "licence_paid",
        Refusal::Unchanged => "licence_unchanged",
        Refusal::End => "licence_end",
        Refusal::UnknownPlan | Refusal::Seats => "licence_gone",
    }
}

/// What a holder does with the seats of a licence, or with all of their licences.
pub async fn held(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let no = |error: LicenceError| licence_failed(&error, HELD);
    let action = fields.get("action");
    if action == "end" {
        let acknowledged = fields.has("acknowledged");
        licences::end_customer(&wardesk, session, acknowledged).await.map_err(no)?;
        return Ok(done(HELD, "licence_ended"));
    }
    let missing = || StatusCode::NOT_FOUND.into_response();
    let licence: LicenceId = fields.get("licence").parse().map_err(|_| missing())?;
    if action == "release" {
        let guild = fields.get("guild").parse().map_err(|_| missing())?;
        seats::release(&wardesk, session, licence, guild).await.map_err(no)?;
        return Ok(done(HELD, "licence_released"));
    }
    let access = authorize(&wardesk, &asker, fields.get("guild"), Capability::Billing).await?;
    match action {
        "assign" => {
            seats::assign(&access, licence).await.map_err(no)?;
            Ok(done(HELD, "licence_assigned"))
        }
        "move" => {
            let from = fields.get("from").parse().map_err(|_| missing())?;
            seats::move_here(&access, licence, from).await.map_err(no)?;
            Ok(done(HELD, "licence_moved"))
        }
        _ => Err(StatusCode::BAD_REQUEST.into_response()),
    }
}

/// The end of a day in UTC; `None` for an empty field.
pub(super) fn last_day(text: &str) -> Result<Option<Millis>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let date: Date = text.parse().map_err(|_| Problem::Malformed)?;
    let after = date.tomorrow().map_err(|_| Problem::Malformed)?;
    let end = after.to_zoned(TimeZone::UTC).map_err(|_| Problem::Malformed)?;
    Ok(Some(Millis(end.timestamp().as_millisecond())))
}

/// Reads a field that may be empty.
fn read<T: std::str::FromStr>(fields: &Fields, name: &str) -> Result<Option<T>, FieldError> {
    match fields.get(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| FieldError::new(name, Problem::Malformed)),
    }
}

/// Reads a field that must hold something.
fn need<T: std::str::FromStr>(fields: &Fields, name: &str) -> Result<T, FieldError> {
    read(fields, name)?.ok_or_else(|| FieldError::new(name, Problem::Required))
}

fn read_licence(fields: &Fields, id: LicenceId) -> Result<NewLicence, Vec<FieldError>> {
    let mut errors = Vec::new();
    let plan = need(fields, "plan").map_err(|e| errors.push(e)).ok();
    let contact = need(fields, "contact").map_err(|e| errors.push(e)).ok();
    let seats = read(fields, "seats").map_err(|e| errors.push(e)).ok();
    let server = read(fields, "server").map_err(|e| errors.push(e)).ok();
    let expires = last_day(fields.get("expires"));
    let expires = expires.map_err(|p| errors.push(FieldError::new("expires", p))).ok();
    let name = fields.get("server_name");
    match (plan, contact, seats, server, expires) {
        (Some(plan), Some(contact), Some(seats), Some(server), Some(expires)) => Ok(NewLicence {
            id,
            plan,
            gift: fields.get("kind") == "gift",
            contact,
            seats,
            expires,
            server,
            server_name: (!name.is_empty()).then(|| name.to_owned()),
        }),
        _ => Err(errors),
    }
}

/// Issues a licence.
pub async fn issue(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let access = operator::authorize(&wardesk, session).map_err(|e| licence_failed(&e, ALL))?;
    let id = fields.get("licence").parse().map_err(|_| StatusCode::NOT_FOUND.into_response())?;
    let errors = match read_licence(&fields, id) {
        Err(errors) => errors,
        Ok(new) => match operator::issue(&access, new).await {
            Ok(id) => return Ok(done(&format!("{ALL}/{id}"), "licence_issued")),
            Err(LicenceError::Refused(Refusal::UnknownPlan)) => {
                vec![FieldError::new("plan", Problem::Gone)]
            }
            Err(LicenceError::Refused(Refusal::Seats)) => {
                vec![FieldError::new("seats", Problem::Malformed)]
            }
            Err(LicenceError::Refused(Refusal::End)) => {
                vec![FieldError::new("expires", Problem::Malformed)]
            }
            Err(error) => return Err(licence_failed(&error, ALL)),
        },
    };
    let draft = Draft { fields, errors, conflict: false };
    Ok(draft::back(&wardesk, &asker, ALL, &draft).await)
}

/// What an operator does with one licence: the pressed button says what.
pub async fn change(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(licence): Path<String>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let access = operator::authorize(&wardesk, session).map_err(|e| licence_failed(&e, ALL))?;
    let id: LicenceId = licence.parse().map_err(|_| StatusCode::NOT_FOUND.into_response())?;
    let path = format!("{ALL}/{id}");
    let (changed, code) = match fields.get("action") {
        "extend" => match last_day(fields.get("expires")) {
            Ok(expires) => (operator::extend(&access, id, expires).await, "licence_extended"),
            Err(_) => return Ok(problem(&path, "licence_end")),
        },
        "suspend" => (operator::suspend(&access, id).await, "licence_suspended"),
        "resume" => (operator::resume(&access, id).await, "licence_resumed"),
        "revoke" => (operator::revoke(&access, id).await, "licence_revoked"),
        _ => return Err(StatusCode::BAD_REQUEST.into_response()),
    };
    changed.map_err(|error| licence_failed(&error, &path))?;
    Ok(done(&path, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_day_ends_at_midnight_in_utc() {
        assert_eq!(last_day(""), Ok(None));
        assert_eq!(last_day("2026-11-21"), Ok(Some(Millis(1_795_305_600_000))));
        for wrong in ["21.11.2026", "2026-13-01", "tomorrow"] {
            assert_eq!(last_day(wrong), Err(Problem::Malformed), "{wrong}");
        }
    }
}

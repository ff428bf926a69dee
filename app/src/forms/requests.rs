//! The forms of requests: for anyone, for owners of servers, and for operators.

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::access::Capability;
use domain::ids::{DisclosureId, RequestId, UserId};
use domain::privacy::{
    Delay, NAME_LIMIT, NotifyState, Outcome, Reason, RequestKind, Via, WORDS_LIMIT,
};
use domain::time::Millis;
use domain::validation::{FieldError, Problem, check_text};
use wardesk_core::Wardesk;
use wardesk_core::licences::operator::{self, OperatorAccess};
use wardesk_core::privacy::disclosures::{self, Details, Notify};
use wardesk_core::privacy::requests::{self, Answer, NewRequest, Said};
use wardesk_core::privacy::{PrivacyError, Refusal};

use super::fields::Posted;
use super::licences::last_day;
use super::{
    Asker, Draft, Fields, authorize, done, draft, failed, guild_failed, problem, signed_out,
};

/// The address of the form for anyone.
const FORM: &str = "/privacy/request";
/// The address of the operators' desk.
const DESK: &str = "/operator/privacy";
/// The address of their register of disclosures.
const REGISTER: &str = "/operator/disclosures";

fn privacy_failed(error: &PrivacyError, path: &str) -> Response {
    match error {
        PrivacyError::NotFound => missing(),
        PrivacyError::Refused(refusal) => problem(path, code(*refusal)),
        PrivacyError::Guild(error) => guild_failed(error),
        PrivacyError::Storage(error) => failed(error),
    }
}

/// Why not, as a code that the next page has words for.
const fn code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Words => "request_answer",
        Refusal::TooMany => "request_too_many",
        Refusal::SomebodyElse => "request_somebody_else",
        Refusal::Unverified => "request_unverified",
        Refusal::NoAccount => "request_no_account",
        Refusal::OneServer => "request_one_server",
        Refusal::Decided => "request_decided",
        Refusal::Extension => "request_extension",
        Refusal::NoOwner => "request_no_owner",
        Refusal::OwnerTime => "request_owner_time",
        Refusal::NotBefore { .. } => "request_with_owner",
        Refusal::Entry => "request_entry",
        Refusal::Acknowledge => "request_sure",
    }
}

fn missing() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// The outcome that a form says; what was not done needs a reason.
fn outcome(fields: &Fields) -> Result<Outcome, &'static str> {
    let reason = Reason::parse(fields.get("reason")).ok_or("request_reason");
    match fields.get("outcome") {
        "done" => Ok(Outcome::Done),
        "partly" => Ok(Outcome::Partly(reason?)),
        "declined" => Ok(Outcome::Declined(reason?)),
        _ => Err("request_outcome"),
    }
}

/// Makes a request, for anyone.
pub async fn ask(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let kind = RequestKind::parse(fields.get("kind"));
    let kind = kind.ok_or_else(|| StatusCode::BAD_REQUEST.into_response())?;
    let mut errors = Vec::new();
    check_text(&mut errors, "request_words", &fields.text("request_words"), true, WORDS_LIMIT);
    for name in ["request_server", "request_account", "once"] {
        check_text(&mut errors, name, fields.get(name), false, NAME_LIMIT);
    }
    if errors.is_empty() {
        let new = NewRequest {
            kind,
            via: Via::Form,
            said: Said {
                words: fields.text("request_words"),
                server: fields.get("request_server").to_owned(),
                account: fields.get("request_account").to_owned(),
                contact: String::new(),
            },
            once: fields.get("once").to_owned(),
        };
        match requests::ask(&wardesk, asker.0.as_ref(), new).await {
            Ok(made) if made.kept => return Ok(done(&made.path, "request_sent")),
            // The page shows the request that counts, and with it what is kept.
            Ok(made) => return Ok(problem(&made.path, "request_repeated")),
            Err(PrivacyError::Refused(Refusal::SomebodyElse)) => {
                errors.push(FieldError::new("request_account", Problem::Malformed));
            }
            Err(error) => return Err(privacy_failed(&error, FORM)),
        }
    }
    if asker.0.is_none() {
        // Without a session there is nobody to keep a draft for; the browser held on to the same limits.
        let names = errors.iter().all(|error| error.field != "request_words");
        return Ok(problem(FORM, if names { "request_names" } else { "request_words" }));
    }
    let draft = Draft { fields, errors, conflict: false };
    Ok(draft::back(&wardesk, &asker, FORM, &draft).await)
}

/// Shows that a request is the signed-in account's.
pub async fn verify(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(token): Path<String>,
) -> Result<Response, Response> {
    let path = format!("/privacy/requests/{token}");
    let Some(session) = &asker.0 else {
        // The page offers the way to sign in, and its address is a secret that stands in no other.
        return Ok(problem(&path, "signed_out"));
    };
    match requests::verify(&wardesk, session, &token).await {
        Ok(id) => Ok(done(&format!("/account/requests/{id}"), "request_verified")),
        Err(error) => Err(privacy_failed(&error, &path)),
    }
}

/// The owner of a server answers a request.
pub async fn answer(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(guild): Path<String>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let path = format!("/servers/{guild}/privacy");
    let access = match authorize(&wardesk, &asker, &guild, Capability::Privacy).await {
        Ok(access) => access,
        Err(response) => {
            return Err(draft::unless_down(&wardesk, &asker, &path, fields, response).await);
        }
    };
    let id: RequestId = fields.get("request").parse().map_err(|_| missing())?;
    let answered = match outcome(&fields) {
        Ok(outcome) => requests::answer(&access, id, outcome, &fields.text("words"))
            .await
            .map_err(Stopped::from),
        Err(code) => Err(Stopped::Because(code)),
    };
    match answered {
        Ok(()) => Ok(done(&path, "request_answered")),
        Err(stopped) => Ok(stop(&wardesk, &asker, &path, fields, stopped).await),
    }
}

/// Why something was not done with a request.
enum Stopped {
    /// A code says it, and what was typed stays.
    Because(&'static str),
    /// Something else than a refusal.
    Failed(PrivacyError),
    /// No form asks for that.
    Senseless,
}

impl From<PrivacyError> for Stopped {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::Refused(refusal) => Self::Because(code(refusal)),
            other => Self::Failed(other),
        }
    }
}

async fn stop(
    wardesk: &Wardesk,
    asker: &Asker,
    path: &str,
    fields: Fields,
    stopped: Stopped,
) -> Response {
    match stopped {
        Stopped::Because(code) => draft::back_because(wardesk, asker, path, fields, code).await,
        Stopped::Failed(error) => {
            let response = privacy_failed(&error, path);
            draft::unless_down(wardesk, asker, path, fields, response).await
        }
        Stopped::Senseless => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// What an operator does with one request: the pressed button says what.
pub async fn act(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(request): Path<String>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let access = operator::authorize(&wardesk, session).map_err(|_| missing())?;
    let id: RequestId = request.parse().map_err(|_| missing())?;
    let path = format!("{DESK}/{id}");
    match acted(&access, id, &fields).await {
        // Somebody was too young: the page that said so is gone with the rest.
        Ok(_) if fields.get("outcome") == "done" => Ok(done_or_gone(&access, id, &path).await),
        Ok(code) => Ok(done(&path, code)),
        Err(stopped) => Ok(stop(&wardesk, &asker, &path, fields, stopped).await),
    }
}

/// Does it; answers the code of what was done.
async fn acted(
    access: &OperatorAccess,
    id: RequestId,
    fields: &Fields,
) -> Result<&'static str, Stopped> {
    match fields.get("action") {
        "decide" => {
            let outcome = outcome(fields).map_err(Stopped::Because)?;
            let account = match fields.get("account") {
                "" => None,
                text => match text.parse::<UserId>() {
                    Ok(account) => Some(account),
                    Err(_) => return Err(Stopped::Because("request_entry")),
                },
            };
            let sure = fields.has("sure");
            let answer = Answer { outcome, words: fields.text("words"), account, sure };
            requests::decide(access, id, &answer).await?;
            Ok("request_answered")
        }
        "extend" => {
            let until = last_day(fields.get("until")).ok().flatten();
            let (Some(until), Some(delay)) = (until, Delay::parse(fields.get("delay"))) else {
                return Err(Stopped::Because("request_extension"));
            };
            requests::extend(access, id, delay, until).await?;
            Ok("request_extended")
        }
        "hand_over" => {
            requests::hand_over(access, id).await?;
            Ok("request_handed_over")
        }
        "sort" => {
            let kind = RequestKind::parse(fields.get("kind")).ok_or(Stopped::Senseless)?;
            requests::sort(access, id, kind).await?;
            Ok("request_sorted")
        }
        _ => Err(Stopped::Senseless),
    }
}

async fn done_or_gone(access: &OperatorAccess, id: RequestId, path: &str) -> Response {
    let there = requests::show(access, id).await.is_ok();
    done(if there { path } else { DESK }, "request_answered")
}

fn notify(fields: &Fields) -> Option<Notify> {
    Some(match NotifyState::parse(fields.get("notify"))? {
        NotifyState::ToDo => Notify::ToDo,
        NotifyState::Told => Notify::Told,
        NotifyState::Impossible => Notify::Impossible,
        NotifyState::Forbidden => Notify::Forbidden(last_day(fields.get("until")).ok()??),
    })
}

/// The day's beginning in UTC, of a field that must hold one.
fn first_moment(text: &str) -> Option<Millis> {
    let end = last_day(text).ok()??;
    Some(end.plus_seconds(-86_400))
}

fn read_disclosure(fields: &Fields) -> Option<(DisclosureId, Details, Millis, Notify)> {
    let affected = fields.get("affected").split([' ', ',', ';', '\n', '\r']);
    let affected = affected.filter(|text| !text.is_empty()).map(str::parse);
    let details = Details {
        authority: fields.get("authority").to_owned(),
        ground: fields.get("ground").to_owned(),
        given: fields.text("given"),
        affected: affected.collect::<Result<_, _>>().ok()?,
    };
    let id = fields.get("disclosure").parse().ok()?;
    Some((id, details, first_moment(fields.get("given_at"))?, notify(fields)?))
}

/// An operator notes a disclosure.
pub async fn disclose(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let access = operator::authorize(&wardesk, session).map_err(|_| missing())?;
    if let Some((id, details, given, notify)) = read_disclosure(&fields) {
        match disclosures::note(&access, id, &details, given, notify).await {
            Ok(()) => return Ok(done(REGISTER, "disclosure_noted")),
            Err(PrivacyError::Refused(_)) => {}
            Err(error) => return Err(privacy_failed(&error, REGISTER)),
        }
    }
    let draft = Draft { fields, errors: Vec::new(), conflict: false };
    Ok(draft::back(&wardesk, &asker, REGISTER, &draft).await)
}

/// An operator says how it stands with telling whoever is affected.
pub async fn told(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(disclosure): Path<String>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let access = operator::authorize(&wardesk, session).map_err(|_| missing())?;
    let id: DisclosureId = disclosure.parse().map_err(|_| missing())?;
    let Some(notify) = notify(&fields) else { return Ok(problem(REGISTER, "request_entry")) };
    disclosures::notify(&access, id, notify)
        .await
        .map_err(|error| privacy_failed(&error, REGISTER))?;
    Ok(done(REGISTER, "disclosure_settled"))
}

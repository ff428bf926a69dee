//! The authorisation endpoint: shows the consent page and takes its answer.

use std::collections::HashMap;

use axum::Form;
use axum::extract::{Query as UrlQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::OAuth;
use super::consent;
use super::grants::{self, Consent};
use super::request::{self, CodeWish, Query, Refusal, Request, Scope, answer_at};
use crate::control::people;
use crate::id::Id;

/// The cookie that remembers who one is, shared with the chat page.
pub(crate) const PERSON_COOKIE: &str = "sandbox_person";
/// The parameter of links that change the person. It never reaches the client.
pub(crate) const PERSON_PARAMETER: &str = "sandbox_person";

/// `GET /oauth2/authorize`.
pub(crate) async fn show(
    State(oauth): State<OAuth>,
    UrlQuery(query): UrlQuery<Query>,
    UrlQuery(all): UrlQuery<HashMap<String, String>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Some(person) = all.get(PERSON_PARAMETER) {
        return become_person(&uri, &query, person);
    }
    let mut grants = oauth.grants();
    let mut world = oauth.shared.world();
    let request = match request::check(&query, &world) {
        Ok(request) => request,
        Err(refusal) => return refused(refusal),
    };
    let Some(person) = people::remembered(&headers, PERSON_COOKIE, &world) else {
        return page(
            StatusCode::CONFLICT,
            None,
            consent::error("There are no people in the sandbox yet."),
        );
    };
    let scopes: Vec<&str> = request.scopes.iter().map(|scope| scope.name()).collect();
    if let (true, false, Some(wish)) = (request.silent, request.installs(), &request.code)
        && grants::has_granted(&world, request.application_id, person, &scopes)
    {
        let code = grants.issue_code(wanted(&request, wish, person, None), &mut world);
        return go(&answer_at(&wish.redirect_uri, &[("code", &code), ("state", &wish.state)]));
    }
    let redirect = request.code.as_ref().map(|wish| wish.redirect_uri.clone());
    let html = consent::ask(&query, &request, person, None, uri.path(), &world);
    page(StatusCode::OK, redirect.as_deref(), html)
}

/// `POST /oauth2/authorize`: the page's form. Its fields are the query again, `person`, `decision`
/// (`authorize` or `cancel`) and, for an invitation, `server`.
pub(crate) async fn decide(
    State(oauth): State<OAuth>,
    uri: Uri,
    Form(all): Form<Vec<(String, String)>>,
) -> Response {
    let field =
        |name: &str| all.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let query = query_of(&all);
    let mut grants = oauth.grants();
    let mut world = oauth.shared.world();
    let request = match request::check(&query, &world) {
        Ok(request) => request,
        Err(refusal) => return refused(refusal),
    };
    let person: Option<Id> = field("person").and_then(|id| id.parse().ok());
    let Some(person) = person.filter(|id| world.user(*id).is_some_and(|user| !user.bot)) else {
        return page(
            StatusCode::BAD_REQUEST,
            None,
            consent::error("No such person in the sandbox."),
        );
    };
    if field("decision") != Some("authorize") {
        return match &request.code {
            Some(wish) => {
                let description = "The resource owner or authorization server denied the request";
                let answer = [
                    ("error", "access_denied"),
                    ("error_description", description),
                    ("state", &wish.state),
                ];
                go(&answer_at(&wish.redirect_uri, &answer))
            }
            None => page(StatusCode::OK, None, consent::cancelled(&request)),
        };
    }

    let mut guild_id = None;
    if request.installs() {
        let chosen = if request.guild_fixed {
            request.guild_id
        } else {
            field("server").and_then(|id| id.parse().ok())
        };
        let added = chosen.ok_or("Choose a server first.").and_then(|guild_id| {
            install(&request, person, guild_id, &mut world).map(|()| guild_id)
        });
        match added {
            Ok(id) => guild_id = Some(id),
            Err(words) => {
                let redirect = request.code.as_ref().map(|wish| wish.redirect_uri.as_str());
                let html = consent::ask(&query, &request, person, Some(words), uri.path(), &world);
                return page(StatusCode::UNPROCESSABLE_ENTITY, redirect, html);
            }
        }
    }
    let Some(wish) = &request.code else {
        let name = guild_id.and_then(|id| world.guild(id)).map_or("", |guild| guild.name.as_str());
        return page(StatusCode::OK, None, consent::added(&request, name));
    };
    let code = grants.issue_code(wanted(&request, wish, person, guild_id), &mut world);
    let guild = guild_id.map(|id| id.to_string());
    let permissions = request.permissions.to_string();
    let mut answer = vec![("code", code.as_str()), ("state", wish.state.as_str())];
    if let Some(guild) = &guild {
        answer.extend([("guild_id", guild.as_str()), ("permissions", permissions.as_str())]);
    }
    go(&answer_at(&wish.redirect_uri, &answer))
}

/// Adds the bot, when asked for. A server is offered only to those who manage it; the world checks again.
fn install(
    request: &Request,
    person: Id,
    guild_id: Id,
    world: &mut crate::world::World,
) -> Result<(), &'static str> {
    if !people::manages(world, guild_id, person) {
        return Err("You do not manage that server.");
    }
    if !request.scopes.contains(&Scope::Bot) {
        return Ok(());
    }
    world
        .add_bot(person, guild_id, request.application_id, request.permissions)
        .map_err(|_| "The server does not take the bot.")
}

fn wanted(request: &Request, wish: &CodeWish, person: Id, guild_id: Option<Id>) -> Consent {
    Consent {
        application_id: request.application_id,
        user_id: person,
        redirect_uri: wish.redirect_uri.clone(),
        challenge: wish.challenge.clone(),
        scopes: request.scopes.iter().map(|scope| scope.name().to_owned()).collect(),
        guild_id,
    }
}

/// Reads the query's fields back from the form; doubles count once, the first.
fn query_of(fields: &[(String, String)]) -> Query {
    let take =
        |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    Query {
        client_id: take("client_id"),
        response_type: take("response_type"),
        redirect_uri: take("redirect_uri"),
        scope: take("scope"),
        state: take("state"),
        code_challenge: take("code_challenge"),
        code_challenge_method: take("code_challenge_method"),
        prompt: take("prompt"),
        permissions: take("permissions"),
        guild_id: take("guild_id"),
        disable_guild_select: take("disable_guild_select"),
        integration_type: take("integration_type"),
    }
}

/// Remembers a person and shows the same page again. Works without JavaScript.
fn become_person(uri: &Uri, query: &Query, person: &str) -> Response {
    let pairs =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query.pairs()).finish();
    let mut response = go(&format!("{}?{pairs}", uri.path()));
    if person.parse::<Id>().is_ok() {
        let cookie = format!("{PERSON_COOKIE}={person}; Path=/; Max-Age=31536000; SameSite=Lax");
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, value);
        }
    }
    response
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::Page(words) => page(StatusCode::BAD_REQUEST, None, consent::error(words)),
        Refusal::Redirect { redirect_uri, state, error, description } => go(&answer_at(
            &redirect_uri,
            &[("error", error), ("error_description", description), ("state", &state)],
        )),
    }
}

/// 303: the browser follows with GET whatever it came with.
fn go(address: &str) -> Response {
    let Ok(value) = HeaderValue::from_str(address) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let headers = [
        (header::LOCATION, value),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// A page of the sandbox. Browsers check `form-action` on every hop of a form's redirects, so the client's
/// origin is in it.
fn page(status: StatusCode, redirect_uri: Option<&str>, html: String) -> Response {
    let origin = redirect_uri
        .and_then(|address| Url::parse(address).ok())
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {origin}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&policy)
                .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
        ),
    ];
    (status, headers, html).into_response()
}

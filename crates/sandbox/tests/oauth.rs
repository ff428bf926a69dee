//! The rules of sign-in, each of which a client could break.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{Answer, call, form, get};
use sandbox::Sandbox;
use sandbox::id::Id;
use sandbox::permissions;
use sandbox::world::World;
use sandbox::world::applications::NewApplication;

const CLIENT: &str = "900000000000000001";
const SECRET: &str = "sandbox-client-secret";
const REDIRECT: &str = "http://localhost:8080/auth/callback";
// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct Setup {
    sandbox: Sandbox,
    router: Router,
    mia: Id,
    olivia: Id,
    guild: Id,
}

async fn setup() -> Setup {
    let mut world = World::empty();
    let olivia = world.create_user("olivia", "Olivia");
    let mia = world.create_user("mia", "Mia");
    world.register_application(NewApplication {
        id: CLIENT.parse().unwrap(),
        bot: CLIENT.parse().unwrap(),
        name: "<Wardesk>".into(),
        owner: olivia,
        token: "sandbox-bot-token".into(),
        client_secret: SECRET.into(),
        redirect_uris: vec![REDIRECT.into()],
    });
    let guild = world.create_guild(olivia, "Example");
    world.join_guild(mia, guild).unwrap();
    let sandbox = common::start(world).await;
    let router = sandbox::oauth::router(sandbox.shared());
    Setup { sandbox, router, mia, olivia, guild }
}

/// The parameters of a sound request, with some changed (`None` leaves one out).
fn parameters(changes: &[(&'static str, Option<&str>)]) -> Vec<(&'static str, String)> {
    let sound = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "identify guilds"),
        ("state", "s t&te"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let mut all: Vec<(&str, String)> = sound.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
    for (name, value) in changes {
        all.retain(|(known, _)| known != name);
        all.extend(value.map(|value| (*name, value.to_owned())));
    }
    all
}

fn address(changes: &[(&'static str, Option<&str>)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters(changes))
        .finish();
    format!("/oauth2/authorize?{query}")
}

async fn answer(setup: &Setup, person: Id, more: &[(&'static str, Option<&str>)]) -> Answer {
    let person = person.to_string();
    let mut fields = parameters(more);
    fields.push(("person", person));
    if !fields.iter().any(|(name, _)| *name == "decision") {
        fields.push(("decision", "authorize".into()));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    call(&setup.router, form("/oauth2/authorize", &fields)).await
}

async fn code(setup: &Setup) -> String {
    let answer = answer(setup, setup.mia, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.redirected("code").unwrap()
}

async fn exchange(setup: &Setup, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    call(&setup.router, form("/api/oauth2/token", &fields)).await
}

async fn me(setup: &Setup, token: &str) -> Answer {
    let request = Request::get("/api/v10/oauth2/@me")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    call(&setup.router, request).await
}

fn assert_grant_refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    assert_eq!(answer.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_sign_in_from_page_to_revocation() {
    let setup = setup().await;
    let page = get(&setup.router, &address(&[])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("&lt;Wardesk&gt;") && !page.text.contains("<Wardesk>"));
    assert!(!page.text.contains("<script"));

    let sent = answer(&setup, setup.mia, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(sent.location.as_deref().unwrap().starts_with(REDIRECT));
    assert_eq!(sent.redirected("state").as_deref(), Some("s t&te"));

    let tokens = exchange(&setup, &sent.redirected("code").unwrap(), &[]).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let tokens = tokens.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 604_800);
    assert_eq!(tokens["scope"], "identify guilds");

    let token = tokens["access_token"].as_str().unwrap();
    let about = me(&setup, token).await.json();
    assert_eq!(about["user"]["id"], setup.mia.to_string());
    assert_eq!(about["application"]["id"], CLIENT);

    let fields = [("token", token), ("client_id", CLIENT), ("client_secret", SECRET)];
    let revoked = call(&setup.router, form("/api/oauth2/token/revoke", &fields)).await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(me(&setup, token).await.status, StatusCode::UNAUTHORIZED);
    // The whole authorisation ends, the refresh token with it.
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let again =
        exchange(&setup, "", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_grant_refused(&again);
}

#[tokio::test]
async fn an_unknown_client_or_address_is_sent_nowhere() {
    let setup = setup().await;
    for changes in [
        [("client_id", None)],
        [("client_id", Some("1"))],
        [("redirect_uri", None)],
        [("redirect_uri", Some("http://localhost:8080/auth/callback/"))],
        [("redirect_uri", Some("http://localhost:8080/auth/callback?x=1"))],
        [("redirect_uri", Some("http://LOCALHOST:8080/auth/callback"))],
        [("redirect_uri", Some("https://evil.example/auth/callback"))],
        [("state", None)],
        [("state", Some(""))],
    ] {
        let shown = get(&setup.router, &address(&changes)).await;
        assert_eq!(shown.status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert_eq!(shown.location, None, "{changes:?}");
        let posted = answer(&setup, setup.mia, &changes).await;
        assert_eq!(posted.status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert_eq!(posted.location, None, "{changes:?}");
    }
}

#[tokio::test]
async fn what_else_is_wrong_is_told_to_the_client() {
    let setup = setup().await;
    for (changes, error) in [
        ([("code_challenge", None)], "invalid_request"),
        ([("code_challenge", Some("short"))], "invalid_request"),
        ([("code_challenge_method", None)], "invalid_request"),
        ([("code_challenge_method", Some("plain"))], "invalid_request"),
        ([("response_type", Some("token"))], "unsupported_response_type"),
        ([("scope", Some("identify everything"))], "invalid_scope"),
        ([("scope", None)], "invalid_scope"),
    ] {
        let shown = get(&setup.router, &address(&changes)).await;
        assert_eq!(shown.status, StatusCode::SEE_OTHER, "{changes:?}");
        assert_eq!(shown.redirected("error").as_deref(), Some(error), "{changes:?}");
        assert_eq!(shown.redirected("state").as_deref(), Some("s t&te"));
        assert_eq!(shown.redirected("code"), None);
    }
}

#[tokio::test]
async fn cancelling_is_access_denied() {
    let setup = setup().await;
    let answer = answer(&setup, setup.mia, &[("decision", Some("cancel"))]).await;
    assert_eq!(answer.redirected("error").as_deref(), Some("access_denied"));
    assert_eq!(answer.redirected("state").as_deref(), Some("s t&te"));
    assert_eq!(answer.redirected("code"), None);
}

#[tokio::test]
async fn a_code_is_good_once_and_a_replay_ends_what_it_gave() {
    let setup = setup().await;
    let code = code(&setup).await;
    let tokens = exchange(&setup, &code, &[]).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(me(&setup, token).await.status, StatusCode::OK);
    assert_grant_refused(&exchange(&setup, &code, &[]).await);
    assert_eq!(me(&setup, token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn of_two_exchanges_at_once_one_wins() {
    let setup = setup().await;
    let code = code(&setup).await;
    let (one, two) = tokio::join!(exchange(&setup, &code, &[]), exchange(&setup, &code, &[]));
    let won = [&one, &two].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let setup = setup().await;
    let kept = code(&setup).await;
    setup.sandbox.world().advance(59_000);
    assert_eq!(exchange(&setup, &kept, &[]).await.status, StatusCode::OK);
    let late = code(&setup).await;
    setup.sandbox.world().advance(60_000);
    assert_grant_refused(&exchange(&setup, &late, &[]).await);
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_its_address() {
    let setup = setup().await;
    let wrong = VERIFIER.replace('d', "e");
    for changes in [
        ("code_verifier", wrong.as_str()),
        ("code_verifier", ""),
        ("code_verifier", CHALLENGE),
        ("redirect_uri", "http://localhost:8080/auth/callback/"),
        ("code", "unknown"),
    ] {
        let code = code(&setup).await;
        assert_grant_refused(&exchange(&setup, &code, &[changes]).await);
        if changes.0 != "code" {
            // A failed try uses the code up.
            assert_grant_refused(&exchange(&setup, &code, &[]).await);
        }
    }
}

#[tokio::test]
async fn the_client_proves_itself_once_by_body_or_by_basic() {
    let setup = setup().await;
    let wrong = exchange(&setup, &code(&setup).await, &[("client_secret", "guess")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.json()["error"], "invalid_client");

    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    let code = code(&setup).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let with_basic = |fields: &[(&str, &str)]| {
        let mut request = form("/api/v10/oauth2/token", fields);
        request.headers_mut().insert(header::AUTHORIZATION, basic.parse().unwrap());
        request
    };
    let twice = [&fields[..], &[("client_secret", SECRET)]].concat();
    let both = call(&setup.router, with_basic(&twice)).await;
    assert_eq!(both.json()["error"], "invalid_request");
    assert_eq!(call(&setup.router, with_basic(&fields)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_endpoint_names_what_is_wrong() {
    let setup = setup().await;
    let code = code(&setup).await;
    let other = exchange(&setup, &code, &[("grant_type", "password")]).await;
    assert_eq!(other.json()["error"], "unsupported_grant_type");
    let client = [("client_id", CLIENT), ("client_secret", SECRET)];
    let missing = call(&setup.router, form("/api/oauth2/token", &client)).await;
    assert_eq!(missing.json()["error"], "invalid_request");
    let mut not_a_form = form("/api/oauth2/token", &[]);
    not_a_form.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    let refused = call(&setup.router, not_a_form).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.json()["error"], "invalid_request");
}

#[tokio::test]
async fn refreshing_gives_new_tokens_and_ends_the_old() {
    let setup = setup().await;
    let first = exchange(&setup, &code(&setup).await, &[]).await.json();
    let refresh = first["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let second = exchange(&setup, "", &fields).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.text);
    let old = first["access_token"].as_str().unwrap();
    assert_eq!(me(&setup, old).await.status, StatusCode::UNAUTHORIZED);
    let new = second.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(me(&setup, &new).await.status, StatusCode::OK);
    assert_grant_refused(&exchange(&setup, "", &fields).await);
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let setup = setup().await;
    let tokens = exchange(&setup, &code(&setup).await, &[]).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    setup.sandbox.world().advance(604_800_000);
    assert_eq!(me(&setup, token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn prompt_none_skips_the_page_only_after_consent() {
    let setup = setup().await;
    let silent = address(&[("prompt", Some("none"))]);
    let request = || {
        let cookie = format!("sandbox_person={}", setup.mia);
        Request::get(&silent).header(header::COOKIE, cookie).body(Body::empty()).unwrap()
    };
    assert_eq!(call(&setup.router, request()).await.status, StatusCode::OK);
    let code = code(&setup).await;
    assert_eq!(exchange(&setup, &code, &[]).await.status, StatusCode::OK);
    let skipped = call(&setup.router, request()).await;
    assert_eq!(skipped.status, StatusCode::SEE_OTHER);
    assert!(skipped.redirected("code").is_some());
}

#[tokio::test]
async fn the_person_is_chosen_by_a_link_and_remembered() {
    let setup = setup().await;
    let link = format!("{}&sandbox_person={}", address(&[]), setup.mia);
    let answer = get(&setup.router, &link).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.cookie.unwrap().starts_with(&format!("sandbox_person={};", setup.mia)));
    // The parameter is gone from where it leads, everything else is still there.
    let next = answer.location.unwrap();
    assert!(!next.contains("sandbox_person") && next.contains("state=s+t%26te"), "{next}");
}

#[tokio::test]
async fn an_invitation_adds_the_bot_where_one_manages() {
    let setup = setup().await;
    let guild = setup.guild.to_string();
    let invitation = [
        ("scope", Some("bot applications.commands")),
        ("response_type", None),
        ("redirect_uri", None),
        ("state", None),
        ("code_challenge", None),
        ("code_challenge_method", None),
        ("permissions", Some("3072")),
        ("guild_id", Some(guild.as_str())),
        ("disable_guild_select", Some("true")),
    ];
    let bot: Id = CLIENT.parse().unwrap();
    let is_in = || setup.sandbox.world().guild(setup.guild).unwrap().members.contains_key(&bot);
    // Mia is a member only.
    let refused = answer(&setup, setup.mia, &invitation).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!is_in());
    let added = answer(&setup, setup.olivia, &invitation).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text);
    assert!(is_in());
    let world = setup.sandbox.world();
    let wanted = permissions::VIEW_CHANNEL | permissions::SEND_MESSAGES;
    assert_eq!(world.guild_permissions(setup.guild, bot) & wanted, wanted);
}

#[tokio::test]
async fn faults_strike_the_token_endpoint_and_the_journal_tells() {
    let setup = setup().await;
    let code = code(&setup).await;
    let fault = |kind| sandbox::faults::Fault::new(kind).on("POST", "/oauth2/token").times(1);
    setup.sandbox.world().faults.add(fault(sandbox::faults::FaultKind::Status { status: 503 }));
    assert_eq!(exchange(&setup, &code, &[]).await.status, StatusCode::SERVICE_UNAVAILABLE);
    // Nothing happened, so the code is still good.
    assert_eq!(exchange(&setup, &code, &[]).await.status, StatusCode::OK);
    let world = setup.sandbox.world();
    let seen: Vec<(u16, bool, bool)> =
        world.journal.entries().map(|entry| (entry.status, entry.effect, entry.faulty)).collect();
    assert_eq!(seen, [(503, false, true), (200, true, false)]);
    assert_eq!(world.journal.effects("POST", "/oauth2/token"), 1);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_consent() {
    let setup = setup().await;
    let person = setup.mia.to_string();
    let mut fields = parameters(&[]);
    fields.extend([("person", person), ("decision", "authorize".into())]);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://localhost:8080"),
        ("host", "attacker.example"),
    ] {
        let mut request = form("/oauth2/authorize", &fields);
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(call(&setup.router, request).await.status, StatusCode::FORBIDDEN, "{name}");
    }
}

//! Sign-in against the sandbox, which enforces PKCE, exact redirects and single-use codes.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{fast, guild, oauth, rest, user};
use discord::OAuth;
use sandbox::Sandbox;
use sandbox::faults::{Fault, FaultKind};
use sandbox::world::example;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use wardesk_core::ports::{Discord as _, Identity, IdentityError};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn verifier() -> SecretString {
    VERIFIER.to_owned().into()
}

/// Consents as Mia and answers the code.
async fn consent(sandbox: &Sandbox, oauth: &OAuth) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let url: url::Url = oauth.authorize_url("the state", &challenge).parse().unwrap();
    let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    form.push(("person".into(), example::MIA.to_string()));
    form.push(("decision".into(), "authorize".into()));
    let browser =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let address = format!("{}/oauth2/authorize", sandbox.base_url());
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let answer = browser
        .post(address)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap();
    let location =
        answer.headers().get("location").expect("a redirect").to_str().unwrap().to_owned();
    assert!(location.starts_with(example::REDIRECT_URI), "{location}");
    let back: url::Url = location.parse().unwrap();
    let find = |key: &str| back.query_pairs().find(|(k, _)| k == key).map(|(_, v)| v.into_owned());
    assert_eq!(find("state").as_deref(), Some("the state"));
    find("code").expect("a code")
}

#[tokio::test]
async fn signing_in_and_out() {
    let sandbox = fast().await;
    let oauth = oauth(&sandbox);
    let code = consent(&sandbox, &oauth).await;
    let token = oauth.exchange(&code, &verifier()).await.unwrap();
    let profile = oauth.profile(&token).await.unwrap();
    assert_eq!((profile.id, profile.username.as_str()), (user(example::MIA), "mia"));
    let guilds = oauth.guilds(&token).await.unwrap();
    let ours = guilds.iter().find(|g| g.id == guild()).expect("Mia is there");
    assert!(!ours.owner);
    oauth.revoke(&token).await.unwrap();
    assert!(matches!(oauth.profile(&token).await, Err(IdentityError::Refused)));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_code_is_good_once_and_for_its_verifier_only() {
    let sandbox = fast().await;
    let oauth = oauth(&sandbox);
    let code = consent(&sandbox, &oauth).await;
    let other = SecretString::from("x".repeat(43));
    assert!(matches!(oauth.exchange(&code, &other).await, Err(IdentityError::Refused)));
    let code = consent(&sandbox, &oauth).await;
    assert!(oauth.exchange(&code, &verifier()).await.is_ok());
    assert!(matches!(oauth.exchange(&code, &verifier()).await, Err(IdentityError::Refused)));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn an_outage_is_no_refusal() {
    let sandbox = fast().await;
    let oauth = oauth(&sandbox);
    let code = consent(&sandbox, &oauth).await;
    let token = oauth.exchange(&code, &verifier()).await.unwrap();
    sandbox.world().faults.add(Fault::new(FaultKind::Status { status: 502 }).times(1));
    assert!(matches!(oauth.profile(&token).await, Err(IdentityError::Unavailable)));
    assert!(oauth.profile(&token).await.is_ok());
    sandbox.shutdown().await;
    assert!(matches!(oauth.profile(&token).await, Err(IdentityError::Unavailable)));
    assert!(matches!(oauth.exchange("code", &verifier()).await, Err(IdentityError::Unavailable)));
}

#[tokio::test]
async fn the_invitation_asks_for_the_least() {
    let sandbox = fast().await;
    let oauth = oauth(&sandbox);
    let url: url::Url = oauth.invite_url(Some(guild())).parse().unwrap();
    let find = |key: &str| url.query_pairs().find(|(k, _)| k == key).map(|(_, v)| v.into_owned());
    assert_eq!(find("scope").as_deref(), Some("bot applications.commands"));
    assert_eq!(find("guild_id"), Some(guild().to_string()));
    assert_eq!(find("disable_guild_select").as_deref(), Some("true"));
    let asked: u64 = find("permissions").unwrap().parse().unwrap();
    assert_eq!(asked, domain::permissions::Permissions::INVITE.0);
    assert!(!oauth.invite_url(None).contains("guild_id"));
    sandbox.shutdown().await;
}

fn requests(sandbox: &Sandbox) -> usize {
    sandbox.world().journal.entries().count()
}

/// A 429 on the list of servers.
fn limited(global: bool) -> Fault {
    let retry_after = 60.0;
    Fault::new(FaultKind::RateLimit {
        retry_after,
        global,
        shared: false,
        without_retry_after: false,
    })
    .on("GET", "/users/@me/guilds")
}

#[tokio::test]
async fn a_429_is_waited_for_without_asking_again() {
    let sandbox = fast().await;
    let oauth = oauth(&sandbox);
    let sign_in = async || {
        let code = consent(&sandbox, &oauth).await;
        oauth.exchange(&code, &verifier()).await.unwrap()
    };
    let (one, other) = (sign_in().await, sign_in().await);
    sandbox.world().faults.add(limited(false).times(1));
    let before = requests(&sandbox);
    for _ in 0..3 {
        assert!(matches!(oauth.guilds(&one).await, Err(IdentityError::Unavailable)));
    }
    assert_eq!(requests(&sandbox), before + 1, "it was asked again within the time");
    // What one person may not ask for now, another may.
    oauth.guilds(&other).await.unwrap();
    oauth.profile(&one).await.unwrap();
    // A limit of all calls holds all of them.
    sandbox.world().faults.add(limited(true).times(1));
    assert!(matches!(oauth.guilds(&other).await, Err(IdentityError::Unavailable)));
    assert!(matches!(oauth.profile(&other).await, Err(IdentityError::Unavailable)));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn who_signs_in_cannot_silence_the_bot() {
    let sandbox = fast().await;
    let (oauth, rest) = (oauth(&sandbox), rest(&sandbox));
    let before = requests(&sandbox);
    for n in 0..300 {
        let made_up = format!("made-up-{n}").into();
        assert!(oauth.profile(&made_up).await.is_err());
    }
    assert_eq!(requests(&sandbox), before + 200, "sign-in does not stop");
    rest.guild(guild()).await.unwrap();
    sandbox.shutdown().await;
}

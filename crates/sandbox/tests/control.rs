//! The control API: what it does is done, what it waits for is told, what it breaks breaks.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use common::{Answer, call, get, json};
use sandbox::Sandbox;
use sandbox::world::World;
use sandbox::world::example::{
    APPLICATION, BOT, GENERAL, HARBOUR_LIGHTS, MIA, NOAH, OLIVIA, QUIET_CORNER, SAM, SUPPORT_ROLE,
};
use serde_json::{Value, json};

struct Setup {
    sandbox: Sandbox,
    router: Router,
}

async fn setup() -> Setup {
    let sandbox = common::start(World::example()).await;
    let router = sandbox::control::router(sandbox.shared());
    Setup { sandbox, router }
}

impl Setup {
    async fn get(&self, path: &str) -> Value {
        let answer = get(&self.router, &format!("/control{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.json()
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        json(&self.router, method, &format!("/control{path}"), &body).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.call(Method::POST, path, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.json()
    }

    async fn put(&self, path: &str) {
        let answer = self.call(Method::PUT, path, json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }

    async fn delete(&self, path: &str) {
        let answer = self.call(Method::DELETE, path, json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[tokio::test]
async fn people_and_servers_are_made_and_read_back() {
    let setup = setup().await;
    let ada = setup.post("/people", json!({"username": "ada", "global_name": "Ada"})).await;
    let again = setup.call(Method::POST, "/people", json!({"username": "ada"})).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    let guild = setup
        .post(
            "/guilds",
            json!({"name": "Lab", "owner": "ada", "members": ["mia"], "channels": ["bench"],
                "bot_permissions": "8"}),
        )
        .await;
    let state = setup.get("/state").await;
    let lab = &state["guilds"][id(&guild)];
    assert_eq!(lab["owner_id"], ada["id"]);
    assert_eq!(lab["members"].as_array().unwrap().len(), 3);
    let names: Vec<&Value> =
        lab["channels"].as_object().unwrap().values().map(|it| &it["name"]).collect();
    assert_eq!(names, ["bench"]);
    assert!(setup.sandbox.world().guild_permissions(id(&guild).parse().unwrap(), BOT) & 8 != 0);

    // By name as well as by id; the owner acts unless somebody else is named.
    let channel = setup.post("/guilds/Lab/channels", json!({"name": "desk", "type": 0})).await;
    let refused =
        setup.call(Method::POST, "/guilds/Lab/channels?as=mia", json!({"name": "x"})).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &json!(50013)));
    setup.delete(&format!("/channels/{}", id(&channel))).await;
    setup.delete("/guilds/Lab").await;
    assert_eq!(setup.get("/state").await["guilds"].get(id(&guild)), None);
}

#[tokio::test]
async fn a_person_writes_edits_reacts_and_deletes() {
    let setup = setup().await;
    let base = format!("/people/mia/channels/{GENERAL}/messages");
    let first = setup.post(&base, json!({"content": "first"})).await;
    let reply = json!({"content": "second", "message_reference": {"message_id": first["id"]}});
    let second = setup.post(&format!("/people/{NOAH}/channels/{GENERAL}/messages"), reply).await;
    assert_eq!(second["referenced_message"]["content"], "first");

    let path = format!("{base}/{}", id(&first));
    let edited = setup.call(Method::PATCH, &path, json!({"content": "first, edited"})).await.json();
    assert_eq!(edited["content"], "first, edited");
    let foreign = format!("{base}/{}", id(&second));
    let refused = setup.call(Method::PATCH, &foreign, json!({"content": "no"})).await;
    assert_eq!(refused.json()["code"], 50005);

    setup.put(&format!("{path}/reactions/%F0%9F%91%8D")).await;
    let page = setup.get(&format!("{base}?limit=2")).await;
    assert_eq!(page[1]["reactions"][0]["me"], true);
    assert_eq!(page[1]["reactions"][0]["emoji"]["name"], "👍");
    setup.delete(&format!("{path}/reactions/%F0%9F%91%8D")).await;
    setup.delete(&path).await;
    let page = setup.get(&format!("{base}?after={}", id(&first))).await;
    assert_eq!(page.as_array().unwrap().len(), 1);
    assert_eq!(page[0]["id"], second["id"]);
}

#[tokio::test]
async fn files_come_as_discords_own_forms() {
    let setup = setup().await;
    let part = |head: &str, body: &str| {
        format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let body = [
        part("name=\"payload_json\"", "{\"content\": \"look\"}"),
        part("name=\"files[0]\"; filename=\"note.txt\"", "inside"),
        "--b--\r\n".to_owned(),
    ];
    let request = Request::post(format!("/control/people/mia/channels/{GENERAL}/messages"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body.concat()))
        .unwrap();
    let answer = call(&setup.router, request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let message = answer.json();
    assert_eq!(message["attachments"][0]["filename"], "note.txt");
    assert_eq!(message["attachments"][0]["size"], 6);
}

#[tokio::test]
async fn a_message_of_any_shape_is_placed() {
    let setup = setup().await;
    let path = format!("/channels/{GENERAL}/messages");
    let placed = setup
        .post(
            &path,
            json!({"author": "mia", "type": 9001, "content": "hm", "hologram": 3, "id": "5", "channel_id": "6"}),
        )
        .await;
    assert_eq!(placed["type"], 9001);
    assert_eq!(placed["hologram"], 3);
    assert_eq!(placed["author"]["id"], MIA.to_string());
    assert_eq!(placed["channel_id"], GENERAL.to_string());
    assert_ne!(id(&placed), "5");
    let hook = json!({"id": "77", "username": "Beacon", "bot": true});
    let hook =
        setup.post(&path, json!({"author": hook, "content": "beep", "webhook_id": "77"})).await;
    assert_eq!(hook["author"]["username"], "Beacon");
    let all = setup.get(&path).await;
    assert_eq!(all[0]["id"], hook["id"]);
    assert_eq!(all[1]["hologram"], 3);
    for wrong in [json!({"content": "whose?"}), json!({"author": "nobody"})] {
        assert!(!setup.call(Method::POST, &path, wrong).await.status.is_success());
    }
}

#[tokio::test]
async fn a_view_holds_only_what_the_person_may_see() {
    let setup = setup().await;
    let names = |view: &Value| -> Vec<String> {
        let list = view["guilds"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|it| it["channels"].as_array().unwrap());
        list.map(|channel| channel["name"].as_str().unwrap().to_owned()).collect()
    };
    let mias = names(&setup.get("/people/mia/view").await);
    let sams = names(&setup.get("/people/sam/view").await);
    assert!(mias.contains(&"general".into()) && !mias.contains(&"transcripts".into()), "{mias:?}");
    assert!(!mias.contains(&"Staff".into()), "an empty category is not shown: {mias:?}");
    assert!(sams.contains(&"transcripts".into()) && sams.contains(&"Staff".into()), "{sams:?}");
    let hidden = setup.sandbox.world().channel_by_name(HARBOUR_LIGHTS, "transcripts").unwrap();
    let refused =
        get(&setup.router, &format!("/control/people/mia/channels/{hidden}/messages")).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &json!(50001)));
}

#[tokio::test]
async fn a_wait_ends_when_its_condition_holds() {
    let setup = setup().await;
    let waiting = {
        let router = setup.router.clone();
        let path =
            "/control/wait?for=message&channel=gen*&guild=Harbour%20Lights&text=LATE&author=noah";
        tokio::spawn(async move { get(&router, path).await })
    };
    tokio::task::yield_now().await;
    setup.sandbox.world().say(MIA, GENERAL, "it is late").unwrap();
    let wanted = setup.sandbox.world().say(NOAH, GENERAL, "better late than never").unwrap();
    let found = tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert_eq!(found.json()["id"], wanted.to_string());

    let vain = get(&setup.router, "/control/wait?for=channel&channel=ticket-*&timeout_ms=60").await;
    assert_eq!(vain.status, StatusCode::REQUEST_TIMEOUT);
    let unknown = get(&setup.router, "/control/wait?for=luck").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);

    let channel = setup
        .post(
            &format!("/guilds/{HARBOUR_LIGHTS}/channels"),
            json!({"name": "ticket-0001", "type": 0}),
        )
        .await;
    assert_eq!(setup.get("/wait?for=channel&channel=ticket-*").await["id"], channel["id"]);
    let gone = {
        let router = setup.router.clone();
        let path = format!("/control/wait?for=no_channel&channel={}", id(&channel));
        tokio::spawn(async move { get(&router, &path).await })
    };
    setup.delete(&format!("/channels/{}", id(&channel))).await;
    assert_eq!(gone.await.unwrap().json()["gone"], true);
}

#[tokio::test]
async fn members_come_go_and_change() {
    let setup = setup().await;
    let elsewhere = json!([{"id": QUIET_CORNER, "name": "Quiet Corner"}]);
    assert_eq!(setup.get("/people/noah/view").await["elsewhere"], elsewhere);
    setup.put(&format!("/people/noah/guilds/{QUIET_CORNER}")).await;
    setup.get("/wait?for=member&guild=Quiet%20Corner&person=noah").await;
    assert_eq!(setup.get("/people/noah/view").await["elsewhere"], json!([]));
    setup.delete(&format!("/people/noah/guilds/{QUIET_CORNER}")).await;
    setup.get("/wait?for=no_member&guild=Quiet%20Corner&person=noah").await;
    let roles = format!("/guilds/{HARBOUR_LIGHTS}/members/mia/roles/{SUPPORT_ROLE}");
    setup.put(&roles).await;
    setup.get("/wait?for=member&guild=Harbour%20Lights&person=mia&role=Support").await;
    setup.delete(&roles).await;
    setup.get("/wait?for=no_member&guild=Harbour%20Lights&person=mia&role=Support").await;
    let owner = setup
        .call(Method::DELETE, &format!("/people/olivia/guilds/{QUIET_CORNER}"), json!({}))
        .await;
    assert!(owner.status.is_client_error(), "an owner cannot leave");
}

#[tokio::test]
async fn closed_direct_messages_refuse() {
    let setup = setup().await;
    let dm = setup.post("/people/mia/dms", json!({"recipient_id": SAM})).await;
    assert_eq!(dm["name"], "Sam");
    let path = format!("/people/mia/channels/{}/messages", id(&dm));
    setup.post(&path, json!({"content": "psst"})).await;
    setup.get("/wait?for=message&person=sam&text=psst").await;
    setup.call(Method::PATCH, "/people/sam", json!({"dms_open": false})).await;
    let refused = setup.call(Method::POST, &path, json!({"content": "hello?"})).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &json!(50007)));
}

#[tokio::test]
async fn a_press_is_recorded_and_fails_without_a_bot() {
    let setup = setup().await;
    let panel = json!({"content": "Help", "components": [{"type": 1, "components": [
        {"type": 2, "style": 1, "label": "Open", "custom_id": "open"}]}]});
    let message = setup.sandbox.world().send_message(BOT, GENERAL, &panel, Vec::new()).unwrap();
    let press = json!({"type": "button", "channel_id": GENERAL, "message_id": message, "custom_id": "open"});
    let unanswered = setup.post("/people/mia/interactions?wait=false", press.clone()).await;
    assert_eq!(unanswered["state"], "waiting");
    // Three seconds pass on the sandbox's clock only.
    setup.post("/clock", json!({"advance_ms": 3_100})).await;
    let path = format!("/wait?for=interaction&id={}", id(&unanswered));
    let failed = setup.get(&path).await;
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["user_id"], MIA.to_string());
    assert_eq!(failed["data"]["custom_id"], "open");

    let wrong =
        json!({"type": "button", "channel_id": GENERAL, "message_id": message, "custom_id": "no"});
    let refused = setup.call(Method::POST, "/people/mia/interactions", wrong).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_clock_moves_forward_only() {
    let setup = setup().await;
    let before = setup.get("/clock").await["now_ms"].as_i64().unwrap();
    let after =
        setup.post("/clock", json!({"advance_ms": 86_400_000})).await["now_ms"].as_i64().unwrap();
    assert!(after >= before + 86_400_000);
    let back = setup.call(Method::POST, "/clock", json!({"advance_ms": -1})).await;
    assert_eq!(back.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn faults_are_added_listed_and_taken_away() {
    let setup = setup().await;
    let fault = json!({"kind": "status", "status": 503, "route": "/channels/*", "count": 2});
    let first = setup.post("/faults?for_ms=60000", fault).await;
    setup.post("/faults", json!({"kind": "rate_limit", "retry_after": 1.5, "global": true})).await;
    let list = setup.get("/faults").await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(list[0]["until"].as_i64().unwrap() > 0);
    setup.delete(&format!("/faults/{}", first["id"])).await;
    assert_eq!(setup.get("/faults").await[0]["kind"], "rate_limit");
    setup.delete("/faults").await;
    assert_eq!(setup.get("/faults").await, json!([]));
    for senseless in
        [json!({"kind": "status", "status": 200}), json!({"kind": "rate_limit", "retry_after": -1})]
    {
        let refused = setup.call(Method::POST, "/faults", senseless).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn rights_of_the_application_are_taken_and_given_back() {
    let setup = setup().await;
    let change = |body| setup.call(Method::PATCH, "/application", body);
    let state =
        change(json!({"token_revoked": true, "intents": {"message_content": false}})).await.json();
    assert_eq!(state["token_revoked"], true);
    assert_eq!(
        state["intents"],
        json!({"members": true, "presences": true, "message_content": false})
    );
    assert!(setup.sandbox.world().application(APPLICATION).unwrap().token_revoked);
    let state = change(json!({"intents": {"members": false, "message_content": true}})).await;
    assert_eq!(
        state.json()["intents"],
        json!({"members": false, "presences": true, "message_content": true})
    );
    let state =
        change(json!({"token_revoked": false, "add_redirect_uri": "http://localhost:1/cb"})).await;
    let state = state.json();
    assert_eq!(state["token_revoked"], false);
    assert!(state["redirect_uris"].as_array().unwrap().contains(&json!("http://localhost:1/cb")));
    let unknown = change(json!({"tokenrevoked": true})).await;
    assert!(unknown.status.is_client_error(), "a misspelt setting is not ignored");
}

#[tokio::test]
async fn settings_change_alone_and_misspelt_ones_are_refused() {
    let setup = setup().await;
    let change = |body| setup.call(Method::PATCH, "/settings", body);
    let settings = change(json!({"limits": "real", "heartbeat_interval_ms": 500})).await.json();
    assert_eq!(
        (&settings["limits"], &settings["heartbeat_interval_ms"]),
        (&json!("real"), &json!(500))
    );
    assert_eq!(settings["session_life_ms"], 120_000);
    assert!(change(json!({"limit": "off"})).await.status.is_client_error());
    assert!(change(json!({"heartbeat_interval_ms": 0})).await.status.is_client_error());
    assert_eq!(setup.get("/settings").await, settings);
}

#[tokio::test]
async fn bans_pins_and_crowds() {
    let setup = setup().await;
    let message = setup.sandbox.world().say(MIA, GENERAL, "keep this").unwrap();
    let pin = format!("/people/olivia/channels/{GENERAL}/messages/{message}/pin");
    setup.put(&pin).await;
    assert!(setup.sandbox.world().message(GENERAL, message).unwrap().pinned);
    setup.delete(&pin).await;
    assert!(!setup.sandbox.world().message(GENERAL, message).unwrap().pinned);

    let ban = format!("/guilds/{HARBOUR_LIGHTS}/bans/mia");
    let reason = json!({"reason": "noise", "delete_message_seconds": 60});
    assert_eq!(setup.call(Method::PUT, &ban, reason).await.status, StatusCode::OK);
    assert!(setup.sandbox.world().message(GENERAL, message).is_none());
    let join =
        setup.call(Method::PUT, &format!("/people/mia/guilds/{HARBOUR_LIGHTS}"), json!({})).await;
    assert_eq!(join.json()["code"], 40007);
    setup.delete(&ban).await;
    setup.put(&format!("/people/mia/guilds/{HARBOUR_LIGHTS}")).await;

    let crowd = setup.post("/crowd", json!({"count": 3})).await;
    assert_eq!(crowd.as_array().unwrap().len(), 3);
    let guild = crowd[0]["guild"].as_str().unwrap();
    assert_eq!(setup.get("/state").await["guilds"][guild]["owner_id"], OLIVIA.to_string());
}

#[tokio::test]
async fn a_replay_without_anybody_listening_says_so() {
    let setup = setup().await;
    let events = json!([{"t": "MESSAGE_CREATE", "d": {"id": "1"}}]);
    let refused = setup.call(Method::POST, "/replay", events).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(setup.get("/gateway").await["sessions"], json!([]));
}

#[tokio::test]
async fn another_site_cannot_use_it() {
    let setup = setup().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://attacker.example"),
        ("host", "attacker.example"),
    ] {
        let request = Request::post("/control/people")
            .header(header::CONTENT_TYPE, "application/json")
            .header(name, value)
            .body(Body::from("{\"username\": \"eve\"}"))
            .unwrap();
        assert_eq!(call(&setup.router, request).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert!(setup.sandbox.world().user_by_name("eve").is_none());
    let rebound =
        Request::get("/control/state").header("host", "attacker.example").body(Body::empty());
    assert_eq!(call(&setup.router, rebound.unwrap()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn people_are_found_by_id_or_name_and_bots_are_nobody() {
    let setup = setup().await;
    let list = setup.get("/people").await;
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["username"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["olivia", "sam", "mia", "noah"]);
    assert_eq!(setup.get(&format!("/people/{OLIVIA}/view")).await["me"]["username"], "olivia");
    for nobody in ["nobody".to_owned(), BOT.to_string()] {
        let answer = get(&setup.router, &format!("/control/people/{nobody}/view")).await;
        assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::NOT_FOUND, &json!(10013)));
    }
}

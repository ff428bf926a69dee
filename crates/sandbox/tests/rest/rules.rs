//! Discord's rules: permissions, limits, nonces, paging, expiring addresses.

use sandbox::limits::Mode;
use sandbox::permissions as p;
use sandbox::world::example::{
    BOT, BOT_ROLE, BOT_TOKEN, GENERAL, HARBOUR_LIGHTS, MIA, NOAH, OLIVIA, QUIET_CORNER, SAM,
    SUPPORT_LOG, SUPPORT_ROLE, TICKETS,
};
use sandbox::{SandboxConfig, StartError};
use serde_json::json;

use crate::support::{Bed, bed, fast};

fn messages() -> String {
    format!("/channels/{GENERAL}/messages")
}

#[tokio::test]
async fn without_a_token_there_is_401_and_it_counts() {
    let bed = fast().await;
    let url = format!("{}/users/@me", bed.sandbox.api_url());
    let answer = bed.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.text().await.unwrap(), r#"{"code":0,"message":"401: Unauthorized"}"#);
    let world = bed.sandbox.world();
    assert_eq!(world.limits.invalid_requests(world.now()), 1);
}

#[tokio::test]
async fn a_revoked_token_is_refused() {
    let bed = fast().await;
    bed.sandbox.world().set_token_revoked(sandbox::world::example::APPLICATION, true);
    bed.get("/users/@me").await.refused(401, 0);
}

#[tokio::test]
async fn hidden_channels_are_50001_and_forbidden_acts_50013() {
    let bed = fast().await;
    let everyone = json!({"type": 0, "deny": p::VIEW_CHANNEL.to_string(), "allow": "0"});
    let bot_role = json!({"type": 0, "deny": p::SEND_MESSAGES.to_string(), "allow": "0"});
    {
        let mut world = bed.sandbox.world();
        world.set_overwrite(OLIVIA, GENERAL, BOT_ROLE, &bot_role).unwrap();
    }
    bed.post(&messages(), json!({"content": "x"})).await.refused(403, 50013);
    bed.get(&messages()).await.expect(200);
    bed.sandbox.world().set_overwrite(OLIVIA, GENERAL, HARBOUR_LIGHTS, &everyone).unwrap();
    bed.post(&messages(), json!({"content": "x"})).await.refused(403, 50001);
    bed.get(&messages()).await.refused(403, 50001);
    bed.get(&format!("/guilds/{QUIET_CORNER}")).await.refused(404, 10004);
    assert!(!bed.sandbox.world().can_view(SUPPORT_LOG, MIA));
    assert!(bed.sandbox.world().can_view(SUPPORT_LOG, SAM));
}

#[tokio::test]
async fn roles_above_ones_own_are_out_of_reach() {
    let bed = fast().await;
    let guild = format!("/guilds/{HARBOUR_LIGHTS}");
    let above = {
        let mut world = bed.sandbox.world();
        let role = world.create_role(OLIVIA, HARBOUR_LIGHTS, &json!({"name": "Captain"})).unwrap();
        let id: sandbox::id::Id = role["id"].as_str().unwrap().parse().unwrap();
        world.place_role(HARBOUR_LIGHTS, id, 9);
        id
    };
    bed.call("PUT", &format!("{guild}/members/{MIA}/roles/{above}"), json!({}))
        .await
        .refused(403, 50013);
    bed.call("PUT", &format!("{guild}/members/{MIA}/roles/{SUPPORT_ROLE}"), json!({}))
        .await
        .expect(204);
    let power = json!({"name": "x", "permissions": p::ADMINISTRATOR.to_string()});
    bed.post(&format!("{guild}/roles"), power).await.refused(403, 50013);
    bed.delete(&format!("{guild}/roles/{BOT_ROLE}")).await.refused(403, 50013);
    bed.delete(&format!("{guild}/members/{OLIVIA}")).await.refused(403, 50013);
}

#[tokio::test]
async fn overwrites_give_only_what_one_has() {
    let bed = fast().await;
    let channel = |allow: p::Permissions| {
        json!({"name": "t", "parent_id": TICKETS, "permission_overwrites": [
            {"id": MIA, "type": 1, "allow": allow.to_string(), "deny": "0"}]})
    };
    let path = format!("/guilds/{HARBOUR_LIGHTS}/channels");
    bed.post(&path, channel(p::VIEW_CHANNEL)).await.expect(201);
    bed.post(&path, channel(p::BAN_MEMBERS)).await.refused(403, 50013);
    bed.post(&path, channel(p::MANAGE_ROLES)).await.refused(403, 50013);
}

#[tokio::test]
async fn a_category_holds_fifty_channels_and_a_server_five_hundred() {
    let bed = fast().await;
    let make = |parent: Option<sandbox::id::Id>| json!({"name": "c", "parent_id": parent});
    {
        let mut world = bed.sandbox.world();
        for _ in 0..50 {
            world.create_channel(OLIVIA, HARBOUR_LIGHTS, &make(Some(TICKETS))).unwrap();
        }
    }
    let path = format!("/guilds/{HARBOUR_LIGHTS}/channels");
    let body = bed.post(&path, make(Some(TICKETS))).await.refused(400, 50035);
    let code = &body["errors"]["parent_id"]["_errors"][0]["code"];
    assert_eq!(code, "CHANNEL_PARENT_MAX_CHANNELS");
    {
        let mut world = bed.sandbox.world();
        while world.channels_of(HARBOUR_LIGHTS).count() < 500 {
            world.create_channel(OLIVIA, HARBOUR_LIGHTS, &make(None)).unwrap();
        }
    }
    bed.post(&path, make(None)).await.refused(400, 30013);
}

#[tokio::test]
async fn a_nonce_finds_its_message_for_five_minutes() {
    let bed = fast().await;
    let body = json!({"content": "once", "nonce": "outbox-1", "enforce_nonce": true});
    let first = bed.post(&messages(), body.clone()).await.expect(200);
    let again = bed.post(&messages(), body.clone()).await.expect(200);
    assert_eq!(first["id"], again["id"]);
    let unenforced = json!({"content": "once", "nonce": "outbox-1"});
    assert_ne!(bed.post(&messages(), unenforced).await.expect(200)["id"], first["id"]);
    bed.sandbox.world().advance(6 * 60 * 1_000);
    assert_ne!(bed.post(&messages(), body).await.expect(200)["id"], first["id"]);
    let long = json!({"content": "x", "nonce": "n".repeat(26)});
    bed.post(&messages(), long).await.refused(400, 50035);
    bed.forgive();
}

#[tokio::test]
async fn pages_meet_without_gap_or_overlap() {
    let bed = fast().await;
    let ids: Vec<String> = {
        let mut world = bed.sandbox.world();
        (0..230).map(|n| world.say(MIA, GENERAL, &format!("{n}")).unwrap().to_string()).collect()
    };
    let mut read = Vec::new();
    let mut before = String::new();
    loop {
        let page = bed.get(&format!("{}?limit=100{before}", messages())).await.expect(200);
        let page: Vec<String> =
            page.as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect();
        let Some(last) = page.last() else { break };
        before = format!("&before={last}");
        read.extend(page);
    }
    read.reverse();
    assert_eq!(read, ids);
    let after = bed.get(&format!("{}?limit=2&after={}", messages(), ids[10])).await.expect(200);
    assert_eq!((&after[0]["id"], &after[1]["id"]), (&json!(ids[12]), &json!(ids[11])));
    let around = bed.get(&format!("{}?limit=3&around={}", messages(), ids[10])).await.expect(200);
    assert_eq!(around.as_array().unwrap().len(), 3);
    assert_eq!(around[1]["id"], json!(ids[10]));
    bed.get(&format!("{}?limit=101", messages())).await.refused(400, 50035);
    bed.get(&format!("{}?limit=0", messages())).await.refused(400, 50035);
}

#[tokio::test]
async fn messages_have_limits() {
    let bed = fast().await;
    for (body, code) in [
        (json!({"content": "x".repeat(2_001)}), 50035),
        (json!({"content": "  "}), 50006),
        (json!({}), 50006),
        (json!({"embeds": [{"title": "x".repeat(257)}]}), 50035),
        (json!({"embeds": vec![json!({"title": "x"}); 11]}), 50035),
        (json!({"content": "x", "components": [{"type": 1, "components": []}]}), 50035),
        (json!({"content": "x", "message_reference": {"message_id": "1"}}), 50035),
        (
            json!({"content": "x", "components": [{"type": 1, "components": [
            {"type": 2, "style": 1, "label": "a", "custom_id": "same"},
            {"type": 2, "style": 1, "label": "b", "custom_id": "same"}]}]}),
            50035,
        ),
        (
            json!({"content": "x", "components": [{"type": 1, "components": [
            {"type": 2, "style": 5, "label": "a", "url": "javascript:alert(1)"}]}]}),
            50035,
        ),
    ] {
        bed.post(&messages(), body).await.refused(400, code);
    }
    bed.forgive();
    bed.post(&messages(), json!({"content": "x".repeat(2_000)})).await.expect(200);
    let big = vec![0; 10 * 1024 * 1024 + 1];
    bed.upload("POST", &messages(), &json!({}), &[("big.bin", &big)]).await.refused(413, 40005);
}

#[tokio::test]
async fn only_the_author_edits() {
    let bed = fast().await;
    let id = bed.sandbox.world().say(MIA, GENERAL, "mine").unwrap();
    let path = format!("{}/{id}", messages());
    bed.call("PATCH", &path, json!({"content": "yours"})).await.refused(403, 50005);
    bed.delete(&path).await.expect(204);
    bed.delete(&path).await.refused(404, 10008);
    let mut world = bed.sandbox.world();
    let sams = world.say(SAM, GENERAL, "Sam's").unwrap();
    assert_eq!(world.delete_message(MIA, GENERAL, sams).unwrap_err().code, 50013);
}

#[tokio::test]
async fn bulk_deletion_takes_two_to_a_hundred_young_messages() {
    let bed = fast().await;
    let ids: Vec<_> = (0..3).map(|_| bed.sandbox.world().say(MIA, GENERAL, "x").unwrap()).collect();
    let path = format!("{}/bulk-delete", messages());
    bed.post(&path, json!({"messages": [ids[0]]})).await.refused(400, 50016);
    bed.forgive();
    bed.post(&path, json!({"messages": [ids[0], ids[1], "99"]})).await.refused(400, 50034);
    bed.post(&path, json!({"messages": [ids[0], ids[1]]})).await.expect(204);
    assert_eq!(bed.sandbox.world().messages(GENERAL).len(), 1);
}

#[tokio::test]
async fn closed_direct_messages_are_50007() {
    let bed = fast().await;
    bed.sandbox.world().set_dms_open(MIA, false);
    let dm = bed.post("/users/@me/channels", json!({"recipient_id": MIA})).await.expect(200);
    let path = format!("/channels/{}/messages", dm["id"].as_str().unwrap());
    bed.post(&path, json!({"content": "x"})).await.refused(403, 50007);
    bed.sandbox.world().set_dms_open(MIA, true);
    bed.post(&path, json!({"content": "x"})).await.expect(200);
    bed.sandbox.world().leave_guild(MIA, HARBOUR_LIGHTS).unwrap();
    bed.post(&path, json!({"content": "x"})).await.refused(403, 50278);
    bed.post("/users/@me/channels", json!({"recipient_id": BOT})).await.refused(400, 50033);
}

#[tokio::test]
async fn the_sixth_message_waits_as_the_headers_say() {
    let bed = real().await;
    for left in (0..5).rev() {
        let answer = bed.post(&messages(), json!({"content": "x"})).await;
        assert_eq!(answer.header("x-ratelimit-limit"), "5");
        assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
        assert!(!answer.header("x-ratelimit-bucket").is_empty());
        answer.expect(200);
    }
    let stopped = bed.post(&messages(), json!({"content": "x"})).await;
    assert_eq!(stopped.header("x-ratelimit-scope"), "user");
    assert!(stopped.header("retry-after").parse::<u32>().unwrap() <= 5);
    let body = stopped.expect(429);
    assert_eq!(body["global"], false);
    assert!(body["retry_after"].as_f64().unwrap() <= 5.0);
    assert_eq!(bed.sandbox.world().messages(GENERAL).len(), 5);
    bed.sandbox.world().advance(5_000);
    bed.post(&messages(), json!({"content": "x"})).await.expect(200);
}

#[tokio::test]
async fn renaming_twice_in_ten_minutes_is_all() {
    let bed = real().await;
    let path = format!("/channels/{GENERAL}");
    for name in ["a", "b"] {
        bed.call("PATCH", &path, json!({"name": name})).await.expect(200);
    }
    bed.call("PATCH", &path, json!({"name": "c"})).await.expect(429);
    bed.call("PATCH", &path, json!({"nsfw": true})).await.expect(200);
    bed.sandbox.world().advance(10 * 60 * 1_000);
    bed.call("PATCH", &path, json!({"name": "c"})).await.expect(200);
}

async fn real() -> Bed {
    let bed = bed(SandboxConfig::default()).await;
    assert_eq!(bed.sandbox.world().limits.mode, Mode::Real);
    bed
}

#[tokio::test]
async fn fifty_requests_a_second_over_all_routes() {
    let bed = real().await;
    bed.sandbox.world().limits.global_per_second = 3;
    let mut statuses = Vec::new();
    for path in ["/users/@me", "/gateway", "/applications/@me", "/users/@me"] {
        statuses.push(bed.get(path).await);
    }
    let last = statuses.pop().unwrap();
    assert_eq!(
        (last.header("x-ratelimit-global"), last.header("x-ratelimit-scope")),
        ("true", "global")
    );
    assert_eq!(last.expect(429)["global"], true);
}

#[tokio::test]
async fn attachment_addresses_expire_and_are_renewed() {
    let bed = fast().await;
    let picture = sandbox::cdn::draw("x");
    let id = {
        let mut world = bed.sandbox.world();
        world.send_file(MIA, GENERAL, "look", "my cat.png", picture.clone()).unwrap()
    };
    let path = format!("{}/{id}", messages());
    let message = bed.get(&path).await.expect(200);
    let file = &message["attachments"][0];
    assert_eq!((&file["width"], &file["filename"]), (&json!(64), &json!("my_cat.png")));
    let url = file["url"].as_str().unwrap().to_owned();
    let answer = bed.http.get(&url).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.bytes().await.unwrap(), picture);
    let unsigned = url.split('?').next().unwrap();
    assert_eq!(bed.http.get(unsigned).send().await.unwrap().status(), 404);
    bed.sandbox.world().advance(25 * 60 * 60 * 1_000);
    assert_eq!(bed.http.get(&url).send().await.unwrap().status(), 404);
    let renewed =
        bed.get(&path).await.expect(200)["attachments"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(bed.http.get(renewed).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn without_the_content_intent_rest_hides_contents_too() {
    let bed = fast().await;
    {
        let mut world = bed.sandbox.world();
        world.say(MIA, GENERAL, "secret").unwrap();
        world.say(MIA, GENERAL, &format!("hello <@{BOT}>")).unwrap();
        world.edit_application(sandbox::world::example::APPLICATION, |application| {
            application.privileged.message_content = false;
        });
    }
    let page = bed.get(&messages()).await.expect(200);
    assert_eq!(
        (&page[0]["content"], &page[1]["content"]),
        (&json!(format!("hello <@{BOT}>")), &json!(""))
    );
}

#[tokio::test]
async fn a_ban_takes_messages_along_and_keeps_out() {
    let bed = fast().await;
    let mut world = bed.sandbox.world();
    world.say(NOAH, GENERAL, "spam").unwrap();
    assert_eq!(world.ban(MIA, HARBOUR_LIGHTS, NOAH, 0, None).unwrap_err().code, 50013);
    world.ban(OLIVIA, HARBOUR_LIGHTS, NOAH, 3_600, Some("spam".into())).unwrap();
    assert!(world.messages(GENERAL).is_empty());
    assert_eq!(world.join_guild(NOAH, HARBOUR_LIGHTS).unwrap_err().code, 40007);
    world.unban(OLIVIA, HARBOUR_LIGHTS, NOAH).unwrap();
    world.join_guild(NOAH, HARBOUR_LIGHTS).unwrap();
}

#[tokio::test]
async fn people_read_their_servers_with_their_own_token() {
    let bed = fast().await;
    {
        let mut world = bed.sandbox.world();
        let grant = sandbox::world::model::BearerGrant {
            user_id: MIA,
            application_id: sandbox::world::example::APPLICATION,
            scopes: vec!["identify".into(), "guilds".into()],
            expires_at: world.now() + 60_000,
        };
        world.issue_bearer("mias-token".into(), grant);
    }
    let get = async |path: &str| {
        let request = bed.http.get(format!("{}{path}", bed.sandbox.api_url()));
        request.header("Authorization", "Bearer mias-token").send().await.unwrap()
    };
    let me: serde_json::Value = get("/users/@me").await.json().await.unwrap();
    assert_eq!((&me["username"], &me["email"]), (&json!("mia"), &json!(null)));
    let guilds: Vec<serde_json::Value> = get("/users/@me/guilds").await.json().await.unwrap();
    assert_eq!(guilds.len(), 2);
    assert_eq!(get(&format!("/channels/{GENERAL}")).await.status(), 401, "bots only");
    bed.sandbox.world().advance(60_001);
    assert_eq!(get("/users/@me").await.status(), 401);
    assert!(!BOT_TOKEN.is_empty());
}

#[tokio::test]
async fn the_sandbox_stays_on_this_machine() {
    let config = SandboxConfig { address: ([0, 0, 0, 0], 0).into(), ..SandboxConfig::default() };
    assert!(matches!(sandbox::Sandbox::start(config).await, Err(StartError::NotLoopback(_))));
}

//! Calls every endpoint that the sandbox serves and holds requests and answers against Discord's own
//! description (when `WARDESK_DISCORD_OPENAPI` names it; without it, only statuses are checked).

use crate::support::{Bed, fast};
use sandbox::permissions as p;
use sandbox::world::example::{
    APPLICATION, BOT, BOT_ROLE, GENERAL, HARBOUR_LIGHTS, MEMBER_ROLE, MIA, NOAH, SUPPORT_ROLE,
    TICKETS,
};
use serde_json::json;

async fn administrator() -> Bed {
    let bed = fast().await;
    let body = json!({"permissions": p::ALL.to_string()});
    let owner = sandbox::world::example::OLIVIA;
    bed.sandbox.world().edit_role(owner, HARBOUR_LIGHTS, BOT_ROLE, &body).unwrap();
    bed
}

#[tokio::test]
async fn guilds_roles_and_members_conform() {
    let bed = administrator().await;
    let guild = format!("/guilds/{HARBOUR_LIGHTS}");
    bed.get(&format!("{guild}?with_counts=true")).await.expect(200);
    bed.call("PATCH", &guild, json!({"name": "Harbour"})).await.expect(200);
    bed.get(&format!("{guild}/channels")).await.expect(200);
    bed.get(&format!("{guild}/roles")).await.expect(200);
    let role = bed
        .post(&format!("{guild}/roles"), json!({"name": "Crew 2", "color": 255}))
        .await
        .expect(200);
    let role = format!("{guild}/roles/{}", role["id"].as_str().unwrap());
    bed.get(&role).await.expect(200);
    bed.call("PATCH", &role, json!({"name": "Crew 3", "permissions": "1024"})).await.expect(200);
    bed.call("PATCH", &format!("{guild}/roles"), json!([{"id": MEMBER_ROLE, "position": 2}]))
        .await
        .expect(200);
    bed.get(&format!("{guild}/roles/member-counts")).await.expect(200);
    bed.delete(&role).await.expect(204);
    bed.get(&format!("{guild}/members?limit=10")).await.expect(200);
    let found = bed.get(&format!("{guild}/members/search?query=mi")).await.expect(200);
    assert_eq!(found[0]["user"]["username"], "mia");
    bed.get(&format!("{guild}/members/{MIA}")).await.expect(200);
    bed.call("PATCH", &format!("{guild}/members/{MIA}"), json!({"nick": "M"})).await.expect(200);
    bed.call("PATCH", &format!("{guild}/members/@me"), json!({"nick": "Desk"})).await.expect(200);
    bed.call("PUT", &format!("{guild}/members/{MIA}/roles/{SUPPORT_ROLE}"), json!({}))
        .await
        .expect(204);
    bed.delete(&format!("{guild}/members/{MIA}/roles/{SUPPORT_ROLE}")).await.expect(204);
    bed.call("PUT", &format!("{guild}/bans/{NOAH}"), json!({"delete_message_seconds": 60}))
        .await
        .expect(204);
    bed.get(&format!("{guild}/bans")).await.expect(200);
    bed.get(&format!("{guild}/bans/{NOAH}")).await.expect(200);
    bed.delete(&format!("{guild}/bans/{NOAH}")).await.expect(204);
    bed.post(&format!("{guild}/bulk-ban"), json!({"user_ids": [NOAH]})).await.expect(200);
    bed.delete(&format!("{guild}/members/{MIA}")).await.expect(204);
    bed.get(&format!("{guild}/emojis")).await.expect(200);
    bed.get(&format!("{guild}/invites")).await.expect(200);
    let until = json!({"invites_disabled_until": "2030-01-01T00:00:00+00:00"});
    bed.call("PUT", &format!("{guild}/incident-actions"), until).await.expect(200);
    bed.get(&format!("{guild}/threads/active")).await.expect(200);
    bed.get("/guilds/1").await.refused(404, 10004);
    bed.conforms();
}

#[tokio::test]
async fn channels_and_messages_conform() {
    let bed = administrator().await;
    let body = json!({"name": "Ticket 1", "type": 0, "parent_id": TICKETS, "topic": "ticket:1",
        "permission_overwrites": [{"id": MIA, "type": 1, "allow": "1024", "deny": "0"}]});
    let channel = bed.post(&format!("/guilds/{HARBOUR_LIGHTS}/channels"), body).await.expect(201);
    assert_eq!(channel["name"], "ticket-1");
    let channel = format!("/channels/{}", channel["id"].as_str().unwrap());
    for kind in [2, 4, 5, 15] {
        let body = json!({"name": "kind", "type": kind});
        let made = bed.post(&format!("/guilds/{HARBOUR_LIGHTS}/channels"), body).await.expect(201);
        bed.get(&format!("/channels/{}", made["id"].as_str().unwrap())).await.expect(200);
    }
    let moved = json!([{"id": GENERAL, "position": 5}]);
    bed.call("PATCH", &format!("/guilds/{HARBOUR_LIGHTS}/channels"), moved).await.expect(204);
    bed.call("PATCH", &channel, json!({"name": "closed-1", "topic": null})).await.expect(200);
    let moved = json!({"parent_id": null, "permission_overwrites": [
        {"id": NOAH, "type": 1, "allow": "1024", "deny": "0"}]});
    let moved = bed.call("PATCH", &channel, moved).await.expect(200);
    assert_eq!(moved["parent_id"], json!(null));
    let targets: Vec<_> = moved["permission_overwrites"].as_array().unwrap().iter().collect();
    assert_eq!((targets.len(), &targets[0]["id"]), (1, &json!(NOAH.to_string())));
    bed.call("PATCH", &channel, json!({"parent_id": TICKETS})).await.expect(200);
    let overwrite = json!({"allow": "2048", "deny": "0", "type": 1});
    bed.call("PUT", &format!("{channel}/permissions/{NOAH}"), overwrite).await.expect(204);
    bed.delete(&format!("{channel}/permissions/{NOAH}")).await.expect(204);
    bed.post(&format!("{channel}/typing"), json!({})).await.expect(204);

    let rich = json!({
        "content": "hello <@200000000000000003> @everyone", "nonce": "a1", "enforce_nonce": true,
        "embeds": [{"title": "T", "description": "D", "url": "https://example.org/", "color": 255,
            "timestamp": "2026-01-01T00:00:00Z", "footer": {"text": "f"}, "author": {"name": "a"},
            "image": {"url": "attachment://a.png"}, "fields": [{"name": "n", "value": "v", "inline": true}]}],
        "components": [
            {"type": 1, "components": [
                {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "emoji": {"name": "🎫"}},
                {"type": 2, "style": 5, "label": "Open", "url": "https://example.org/"}]},
            {"type": 1, "components": [{"type": 3, "custom_id": "s", "options": [
                {"label": "A", "value": "a", "description": "d"}, {"label": "B", "value": "b"}]}]},
            {"type": 1, "components": [{"type": 5, "custom_id": "u"}]},
            {"type": 1, "components": [{"type": 6, "custom_id": "r"}]},
            {"type": 1, "components": [{"type": 8, "custom_id": "c", "channel_types": [0]}]}],
        "allowed_mentions": {"parse": ["users"]},
        "attachments": [{"id": "0", "description": "alt"}],
    });
    let picture = sandbox::cdn::draw("a");
    let files: &[(&str, &[u8])] = &[("a.png", &picture), ("notes.txt", b"hello")];
    let message =
        bed.upload("POST", &format!("{channel}/messages"), &rich, files).await.expect(200);
    assert_eq!(message["attachments"].as_array().unwrap().len(), 1, "the picture is in the embed");
    assert_eq!(message["mentions"][0]["id"], MIA.to_string());
    assert_eq!(message["mention_everyone"], false);
    assert!(message["embeds"][0]["image"]["url"].as_str().unwrap().contains("/cdn/attachments/"));
    let id = message["id"].as_str().unwrap().to_owned();
    let path = format!("{channel}/messages/{id}");
    bed.get(&path).await.expect(200);
    bed.call("PATCH", &path, json!({"content": "edited", "embeds": []})).await.expect(200);
    let reply = json!({"content": "reply", "message_reference": {"message_id": id}});
    let reply = bed.post(&format!("{channel}/messages"), reply).await.expect(200);
    assert_eq!((&reply["type"], &reply["referenced_message"]["id"]), (&json!(19), &json!(id)));
    let poll = json!({"poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "yes"}}],
        "duration": 1, "allow_multiselect": false, "layout_type": 1}});
    bed.post(&format!("{channel}/messages"), poll).await.expect(200);

    bed.call("PUT", &format!("{path}/reactions/%F0%9F%91%8D/@me"), json!({})).await.expect(204);
    bed.get(&path).await.expect(200);
    bed.get(&format!("{path}/reactions/%F0%9F%91%8D")).await.expect(200);
    bed.delete(&format!("{path}/reactions/%F0%9F%91%8D/@me")).await.expect(204);
    bed.delete(&format!("{path}/reactions")).await.expect(204);
    bed.call("PUT", &format!("{channel}/messages/pins/{id}"), json!({})).await.expect(204);
    bed.get(&format!("{channel}/messages/pins")).await.expect(200);
    bed.get(&format!("{channel}/pins")).await.expect(200);
    bed.delete(&format!("{channel}/messages/pins/{id}")).await.expect(204);
    bed.get(&format!("{channel}/messages?limit=100")).await.expect(200);
    bed.delete(&path).await.expect(204);
    bed.get(&path).await.refused(404, 10008);
    bed.delete(&channel).await.expect(200);
    bed.get(&channel).await.refused(404, 10003);
    bed.conforms();
}

#[tokio::test]
async fn version_two_components_conform() {
    let bed = administrator().await;
    let picture = sandbox::cdn::draw("b");
    let body = json!({"flags": 1 << 15, "components": [
        {"type": 17, "accent_color": 255, "components": [
            {"type": 10, "content": "# Title"},
            {"type": 9, "components": [{"type": 10, "content": "text"}],
                "accessory": {"type": 11, "media": {"url": "attachment://b.png"}}},
            {"type": 12, "items": [{"media": {"url": "attachment://b.png"}, "description": "alt"}]},
            {"type": 14, "divider": true, "spacing": 2},
            {"type": 13, "file": {"url": "attachment://b.png"}},
            {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": "x"}]}]}]});
    let path = format!("/channels/{GENERAL}/messages");
    let message = bed.upload("POST", &path, &body, &[("b.png", &picture)]).await.expect(200);
    assert_eq!(message["components"][0]["components"][0]["content"], "# Title");
    bed.conforms();
    let both =
        json!({"flags": 1 << 15, "content": "no", "components": [{"type": 10, "content": "a"}]});
    bed.post(&path, both).await.refused(400, 50035);
    bed.post(&path, json!({"components": [{"type": 10, "content": "a"}]}))
        .await
        .refused(400, 50035);
}

#[tokio::test]
async fn threads_and_webhooks_conform() {
    let bed = administrator().await;
    let channel = format!("/channels/{GENERAL}");
    let message =
        bed.post(&format!("{channel}/messages"), json!({"content": "start"})).await.expect(200);
    let start = format!("{channel}/messages/{}/threads", message["id"].as_str().unwrap());
    let thread = bed.post(&start, json!({"name": "talk"})).await.expect(201);
    assert_eq!(thread["id"], message["id"]);
    bed.post(&start, json!({"name": "again"})).await.refused(400, 160_004);
    let private =
        bed.post(&format!("{channel}/threads"), json!({"name": "p", "type": 12})).await.expect(201);
    let path = format!("/channels/{}", private["id"].as_str().unwrap());
    bed.call("PUT", &format!("{path}/thread-members/{MIA}"), json!({})).await.expect(204);
    bed.get(&format!("{path}/thread-members")).await.expect(200);
    bed.get(&format!("{path}/thread-members/{MIA}")).await.expect(200);
    bed.delete(&format!("{path}/thread-members/{MIA}")).await.expect(204);
    bed.post(&format!("{path}/messages"), json!({"content": "inside"})).await.expect(200);
    bed.call("PATCH", &path, json!({"archived": true, "locked": true})).await.expect(200);
    bed.get(&format!("{channel}/threads/archived/private")).await.expect(200);
    bed.get(&format!("{channel}/threads/archived/public")).await.expect(200);
    bed.delete(&format!("{path}/thread-members/@me")).await.expect(204);
    bed.call("PUT", &format!("{path}/thread-members/@me"), json!({})).await.refused(400, 50083);
    bed.delete(&path).await.expect(200);

    let hook = bed.post(&format!("{channel}/webhooks"), json!({"name": "Log"})).await.expect(200);
    let id = hook["id"].as_str().unwrap();
    let with_token = format!("/webhooks/{id}/{}", hook["token"].as_str().unwrap());
    bed.get(&format!("{channel}/webhooks")).await.expect(200);
    bed.get(&format!("/guilds/{HARBOUR_LIGHTS}/webhooks")).await.expect(200);
    bed.get(&format!("/webhooks/{id}")).await.expect(200);
    bed.call("PATCH", &format!("/webhooks/{id}"), json!({"name": "Log 2"})).await.expect(200);
    bed.get(&with_token).await.expect(200);
    bed.post(&with_token, json!({"content": "quiet"})).await.expect(204);
    let body = json!({"content": "loud", "username": "Bosun"});
    let message = bed.post(&format!("{with_token}?wait=true"), body).await.expect(200);
    assert_eq!(message["author"]["username"], "Bosun");
    let posted = format!("{with_token}/messages/{}", message["id"].as_str().unwrap());
    bed.get(&posted).await.expect(200);
    bed.call("PATCH", &posted, json!({"content": "louder"})).await.expect(200);
    bed.delete(&posted).await.expect(204);
    bed.get(&format!("/webhooks/{id}/wrong")).await.refused(401, 50027);
    bed.delete(&with_token).await.expect(204);
    bed.get(&format!("/webhooks/{id}")).await.refused(404, 10015);
    bed.conforms();
}

#[tokio::test]
async fn users_commands_and_the_application_conform() {
    let bed = administrator().await;
    bed.get("/users/@me").await.expect(200);
    bed.get("/users/@me/guilds").await.expect(200);
    bed.get(&format!("/users/{MIA}")).await.expect(200);
    let dm = bed.post("/users/@me/channels", json!({"recipient_id": MIA})).await.expect(200);
    let dm = format!("/channels/{}/messages", dm["id"].as_str().unwrap());
    bed.post(&dm, json!({"content": "hello"})).await.expect(200);
    bed.get("/applications/@me").await.expect(200);
    bed.get("/oauth2/applications/@me").await.expect(200);
    bed.get("/gateway").await.expect(200);
    bed.get("/gateway/bot").await.expect(200);
    let commands = json!([{"name": "ticket", "description": "Tickets", "options": [
        {"type": 1, "name": "open", "description": "Open one", "options": [
            {"type": 3, "name": "topic", "description": "About", "required": true}]},
        {"type": 1, "name": "add", "description": "Add", "options": [
            {"type": 6, "name": "who", "description": "Whom", "required": true}]}]}]);
    for scope in ["", &format!("/guilds/{HARBOUR_LIGHTS}")] {
        let path = format!("/applications/{APPLICATION}{scope}/commands");
        let first = bed.call("PUT", &path, commands.clone()).await.expect(200);
        let again = bed.call("PUT", &path, commands.clone()).await.expect(200);
        assert_eq!(first[0]["id"], again[0]["id"], "a command of the same name keeps its id");
        let made =
            bed.post(&path, json!({"name": "close", "description": "Close"})).await.expect(201);
        bed.post(&path, json!({"name": "close", "description": "Close it"})).await.expect(200);
        let one = format!("{path}/{}", made["id"].as_str().unwrap());
        bed.get(&one).await.expect(200);
        bed.call("PATCH", &one, json!({"description": "Shut"})).await.expect(200);
        bed.delete(&one).await.expect(204);
        bed.get(&path).await.expect(200);
    }
    bed.conforms();
    assert_eq!(bed.get("/users/@me").await.expect(200)["id"], BOT.to_string());
}

#[tokio::test]
async fn an_endpoint_that_does_not_exist_is_noticed() {
    let bed = fast().await;
    bed.get("/no/such/thing").await.refused(404, 0);
    let found = bed.sandbox.world().violations().len();
    assert_eq!(found, 1);
    bed.forgive();
}

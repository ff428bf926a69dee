//! Interactions: the first answer within three seconds, edits, follow-ups, modals, commands.

use sandbox::id::Id;
use sandbox::world::example::{APPLICATION, GENERAL, MIA, NOAH};
use sandbox::world::interaction::Fate;
use serde_json::{Map, Value, json};

use crate::support::{Bed, Gateway, fast};

/// A message with a button, a connected bot, and Mia's press as the bot hears of it.
async fn pressed(bed: &Bed) -> (Gateway, Id, Value) {
    let mut gateway = bed.identified(1).await;
    let id = press(bed, MIA).await;
    let event = gateway.event("INTERACTION_CREATE").await;
    (gateway, id, event)
}

async fn press(bed: &Bed, person: Id) -> Id {
    let body = json!({"content": "panel", "components": [{"type": 1, "components": [
        {"type": 2, "style": 1, "label": "Open", "custom_id": "open"}]}]});
    let message = bed.post(&format!("/channels/{GENERAL}/messages"), body).await.expect(200);
    let message: Id = message["id"].as_str().unwrap().parse().unwrap();
    bed.sandbox.world().press(person, GENERAL, message, "open", &[]).unwrap()
}

fn callback(event: &Value) -> String {
    format!(
        "/interactions/{}/{}/callback",
        event["id"].as_str().unwrap(),
        event["token"].as_str().unwrap()
    )
}

fn webhook(event: &Value) -> String {
    format!("/webhooks/{APPLICATION}/{}", event["token"].as_str().unwrap())
}

fn fate(bed: &Bed, id: Id) -> Fate {
    bed.sandbox.world().interaction(id).unwrap().fate.clone()
}

#[tokio::test]
async fn a_press_reaches_the_bot_with_all_it_needs() {
    let bed = fast().await;
    let (_gateway, id, event) = pressed(&bed).await;
    assert_eq!(event["id"], id.to_string());
    assert_eq!((&event["type"], &event["data"]["custom_id"]), (&json!(3), &json!("open")));
    assert_eq!(event["member"]["user"]["id"], MIA.to_string());
    assert_eq!(event["message"]["content"], "panel");
    assert!(event["app_permissions"].as_str().unwrap().parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn a_deferred_answer_is_edited_once_and_seen_by_one() {
    let bed = fast().await;
    let (_gateway, id, event) = pressed(&bed).await;
    let deferred = json!({"type": 5, "data": {"flags": 64}});
    bed.post(&callback(&event), deferred.clone()).await.expect(204);
    bed.post(&callback(&event), deferred).await.refused(400, 40060);
    assert!(matches!(fate(&bed, id), Fate::Deferred { ephemeral: true, .. }));
    let original = format!("{}/messages/@original", webhook(&event));
    let answer = bed.call("PATCH", &original, json!({"content": "done"})).await.expect(200);
    assert_eq!((&answer["content"], &answer["flags"]), (&json!("done"), &json!(64)));
    let settled = bed.sandbox.shared().settled_answer(id, std::time::Duration::from_secs(1)).await;
    assert!(matches!(settled, Some(Fate::Answered { ephemeral: true, .. })));
    let answer: Id = answer["id"].as_str().unwrap().parse().unwrap();
    {
        let world = bed.sandbox.world();
        let page = sandbox::world::messages::Page::Newest;
        let sees = |person| {
            world
                .list_messages(person, GENERAL, page, 50, true)
                .unwrap()
                .iter()
                .any(|m| m.id == answer)
        };
        assert!(sees(MIA) && !sees(NOAH));
    }
    bed.get(&format!("/channels/{GENERAL}/messages/{answer}")).await.refused(404, 10008);
    let follow_up = bed.post(&webhook(&event), json!({"content": "more"})).await.expect(200);
    assert_ne!(follow_up["id"], answer.to_string());
    bed.get(&original).await.expect(200);
    bed.delete(&original).await.expect(204);
    bed.get(&original).await.refused(404, 10008);
    bed.conforms();
}

#[tokio::test]
async fn three_seconds_and_fifteen_minutes() {
    let bed = fast().await;
    let (mut gateway, id, event) = pressed(&bed).await;
    bed.post(&webhook(&event), json!({"content": "early"})).await.refused(404, 10015);
    bed.sandbox.world().advance(3_001);
    bed.post(&callback(&event), json!({"type": 5})).await.refused(404, 10062);
    assert_eq!(fate(&bed, id), Fate::Failed);
    let second = press(&bed, MIA).await;
    let event = gateway.event("INTERACTION_CREATE").await;
    bed.post(&callback(&event), json!({"type": 4, "data": {"content": "hi"}})).await.expect(204);
    assert!(matches!(fate(&bed, second), Fate::Answered { .. }));
    bed.sandbox.world().advance(15 * 60 * 1_000 + 1);
    bed.post(&webhook(&event), json!({"content": "late"})).await.refused(401, 50027);
}

#[tokio::test]
async fn a_modal_is_filled_and_checked() {
    let bed = fast().await;
    let (mut gateway, id, event) = pressed(&bed).await;
    let modal = json!({"type": 9, "data": {"custom_id": "form", "title": "Ticket", "components": [
        {"type": 18, "label": "Why", "component": {"type": 4, "custom_id": "why", "style": 2, "max_length": 5}},
        {"type": 1, "components": [{"type": 4, "custom_id": "more", "style": 1, "label": "More", "required": false}]}]}});
    bed.post(&callback(&event), modal).await.expect(204);
    assert!(matches!(fate(&bed, id), Fate::Modal(_)));
    let fill =
        |why: &str| -> Map<String, Value> { json!({"why": why}).as_object().unwrap().clone() };
    let refused = bed.sandbox.world().submit_modal(MIA, id, &fill("too long")).unwrap_err();
    assert_eq!(refused.code, 50035);
    assert!(bed.sandbox.world().submit_modal(NOAH, id, &fill("a")).is_err(), "not Noah's form");
    let sent = bed.sandbox.world().submit_modal(MIA, id, &fill("lost")).unwrap();
    let event = gateway.event("INTERACTION_CREATE").await;
    assert_eq!((&event["id"], &event["type"]), (&json!(sent.to_string()), &json!(5)));
    assert_eq!(event["data"]["components"][0]["component"]["value"], "lost");
    let answer = json!({"type": 4, "data": {"content": "thanks", "flags": 64}});
    let answer =
        bed.post(&format!("{}?with_response=true", callback(&event)), answer).await.expect(200);
    assert_eq!(answer["resource"]["message"]["content"], "thanks");
    bed.conforms();
}

#[tokio::test]
async fn a_command_has_typed_and_resolved_options() {
    let bed = fast().await;
    let mut gateway = bed.identified(1).await;
    let command = json!([{"name": "ticket", "description": "Tickets", "options": [
        {"type": 1, "name": "add", "description": "Add", "options": [
            {"type": 6, "name": "who", "description": "Whom", "required": true}]}]}]);
    bed.call("PUT", &format!("/applications/{APPLICATION}/commands"), command).await.expect(200);
    let run = |options: Value| {
        let list = vec![json!({"name": "add", "options": options})];
        bed.sandbox.world().run_command(MIA, GENERAL, "ticket", &list)
    };
    assert_eq!(run(json!([])).unwrap_err().code, 50035, "a required option is missing");
    run(json!([{"name": "who", "value": NOAH}])).unwrap();
    let event = gateway.event("INTERACTION_CREATE").await;
    assert_eq!(event["data"]["options"][0]["options"][0]["type"], 6);
    assert_eq!(event["data"]["resolved"]["users"][NOAH.to_string()]["username"], "noah");
    bed.post(&callback(&event), json!({"type": 6})).await.refused(400, 50035);
    bed.post(&callback(&event), json!({"type": 4, "data": {"content": "added"}})).await.expect(204);
    let world = bed.sandbox.world();
    let answer = world.messages(GENERAL).last().unwrap().kind;
    assert_eq!(answer, 20);
}

#[tokio::test]
async fn an_update_changes_the_message_that_was_pressed() {
    let bed = fast().await;
    let (_gateway, id, event) = pressed(&bed).await;
    let update = json!({"type": 7, "data": {"content": "taken", "components": []}});
    bed.post(&callback(&event), update).await.expect(204);
    let Fate::Updated { message_id } = fate(&bed, id) else { panic!("not updated") };
    let world = bed.sandbox.world();
    let message = world.message(GENERAL, message_id).unwrap();
    assert_eq!((message.content.as_str(), message.components.len()), ("taken", 0));
}

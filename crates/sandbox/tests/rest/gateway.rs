//! The gateway: identifying, intents, resuming, closing.

use std::time::Duration;

use flate2::{Decompress, FlushDecompress};
use futures::StreamExt;
use sandbox::gateway::{close, intents};
use sandbox::world::example::{
    APPLICATION, BOT, BOT_TOKEN, GENERAL, HARBOUR_LIGHTS, MIA, OLIVIA, QUIET_CORNER, TRANSCRIPTS,
};
use sandbox::world::model::Privileged;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Received, fast};

const ALL: u64 = intents::GUILDS
    | intents::GUILD_MEMBERS
    | intents::GUILD_MESSAGES
    | intents::GUILD_MESSAGE_REACTIONS
    | intents::DIRECT_MESSAGES
    | intents::MESSAGE_CONTENT;

#[tokio::test]
async fn identify_brings_ready_and_the_servers() {
    let bed = fast().await;
    let mut gateway = bed.connect().await;
    gateway.hello().await;
    gateway.identify(ALL).await;
    let ready = gateway.payload().await;
    assert_eq!((&ready["t"], &ready["s"]), (&json!("READY"), &json!(1)));
    assert_eq!(ready["d"]["guilds"], json!([{"id": HARBOUR_LIGHTS, "unavailable": true}]));
    assert!(ready["d"]["resume_gateway_url"].as_str().unwrap().starts_with("ws://127.0.0.1:"));
    let guild = gateway.event("GUILD_CREATE").await;
    assert_eq!(guild["channels"].as_array().unwrap().len(), 7);
    assert_eq!(guild["members"].as_array().unwrap().len(), 5);
    gateway.send(&json!({"op": 1, "d": 2})).await;
    assert_eq!(gateway.payload().await["op"], 11);
}

#[tokio::test]
async fn events_come_in_order_to_those_who_asked() {
    let bed = fast().await;
    let mut all = bed.identified(ALL).await;
    let mut few = bed.identified(intents::GUILDS | intents::GUILD_MESSAGES).await;
    {
        let mut world = bed.sandbox.world();
        world.say(MIA, GENERAL, "hello").unwrap();
        let id = world.say(OLIVIA, TRANSCRIPTS, "seen by the bot").unwrap();
        world.react(OLIVIA, TRANSCRIPTS, id, "👍").unwrap();
        world.create_channel(OLIVIA, HARBOUR_LIGHTS, &json!({"name": "new"})).unwrap();
    }
    let first = all.event("MESSAGE_CREATE").await;
    assert_eq!((&first["content"], &first["guild_id"]), (&json!("hello"), &json!(HARBOUR_LIGHTS)));
    assert_eq!(first["member"]["nick"], Value::Null);
    let before = all.seq;
    all.event("MESSAGE_REACTION_ADD").await;
    all.event("CHANNEL_CREATE").await;
    assert_eq!(all.seq, before + 3);
    assert_eq!(few.event("MESSAGE_CREATE").await["content"], "");
    assert_eq!(few.event("MESSAGE_CREATE").await["content"], "");
    assert_eq!(few.payload().await["t"], "CHANNEL_CREATE", "no reactions without their intent");
}

#[tokio::test]
async fn of_members_those_with_the_intent_are_told_and_a_bot_of_itself() {
    let bed = fast().await;
    let mut all = bed.identified(ALL).await;
    let mut few = bed.identified(intents::GUILDS | intents::GUILD_MESSAGES).await;
    {
        let mut world = bed.sandbox.world();
        world.leave_guild(MIA, HARBOUR_LIGHTS).unwrap();
        world.join_guild(MIA, HARBOUR_LIGHTS).unwrap();
        world.kick(OLIVIA, HARBOUR_LIGHTS, MIA).unwrap();
        let change = json!({"nick": "Desk"});
        world.edit_member(OLIVIA, HARBOUR_LIGHTS, BOT, &change).unwrap();
    }
    let gone = json!(MIA);
    let left = all.event("GUILD_MEMBER_REMOVE").await;
    assert_eq!((&left["guild_id"], &left["user"]["id"]), (&json!(HARBOUR_LIGHTS), &gone));
    let joined = all.event("GUILD_MEMBER_ADD").await;
    assert_eq!((&joined["guild_id"], &joined["user"]["id"]), (&json!(HARBOUR_LIGHTS), &gone));
    assert!(joined["joined_at"].is_string());
    assert_eq!(all.event("GUILD_MEMBER_REMOVE").await["user"]["id"], gone);
    assert_eq!(all.event("GUILD_MEMBER_UPDATE").await["nick"], "Desk");
    loop {
        let told = few.payload().await;
        let name = told["t"].as_str().unwrap().to_owned();
        if name == "GUILD_MEMBER_UPDATE" {
            assert_eq!(told["d"]["user"]["id"], json!(BOT));
            break;
        }
        assert!(!name.starts_with("GUILD_MEMBER"), "{name}");
    }
    let member = |id| format!("/guilds/{HARBOUR_LIGHTS}/members/{id}");
    bed.get(&member(MIA)).await.refused(404, 10_007);
    bed.get(&member(BOT)).await.expect(200);
    // The members' intent is taken away: who uses it is sent off, the other one stays.
    let privileged = Privileged { members: false, presences: true, message_content: true };
    bed.sandbox.world().set_privileged_intents(APPLICATION, privileged);
    assert_eq!(all.closed().await, Some(close::DISALLOWED_INTENTS));
    let flags = bed.get("/applications/@me").await.expect(200)["flags"].as_u64().unwrap();
    assert_eq!(flags & (1 << 14 | 1 << 15), 0);
    bed.sandbox.world().say(OLIVIA, GENERAL, "still here").unwrap();
    few.event("MESSAGE_CREATE").await;
}

#[tokio::test]
async fn messages_of_hidden_channels_stay_hidden() {
    let bed = fast().await;
    let mut gateway = bed.identified(ALL).await;
    {
        let mut world = bed.sandbox.world();
        let body = json!({"name": "secret", "permission_overwrites": [
            {"id": HARBOUR_LIGHTS, "type": 0, "allow": "0", "deny": "1024"}]});
        let secret = world.create_channel(OLIVIA, HARBOUR_LIGHTS, &body).unwrap();
        let secret = secret["id"].as_str().unwrap().parse().unwrap();
        world.say(OLIVIA, secret, "hidden").unwrap();
        world.say(OLIVIA, GENERAL, "open").unwrap();
    }
    assert_eq!(gateway.event("MESSAGE_CREATE").await["content"], "open");
}

#[tokio::test]
async fn resume_replays_what_was_missed_in_order() {
    let bed = fast().await;
    let mut gateway = bed.identified(ALL).await;
    let (session, seq) = (gateway.session.clone(), gateway.seq);
    bed.sandbox.world().cut_sessions(APPLICATION);
    assert_eq!(gateway.closed().await, None);
    {
        let mut world = bed.sandbox.world();
        for text in ["1", "2", "3"] {
            world.say(MIA, GENERAL, text).unwrap();
        }
    }
    let mut again = bed.connect().await;
    again.hello().await;
    again.resume(&session, seq).await;
    for (text, offset) in [("1", 1), ("2", 2), ("3", 3)] {
        let payload = again.payload().await;
        assert_eq!((&payload["d"]["content"], &payload["s"]), (&json!(text), &json!(seq + offset)));
    }
    assert_eq!(again.payload().await["t"], "RESUMED");
    bed.sandbox.world().say(MIA, GENERAL, "4").unwrap();
    assert_eq!(again.event("MESSAGE_CREATE").await["content"], "4");
    assert_eq!(bed.sandbox.world().gateway.identifies, 1);
}

#[tokio::test]
async fn sessions_that_ended_cannot_be_resumed() {
    let bed = fast().await;
    let gateway = bed.identified(ALL).await;
    let (session, seq) = (gateway.session.clone(), gateway.seq);
    let mut ahead = bed.connect().await;
    ahead.hello().await;
    ahead.resume(&session, seq + 100).await;
    assert_eq!(ahead.closed().await, Some(close::INVALID_SEQ));
    let mut again = bed.connect().await;
    again.hello().await;
    again.resume(&session, seq).await;
    let payload = again.payload().await;
    assert_eq!((&payload["op"], &payload["d"]), (&json!(9), &json!(false)));
    again.identify(ALL).await;
    again.event("READY").await;

    let mut ended = bed.identified(ALL).await;
    let (session, seq) = (ended.session.clone(), ended.seq);
    ended.socket.close(None).await.unwrap();
    ended.closed().await;
    // A close without a code keeps the session, until its time is up.
    bed.sandbox.world().advance(121_000);
    let mut late = bed.connect().await;
    late.hello().await;
    late.resume(&session, seq).await;
    assert_eq!(late.payload().await["op"], 9);
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let bed = fast().await;
    let identify = |change: Value| {
        let mut data = json!({"token": BOT_TOKEN, "intents": 1, "properties": {}});
        data.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"op": 2, "d": data})
    };
    for (payload, code) in [
        (identify(json!({"token": "wrong"})), close::AUTHENTICATION_FAILED),
        (identify(json!({"intents": 1u64 << 40})), close::INVALID_INTENTS),
        (identify(json!({"shard": [2, 2]})), close::INVALID_SHARD),
        (json!({"op": 3, "d": {}}), close::NOT_AUTHENTICATED),
        (json!({"op": 99, "d": {}}), close::UNKNOWN_OPCODE),
        (json!("nonsense"), close::DECODE_ERROR),
    ] {
        let mut gateway = bed.connect().await;
        gateway.hello().await;
        gateway.send(&payload).await;
        assert_eq!(gateway.closed().await, Some(code), "{payload}");
    }
    let privileged = Privileged { members: true, presences: true, message_content: false };
    bed.sandbox.world().set_privileged_intents(APPLICATION, privileged);
    let mut gateway = bed.connect().await;
    gateway.hello().await;
    gateway.identify(ALL).await;
    assert_eq!(gateway.closed().await, Some(close::DISALLOWED_INTENTS));
    let mut twice = bed.identified(1).await;
    twice.identify(1).await;
    assert_eq!(twice.closed().await, Some(close::ALREADY_AUTHENTICATED));
    let mut old = bed.connect_with("v=9&encoding=json").await;
    assert_eq!(old.closed().await, Some(close::INVALID_API_VERSION));
    let mut noisy = bed.identified(1).await;
    for _ in 0..120 {
        noisy.send(&json!({"op": 1, "d": null})).await;
    }
    assert_eq!(noisy.closed().await, Some(close::RATE_LIMITED));
}

#[tokio::test]
async fn the_control_of_a_session_reaches_it() {
    let bed = fast().await;
    let mut gateway = bed.identified(ALL).await;
    bed.sandbox.world().ask_reconnect(APPLICATION);
    assert_eq!(gateway.payload().await["op"], 7);
    bed.sandbox.world().invalidate_sessions(APPLICATION, false);
    assert_eq!(gateway.payload().await["op"], 9);
    let mut second = bed.identified(ALL).await;
    bed.sandbox.world().close_sessions(APPLICATION, 4_000, |_| true);
    assert_eq!(second.closed().await, Some(4_000));
    let mut third = bed.identified(ALL).await;
    bed.sandbox.world().set_token_revoked(APPLICATION, true);
    assert_eq!(third.closed().await, Some(close::AUTHENTICATION_FAILED));
}

#[tokio::test]
async fn silence_is_noticed_on_both_sides() {
    let bed = fast().await;
    bed.sandbox.world().gateway.heartbeat_interval_ms = 100;
    let mut silent = bed.identified(1).await;
    assert_eq!(silent.closed().await, Some(close::SESSION_TIMED_OUT));
    bed.sandbox.world().gateway.heartbeat_interval_ms = 2_000;
    bed.sandbox.world().faults.mute_heartbeats = true;
    let mut zombie = bed.identified(1).await;
    zombie.send(&json!({"op": 1, "d": null})).await;
    let answer = tokio::time::timeout(Duration::from_millis(300), zombie.receive()).await;
    assert!(answer.is_err(), "no ACK");
}

#[tokio::test]
async fn identifies_are_rationed() {
    let bed = fast().await;
    bed.sandbox.world().gateway.identify_spacing_ms = 5_000;
    let _first = bed.identified(1).await;
    let mut second = bed.connect().await;
    second.hello().await;
    second.identify(1).await;
    let payload = second.payload().await;
    assert_eq!((&payload["op"], &payload["d"]), (&json!(9), &json!(false)));
    let limit = bed.get("/gateway/bot").await.expect(200)["session_start_limit"].clone();
    assert_eq!((&limit["remaining"], &limit["total"]), (&json!(999), &json!(1_000)));
    bed.sandbox.world().advance(5_000);
    bed.sandbox
        .world()
        .edit_application(APPLICATION, |application| application.identifies_left = 0);
    second.identify(1).await;
    assert_eq!(second.closed().await, Some(close::AUTHENTICATION_FAILED));
    bed.get("/users/@me").await.refused(401, 0);
}

#[tokio::test]
async fn arriving_in_and_leaving_a_server_is_told() {
    let bed = fast().await;
    let mut gateway = bed.identified(ALL).await;
    bed.sandbox.world().add_bot(OLIVIA, QUIET_CORNER, APPLICATION, 1 << 10).unwrap();
    let guild = gateway.event("GUILD_CREATE").await;
    assert_eq!(
        (&guild["id"], &guild["roles"].as_array().unwrap().len()),
        (&json!(QUIET_CORNER), &3)
    );
    bed.sandbox.world().set_guild_unavailable(QUIET_CORNER, true).unwrap();
    assert_eq!(gateway.event("GUILD_DELETE").await["unavailable"], true);
    bed.sandbox.world().set_guild_unavailable(QUIET_CORNER, false).unwrap();
    gateway.event("GUILD_CREATE").await;
    bed.sandbox.world().remove_bot(OLIVIA, QUIET_CORNER, APPLICATION).unwrap();
    let gone = gateway.event("GUILD_DELETE").await;
    assert_eq!((&gone["id"], &gone["unavailable"]), (&json!(QUIET_CORNER), &Value::Null));
}

#[tokio::test]
async fn shards_share_the_servers() {
    let bed = fast().await;
    bed.sandbox.world().add_bot(OLIVIA, QUIET_CORNER, APPLICATION, 0).unwrap();
    let mut seen = Vec::new();
    for shard in 0..4 {
        let mut gateway = bed.connect().await;
        gateway.hello().await;
        let data = json!({"token": BOT_TOKEN, "intents": 1, "properties": {}, "shard": [shard, 4]});
        gateway.send(&json!({"op": 2, "d": data})).await;
        let ready = gateway.event("READY").await;
        for guild in ready["guilds"].as_array().unwrap() {
            let id: u64 = guild["id"].as_str().unwrap().parse().unwrap();
            assert_eq!((id >> 22) % 4, shard);
            seen.push(id);
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, [HARBOUR_LIGHTS.0, QUIET_CORNER.0]);
}

#[tokio::test]
async fn payloads_are_compressed_as_asked() {
    let bed = fast().await;
    let mut each = bed.connect().await;
    each.hello().await;
    let data = json!({"token": BOT_TOKEN, "intents": ALL, "properties": {}, "compress": true});
    each.send(&json!({"op": 2, "d": data})).await;
    each.event("READY").await;
    let raw = each.socket.next().await.unwrap().unwrap();
    assert!(matches!(raw, Message::Binary(_)), "GUILD_CREATE is large");

    let mut stream = bed.connect_with("v=10&encoding=json&compress=zlib-stream").await;
    let mut inflate = Decompress::new(true);
    let mut unpack = |message: Message| -> Value {
        let Message::Binary(data) = message else { panic!("not binary") };
        let mut out = Vec::with_capacity(1 << 20);
        inflate.decompress_vec(&data, &mut out, FlushDecompress::Sync).unwrap();
        serde_json::from_slice(&out).unwrap()
    };
    assert_eq!(unpack(stream.socket.next().await.unwrap().unwrap())["op"], 10);
    stream.identify(ALL).await;
    assert_eq!(unpack(stream.socket.next().await.unwrap().unwrap())["t"], "READY");
    assert_eq!(unpack(stream.socket.next().await.unwrap().unwrap())["t"], "GUILD_CREATE");
}

#[tokio::test]
async fn stopping_closes_with_1001() {
    let bed = fast().await;
    let mut gateway = bed.identified(1).await;
    let stop = tokio::spawn(bed.sandbox.shutdown());
    assert!(matches!(gateway.receive().await, Received::Closed(Some(1001) | None)));
    stop.await.unwrap();
}

#[tokio::test]
async fn recorded_events_can_be_told_again() {
    let bed = fast().await;
    let mut gateway = bed.identified(ALL).await;
    bed.sandbox.world().say(MIA, GENERAL, "twice").unwrap();
    let first = gateway.event("MESSAGE_CREATE").await;
    assert_eq!(bed.sandbox.world().replay(APPLICATION, "MESSAGE_CREATE", &first), 1);
    assert_eq!(gateway.event("MESSAGE_CREATE").await, first);
    bed.sandbox.world().replay(APPLICATION, "SOMETHING_NEW", &json!({"a": 1}));
    assert_eq!(gateway.event("SOMETHING_NEW").await["a"], 1);
}

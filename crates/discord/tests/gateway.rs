//! The gateway against the sandbox: what breaks is mended, what must not be retried is not.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{Bot, fast, guild, until};
use discord::gateway::{GatewayState, ParkReason};
use discord::rest::RestHealth;
use sandbox::Sandbox;
use sandbox::faults::{Fault, FaultKind};
use sandbox::world::example;
use sandbox::world::interaction::Fate;
use serde_json::json;
use storage::testing::{sqlite, stores};
use wardesk_core::guilds;

/// Breaks the one connection.
type Break = fn(&Sandbox);

fn identifies(sandbox: &Sandbox) -> u64 {
    sandbox.world().gateway.identifies
}

/// Shows that events arrive: a new name of the server is asked for again.
async fn events_arrive(sandbox: &Sandbox, bot: &Bot, name: &str) {
    use wardesk_core::ports::Discord;
    sandbox
        .world()
        .edit_guild(example::OLIVIA, example::HARBOUR_LIGHTS, &json!({ "name": name }))
        .unwrap();
    until("the server's change arrived", async || {
        (bot.rest.guild(guild()).await.unwrap().name == name).then_some(())
    })
    .await;
}

#[tokio::test]
async fn servers_and_commands_are_known_after_ready() {
    for store in stores().await {
        let sandbox = fast().await;
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        until("the server is noted", async || guilds::installation(&bot.w, guild()).await.unwrap())
            .await;
        until("the commands are registered", async || {
            let world = sandbox.world();
            let commands = &world.application(example::APPLICATION).unwrap().commands;
            commands.values().any(|c| c["name"] == "ticket").then_some(())
        })
        .await;
        bot.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn a_broken_connection_is_resumed() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    let breaks: [(&str, Break); 4] = [
        ("cut", |s| assert_eq!(s.world().cut_sessions(example::APPLICATION), 1)),
        ("4000", |s| assert_eq!(s.world().close_sessions(example::APPLICATION, 4000, |_| true), 1)),
        ("opcode 7", |s| assert_eq!(s.world().ask_reconnect(example::APPLICATION), 1)),
        ("opcode 9 resumable", |s| {
            assert_eq!(s.world().invalidate_sessions(example::APPLICATION, true), 1);
        }),
    ];
    for (how, break_it) in breaks {
        break_it(&sandbox);
        bot.wait_for(|h| h.state == GatewayState::Resuming).await;
        bot.connected().await;
        events_arrive(&sandbox, &bot, how).await;
        assert_eq!(identifies(&sandbox), 1, "{how} began a new session");
    }
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_silent_connection_is_left_and_resumed() {
    let (sandbox, store) = (fast().await, sqlite().await);
    sandbox.world().gateway.heartbeat_interval_ms = 150;
    let mut bot = Bot::start(&sandbox, &store);
    bot.wait_for(|h| h.latency.is_some()).await;
    sandbox.world().faults.mute_heartbeats = true;
    bot.wait_for(|h| h.state == GatewayState::Resuming).await;
    sandbox.world().faults.mute_heartbeats = false;
    bot.connected().await;
    events_arrive(&sandbox, &bot, "Awake").await;
    assert_eq!(identifies(&sandbox), 1);
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_session_that_is_over_is_begun_anew() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    sandbox.world().invalidate_sessions(example::APPLICATION, false);
    bot.wait_for(|h| h.state == GatewayState::Connecting).await;
    bot.connected().await;
    assert_eq!(identifies(&sandbox), 2);
    events_arrive(&sandbox, &bot, "Anew").await;
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn fatal_close_codes_park_the_shard() {
    let fatal = [
        (4010, ParkReason::InvalidShard),
        (4011, ParkReason::ShardingRequired),
        (4012, ParkReason::InvalidVersion),
        (4013, ParkReason::InvalidIntents),
    ];
    for (code, reason) in fatal {
        let (sandbox, store) = (fast().await, sqlite().await);
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        assert_eq!(sandbox.world().close_sessions(example::APPLICATION, code, |_| true), 1);
        bot.wait_for(|h| h.state == GatewayState::Parked(reason)).await;
        bot.shut_down().await;
        assert_eq!(identifies(&sandbox), 1, "{code} was retried");
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn a_revoked_token_stops_gateway_and_rest() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    sandbox.world().set_token_revoked(example::APPLICATION, true);
    bot.wait_for(|h| h.state == GatewayState::Parked(ParkReason::BadToken)).await;
    assert_eq!(*bot.rest.health().borrow(), RestHealth::BadToken);
    bot.shut_down().await;
    assert_eq!(identifies(&sandbox), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn without_the_content_intent_the_bot_works_on() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut privileged = sandbox.world().application(example::APPLICATION).unwrap().privileged;
    privileged.message_content = false;
    sandbox.world().set_privileged_intents(example::APPLICATION, privileged);
    let mut bot = Bot::start(&sandbox, &store);
    let health = bot.wait_for(|h| h.state == GatewayState::Connected).await;
    assert!(!health.content_available);
    events_arrive(&sandbox, &bot, "Mute").await;
    assert_eq!(identifies(&sandbox), 1);
    // The operator switches it on again, and needs not start anything anew.
    privileged.message_content = true;
    sandbox.world().set_privileged_intents(example::APPLICATION, privileged);
    bot.wait_for(|h| h.content_available && h.state == GatewayState::Connected).await;
    events_arrive(&sandbox, &bot, "Speaking").await;
    assert_eq!(identifies(&sandbox), 2);
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_second_process_takes_over_when_the_first_ends() {
    for store in stores().await {
        let sandbox = fast().await;
        let mut first = Bot::start(&sandbox, &store);
        first.connected().await;
        let mut second = Bot::start(&sandbox, &store);
        second.wait_for(|h| h.state == GatewayState::Waiting).await;
        events_arrive(&sandbox, &first, "Shared").await;
        assert_eq!(identifies(&sandbox), 1, "both connected");
        first.shut_down().await;
        second.connected().await;
        events_arrive(&sandbox, &second, "Taken over").await;
        second.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn a_command_is_answered_in_the_members_language() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    until("the commands are registered", async || {
        let world = sandbox.world();
        (!world.application(example::APPLICATION).unwrap().commands.is_empty()).then_some(())
    })
    .await;
    let options = [json!({ "name": "claim", "options": [] })];
    let run =
        sandbox.world().run_command(example::MIA, example::GENERAL, "ticket", &options).unwrap();
    let fate = until("the command is answered", async || {
        let fate = sandbox.world().interaction(run).unwrap().fate.clone();
        (!fate.is_waiting()).then_some(fate)
    })
    .await;
    let Fate::Answered { message_id, ephemeral: true } = fate else { panic!("{fate:?}") };
    let said = sandbox.world().message(example::GENERAL, message_id).unwrap().content.clone();
    let words = words::Words::new(domain::locale::Locale::En);
    assert_eq!(said, words.bot_refused_not_a_ticket());
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn an_outage_of_a_server_is_no_departure() {
    use storage::guilds::Presence;
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    let presence = async |wanted: Presence| {
        until("the server's presence is noted", async || {
            let known = guilds::installation(&bot.w, guild()).await.unwrap();
            known.filter(|k| k.presence == wanted).map(|_| ())
        })
        .await;
    };
    presence(Presence::Present).await;
    sandbox.world().set_guild_unavailable(example::HARBOUR_LIGHTS, true).unwrap();
    presence(Presence::Unavailable).await;
    sandbox.world().set_guild_unavailable(example::HARBOUR_LIGHTS, false).unwrap();
    presence(Presence::Present).await;
    sandbox
        .world()
        .remove_bot(example::OLIVIA, example::HARBOUR_LIGHTS, example::APPLICATION)
        .unwrap();
    presence(Presence::Left).await;
    bot.shut_down().await;
    sandbox.shutdown().await;
}

fn registrations(sandbox: &Sandbox) -> usize {
    sandbox.world().journal.effects("PUT", "/applications/{application_id}/commands")
}

async fn commands_are_there(sandbox: &Sandbox) {
    until("the commands are registered", async || {
        let world = sandbox.world();
        (!world.application(example::APPLICATION).unwrap().commands.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn commands_are_registered_once() {
    let (sandbox, store) = (fast().await, sqlite().await);
    for start in 1..=2 {
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        commands_are_there(&sandbox).await;
        // What follows the registration shows that it is over.
        until("the commands were asked for", async || {
            let world = sandbox.world();
            let route = "/applications/{application_id}/commands";
            let asked = world.journal.entries().filter(|e| e.method == "GET" && e.route == route);
            (asked.count() == start).then_some(())
        })
        .await;
        bot.shut_down().await;
        assert_eq!(registrations(&sandbox), 1, "start {start}");
    }
    // Someone takes them away.
    sandbox.world().put_commands(example::APPLICATION, None, &json!([])).unwrap();
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    commands_are_there(&sandbox).await;
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn what_was_said_during_a_restart_is_read_back() {
    for store in stores().await {
        let sandbox = fast().await;
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        let (ticket, channel) = bot.open_ticket().await;
        let said = |text: &str| sandbox.world().say(example::MIA, channel, text).unwrap();
        let heard = said("heard");
        bot.archived(ticket, heard).await;
        bot.shut_down().await;
        let missed = said("missed");
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        // A later message must not hide the one before it.
        let later = said("heard again");
        bot.archived(ticket, missed).await;
        bot.archived(ticket, later).await;
        bot.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn what_was_said_between_two_sessions_is_read_back() {
    for store in stores().await {
        let sandbox = fast().await;
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        let (ticket, channel) = bot.open_ticket().await;
        sandbox.world().invalidate_sessions(example::APPLICATION, false);
        bot.wait_for(|h| h.state == GatewayState::Connecting).await;
        let missed = sandbox.world().say(example::MIA, channel, "missed").unwrap();
        bot.connected().await;
        bot.archived(ticket, missed).await;
        bot.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn a_parked_gateway_leaves_effects_to_be_carried_out() {
    for store in stores().await {
        let sandbox = fast().await;
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        let stop = tokio_util::sync::CancellationToken::new();
        let worker = tokio::spawn(wardesk_core::outbox::run(bot.w.clone(), stop.clone()));
        assert_eq!(sandbox.world().close_sessions(example::APPLICATION, 4013, |_| true), 1);
        bot.wait_for(|h| h.state == GatewayState::Parked(ParkReason::InvalidIntents)).await;
        // Decided on a page, as it were, while no events come.
        let (_, channel) = bot.open_ticket_by_worker().await;
        assert!(sandbox.world().channel(channel).is_some());
        assert_eq!(identifies(&sandbox), 1, "the gateway is not tried again");
        stop.cancel();
        worker.await.unwrap();
        bot.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn a_revoked_token_leaves_effects_to_a_process_with_a_good_one() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    assert!(*bot.w.leading().borrow());
    sandbox.world().set_token_revoked(example::APPLICATION, true);
    bot.wait_for(|h| h.state == GatewayState::Parked(ParkReason::BadToken)).await;
    until("it leads no more", async || (!*bot.w.leading().borrow()).then_some(())).await;
    sandbox.world().set_token_revoked(example::APPLICATION, false);
    let mut second = Bot::start(&sandbox, &store);
    second.connected().await;
    second.shut_down().await;
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_discords_answer() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let slow = Fault::new(FaultKind::Delay { ms: 60_000 }).on("GET", "/gateway/bot");
    sandbox.world().faults.add(slow);
    let mut bot = Bot::start(&sandbox, &store);
    bot.wait_for(|h| h.state == GatewayState::Connecting).await;
    until("Discord is asked for the address", async || {
        let world = sandbox.world();
        world.journal.entries().any(|e| e.route == "/gateway/bot").then_some(())
    })
    .await;
    let told = tokio::time::Instant::now();
    bot.shut_down().await;
    assert!(told.elapsed().as_secs() < 5, "it took {:?}", told.elapsed());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn resumes_that_do_not_last_are_not_tried_without_a_pause() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    let began = tokio::time::Instant::now();
    for _ in 0..3 {
        assert_eq!(sandbox.world().cut_sessions(example::APPLICATION), 1);
        bot.wait_for(|h| h.state == GatewayState::Resuming).await;
        bot.connected().await;
    }
    // At once; after half a second to one; after one to two.
    assert!(began.elapsed().as_millis() >= 1_500, "it took {:?}", began.elapsed());
    assert_eq!(identifies(&sandbox), 1);
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn with_a_slow_database_a_member_is_answered_in_time() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start(&sandbox, &store);
    bot.connected().await;
    commands_are_there(&sandbox).await;
    // Whoever wants to read has to wait.
    let db = store.store.read();
    let mut readers = Vec::new();
    while let Ok(reader) =
        tokio::time::timeout(std::time::Duration::from_millis(500), db.acquire()).await
    {
        readers.push(reader.unwrap());
    }
    let began = tokio::time::Instant::now();
    let options = [json!({ "name": "open", "options": [] })];
    let run =
        sandbox.world().run_command(example::MIA, example::GENERAL, "ticket", &options).unwrap();
    let fate = until("the command is answered", async || {
        let fate = sandbox.world().interaction(run).unwrap().fate.clone();
        (!fate.is_waiting()).then_some(fate)
    })
    .await;
    assert!(began.elapsed().as_millis() < 2_500, "it took {:?}", began.elapsed());
    let Fate::Answered { message_id, ephemeral: true } = fate else { panic!("{fate:?}") };
    let said = sandbox.world().message(example::GENERAL, message_id).unwrap().content.clone();
    assert_eq!(said, words::Words::new(domain::locale::Locale::En).bot_slow());
    drop(readers);
    bot.shut_down().await;
    sandbox.shutdown().await;
}

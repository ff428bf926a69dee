//! Who leaves a server and comes back, against the sandbox: told where the members' intent is granted, found by
//! looking where it is not, and of the people of open tickets alone.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{Bot, fast, guild, until, user};
use discord::gateway::GatewayState;
use domain::ids::TicketId;
use sandbox::Sandbox;
use sandbox::id::Id;
use sandbox::world::example::{APPLICATION, HARBOUR_LIGHTS, MIA, NOAH, OLIVIA};
use sandbox::world::model::Privileged;
use serde_json::json;
use storage::testing::{TestStore, sqlite, stores};
use wardesk_core::ports::Discord as _;

const GUILD_MEMBERS: u64 = 1 << 1;
const MESSAGE_CONTENT: u64 = 1 << 15;

/// The member that the bot would ask Discord for.
const MEMBER: &str = "/guilds/{guild_id}/members/{user_id}";

fn identifies(sandbox: &Sandbox) -> u64 {
    sandbox.world().gateway.identifies
}

/// What the one session listens to.
fn intents(sandbox: &Sandbox) -> u64 {
    let world = sandbox.world();
    let all: Vec<u64> = world.sessions_of(APPLICATION).map(|session| session.intents).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]
}

fn grant(sandbox: &Sandbox, change: impl FnOnce(&mut Privileged)) {
    let mut world = sandbox.world();
    let mut privileged = world.application(APPLICATION).unwrap().privileged;
    change(&mut privileged);
    world.set_privileged_intents(APPLICATION, privileged);
}

fn leaves(sandbox: &Sandbox, who: Id) {
    sandbox.world().leave_guild(who, HARBOUR_LIGHTS).unwrap();
}

fn joins(sandbox: &Sandbox, who: Id) {
    sandbox.world().join_guild(who, HARBOUR_LIGHTS).unwrap();
}

/// What was noted of people in a ticket, in order.
async fn noted(bot: &Bot, ticket: TicketId) -> Vec<(String, bool)> {
    let db = bot.w.store().read();
    let rows = storage::events::of_ticket(db, ticket, 0, 500).await.unwrap();
    let rows = rows.into_iter().filter_map(|row| {
        let event: serde_json::Value = serde_json::from_str(&row.payload).unwrap();
        let name = event["event"].as_str().unwrap().to_owned();
        let ours = ["member_left", "member_returned"].contains(&name.as_str());
        assert!(!ours || row.actor == Some(user(MIA)), "it is Mia's ticket");
        ours.then(|| (name, event["noticed"].as_bool().unwrap()))
    });
    rows.collect()
}

async fn until_noted(bot: &Bot, ticket: TicketId, expected: &[(&str, bool)]) {
    let expected: Vec<_> =
        expected.iter().map(|(name, late)| ((*name).to_owned(), *late)).collect();
    until("it is noted", async || (noted(bot, ticket).await == expected).then_some(())).await;
}

/// Everything that the session told before is carried out: the events of servers keep their order.
async fn all_is_heard(sandbox: &Sandbox, bot: &Bot, name: &str) {
    sandbox.world().edit_guild(OLIVIA, HARBOUR_LIGHTS, &json!({ "name": name })).unwrap();
    until("the server's change arrived", async || {
        (bot.rest.guild(guild()).await.unwrap().name == name).then_some(())
    })
    .await;
}

/// A bot that was restarted while a ticket of Mia's is open, and has looked for her: whatever follows a READY is over.
async fn settled(sandbox: &Sandbox, store: &TestStore) -> (Bot, TicketId) {
    let mut bot = Bot::start(sandbox, store);
    bot.connected().await;
    let (ticket, _) = bot.open_ticket().await;
    bot.shut_down().await;
    let before = asked(sandbox, MEMBER, &MIA.to_string());
    let mut bot = Bot::start(sandbox, store);
    bot.connected().await;
    until("Mia is looked for", async || {
        (asked(sandbox, MEMBER, &MIA.to_string()) > before).then_some(())
    })
    .await;
    (bot, ticket)
}

fn asked(sandbox: &Sandbox, route: &str, path: &str) -> usize {
    let world = sandbox.world();
    let asked = world.journal.entries();
    asked.filter(|e| e.method == "GET" && e.route == route && e.path.contains(path)).count()
}

#[tokio::test]
async fn with_the_intent_leaving_and_coming_back_is_noted_as_it_happens() {
    for store in stores().await {
        let sandbox = fast().await;
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        assert_eq!(intents(&sandbox) & GUILD_MEMBERS, GUILD_MEMBERS);
        let (ticket, channel) = bot.open_ticket().await;
        leaves(&sandbox, MIA);
        let left = ("member_left", false);
        until_noted(&bot, ticket, &[left]).await;
        // Staff read it where they work.
        wardesk_core::outbox::drain(&bot.w).await.unwrap();
        let words = words::Words::new(domain::locale::Locale::En);
        let told = words.bot_opener_left(format!("<@{MIA}>"));
        let is_said = |said: &str| {
            let world = sandbox.world();
            world.messages(channel).iter().filter(|message| message.content == said).count()
        };
        assert_eq!(is_said(&told), 1);
        joins(&sandbox, MIA);
        let back = ("member_returned", false);
        until_noted(&bot, ticket, &[left, back]).await;
        // While the connection is gone, and told when it is resumed.
        sandbox.world().cut_sessions(APPLICATION);
        leaves(&sandbox, MIA);
        until_noted(&bot, ticket, &[left, back, left]).await;
        assert_eq!(identifies(&sandbox), 1);
        // Delivered again.
        let gone = json!({ "guild_id": HARBOUR_LIGHTS, "user": { "id": MIA } });
        for _ in 0..3 {
            assert_eq!(sandbox.world().replay(APPLICATION, "GUILD_MEMBER_REMOVE", &gone), 1);
        }
        all_is_heard(&sandbox, &bot, "Heard").await;
        assert_eq!(noted(&bot, ticket).await.len(), 3);
        bot.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn whoever_has_no_ticket_leaves_no_trace() {
    for store in stores().await {
        let sandbox = fast().await;
        let (bot, _) = settled(&sandbox, &store).await;
        all_is_heard(&sandbox, &bot, "Before").await;
        let db = bot.w.store().read();
        let kept = async || {
            let events = storage::events::of_guild(db, guild(), 0, 500).await.unwrap().len();
            (events, wardesk_core::outbox::stats(&bot.w).await.unwrap().pending)
        };
        let before = kept().await;
        let server = asked(&sandbox, "/guilds/{guild_id}", "");
        let change = json!({ "nick": "No Name" });
        sandbox.world().edit_member(OLIVIA, HARBOUR_LIGHTS, NOAH, &change).unwrap();
        leaves(&sandbox, NOAH);
        joins(&sandbox, NOAH);
        // An event that comes after them by the same way, and for which nothing is asked.
        let channel = json!({ "name": "afterwards" });
        sandbox.world().create_channel(OLIVIA, HARBOUR_LIGHTS, &channel).unwrap();
        until("the channel is known", async || {
            let known = bot.rest.guild(guild()).await.unwrap();
            known.channels.iter().any(|channel| channel.name == "afterwards").then_some(())
        })
        .await;
        assert_eq!(kept().await, before);
        let names = storage::tickets::people::get(db, guild(), user(NOAH)).await.unwrap();
        assert_eq!(names, None);
        assert_eq!(asked(&sandbox, MEMBER, &NOAH.to_string()), 0, "nor is Discord asked");
        let again = asked(&sandbox, "/guilds/{guild_id}", "");
        assert_eq!(again, server, "what changes of members does not change the server");
        bot.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn without_the_intent_the_bot_works_on_and_looks_when_a_session_begins() {
    for store in stores().await {
        let sandbox = fast().await;
        grant(&sandbox, |privileged| privileged.members = false);
        let (mut bot, ticket) = settled(&sandbox, &store).await;
        assert!(bot.health.borrow().content_available);
        assert_eq!(intents(&sandbox) & (GUILD_MEMBERS | MESSAGE_CONTENT), MESSAGE_CONTENT);
        assert_eq!(identifies(&sandbox), 2, "one for each start: it was not refused first");
        leaves(&sandbox, MIA);
        all_is_heard(&sandbox, &bot, "Deaf").await;
        assert_eq!(noted(&bot, ticket).await, []);
        sandbox.world().invalidate_sessions(APPLICATION, false);
        until_noted(&bot, ticket, &[("member_left", true)]).await;
        // The operator switches it on, and needs not start anything anew.
        grant(&sandbox, |privileged| privileged.members = true);
        until("the members' intent is used", async || {
            let world = sandbox.world();
            let mut sessions = world.sessions_of(APPLICATION);
            sessions.any(|session| session.intents & GUILD_MEMBERS != 0).then_some(())
        })
        .await;
        bot.connected().await;
        joins(&sandbox, MIA);
        until("they are back", async || {
            let last = noted(&bot, ticket).await.pop().unwrap();
            (last.0 == "member_returned").then_some(())
        })
        .await;
        bot.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn an_intent_that_is_taken_away_stops_nothing() {
    for both in [false, true] {
        let (sandbox, store) = (fast().await, sqlite().await);
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        assert_eq!(intents(&sandbox) & GUILD_MEMBERS, GUILD_MEMBERS);
        grant(&sandbox, |privileged| {
            privileged.members = false;
            privileged.message_content = !both;
        });
        until("a new session has begun", async || (identifies(&sandbox) == 2).then_some(())).await;
        let health = bot.wait_for(|h| h.state == GatewayState::Connected).await;
        assert_eq!(health.content_available, !both);
        let content = if both { 0 } else { MESSAGE_CONTENT };
        assert_eq!(intents(&sandbox) & (GUILD_MEMBERS | MESSAGE_CONTENT), content);
        all_is_heard(&sandbox, &bot, "Without").await;
        assert_eq!(identifies(&sandbox), 2, "one new session is enough");
        bot.shut_down().await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn an_operator_may_leave_the_intent_unused() {
    let (sandbox, store) = (fast().await, sqlite().await);
    let mut bot = Bot::start_with(&sandbox, &store, false);
    bot.connected().await;
    assert_eq!(intents(&sandbox) & GUILD_MEMBERS, 0);
    let (ticket, channel) = bot.open_ticket().await;
    leaves(&sandbox, MIA);
    bot.shut_down().await;
    let missed = sandbox.world().say(OLIVIA, channel, "read back").unwrap();
    let mut bot = Bot::start_with(&sandbox, &store, false);
    bot.connected().await;
    // What was said is read back after READY; whoever is looked for is looked for after that.
    bot.archived(ticket, missed).await;
    all_is_heard(&sandbox, &bot, "Unused").await;
    assert_eq!(noted(&bot, ticket).await, []);
    assert_eq!(asked(&sandbox, MEMBER, &MIA.to_string()), 0);
    bot.shut_down().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn what_happened_while_nobody_listened_is_found_once() {
    for store in stores().await {
        let sandbox = fast().await;
        let mut bot = Bot::start(&sandbox, &store);
        bot.connected().await;
        let (ticket, _) = bot.open_ticket().await;
        bot.shut_down().await;
        leaves(&sandbox, MIA);
        for start in 1..=2 {
            let before = asked(&sandbox, MEMBER, &MIA.to_string());
            let mut bot = Bot::start(&sandbox, &store);
            bot.connected().await;
            until("Mia is looked for", async || {
                (asked(&sandbox, MEMBER, &MIA.to_string()) > before).then_some(())
            })
            .await;
            until_noted(&bot, ticket, &[("member_left", true)]).await;
            // Discord tells it late.
            let gone = json!({ "guild_id": HARBOUR_LIGHTS, "user": { "id": MIA } });
            sandbox.world().replay(APPLICATION, "GUILD_MEMBER_REMOVE", &gone);
            all_is_heard(&sandbox, &bot, &format!("Start {start}")).await;
            assert_eq!(noted(&bot, ticket).await.len(), 1, "start {start}");
            bot.shut_down().await;
        }
        assert_eq!(asked(&sandbox, MEMBER, &NOAH.to_string()), 0, "nobody else is looked for");
        sandbox.shutdown().await;
    }
}

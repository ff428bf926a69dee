use storage::KeyScope;
use transcript::Snowflake;

use super::files::{PNG, bytes};
use super::*;
use crate::ports::DiscordError;
use crate::testing::FileAnswer;
use crate::transcripts::TranscriptError;
use crate::transcripts::attachments::finish;

const AVATAR: &str = "https://cdn.example/avatars/7/aabb.png?size=128";
const EMOJI: &str = "https://cdn.example/emojis/501.png?size=96";
const STICKER: &str = "https://cdn.example/stickers/601.png";
const LOTTIE: &str = "https://cdn.example/stickers/602.json";
const GIF: &str = "https://media.example/stickers/603.gif";
const IMAGE: &str = "https://proxy.example/image";
const ICON: &str = "https://proxy.example/icon";

/// A message that shows one picture of each kind.
fn showing() -> Value {
    json!({
        "author": { "id": OPENER.to_string(), "username": "mia", "avatar": "aabb" },
        "sticker_items": [{ "id": "601", "name": "a", "format_type": 1 },
                          { "id": "602", "name": "b", "format_type": 3 },
                          { "id": "603", "name": "c", "format_type": 4 }],
        "embeds": [{ "image": { "url": "https://canary-site.example/i.png", "proxy_url": IMAGE },
                     "footer": { "text": "f", "icon_url": "https://site.example/icon.png", "proxy_icon_url": ICON } }],
    })
}

fn picture(name: &str) -> Vec<u8> {
    [PNG, name.as_bytes()].concat()
}

/// The id in a local path.
fn file(path: &transcript::LocalPath) -> i64 {
    path.as_str().rsplit('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn pictures_load_thirty_days_after_their_channel_is_gone() {
    for desk in crate::testing::file_desks().await {
        for url in [AVATAR, EMOJI, STICKER, GIF, IMAGE, ICON] {
            desk.discord.put_file(url, [FileAnswer::Bytes(picture(url))]);
        }
        desk.discord.put_file(LOTTIE, [FileAnswer::Bytes(b"{\"v\":\"5.5.2\"}".to_vec())]);
        let (ticket, channel) = open(&desk).await;
        say_with(&desk, channel, OPENER, "look <:canary_wave:501>", &showing()).await;
        close(&desk, ticket).await;
        // Everything is gone from Discord.
        for url in [AVATAR, EMOJI, STICKER, GIF, LOTTIE, IMAGE, ICON] {
            desk.discord.put_file(url, [FileAnswer::Refused(DiscordError::Gone { code: 0 })]);
        }
        desk.discord.remove_channel(channel);
        desk.clock.advance(30 * 24 * 3_600_000);

        let page = read(&desk, ticket).await;
        let avatar = page.people[&Snowflake::new(7)].avatar.clone().expect("an avatar");
        let emoji = page.shown.emojis[&Snowflake::new(501)].clone();
        let image = page.shown.media["https://canary-site.example/i.png"].clone();
        let icon = page.shown.media["https://site.example/icon.png"].clone();
        for (path, url) in [(&avatar, AVATAR), (&emoji, EMOJI), (&image, IMAGE), (&icon, ICON)] {
            let (found, kind, inline) = bytes(&desk, ticket, file(path)).await.unwrap();
            assert_eq!((found, kind, inline), (picture(url), "image/png", true), "{url}");
        }
        let stickers: Vec<u64> = [601, 602, 603]
            .into_iter()
            .filter(|id| page.shown.stickers.contains_key(&Snowflake::new(*id)))
            .collect();
        assert_eq!(stickers, [601, 602, 603], "{}", desk.store.engine);
        // What a player reads is no picture, and is shown as nothing.
        let lottie = file(&page.shown.stickers[&Snowflake::new(602)]);
        let (_, kind, inline) = bytes(&desk, ticket, lottie).await.unwrap();
        assert_eq!((kind, inline), ("application/octet-stream", false));
        assert!(!is_in_clear(&desk, "canary").await, "{}", desk.store.engine);

        // What is the person's goes with their key; an emoji is the server's.
        let scope = KeyScope::person(desk.guild, user(OPENER));
        desk.w.store().keys().destroy(&scope).await.unwrap();
        for gone in [&avatar, &image] {
            let found = bytes(&desk, ticket, file(gone)).await;
            assert!(matches!(found, Err(TranscriptError::NotFound)), "{}", desk.store.engine);
        }
        assert!(bytes(&desk, ticket, file(&emoji)).await.is_ok());
    }
}

#[tokio::test]
async fn webhooks_and_answers_of_apps_are_shown_under_their_avatars_and_names() {
    for desk in crate::testing::desks().await {
        let avatar =
            |id: i64, hash: &str| format!("https://cdn.example/avatars/{id}/{hash}.png?size=128");
        let (ticket, channel) = open(&desk).await;
        let mut said = Vec::new();
        for (id, hash, name) in [(900, "aa", "Build"), (900, "bb", "Deploy"), (901, "cc", "Helper")]
        {
            let url = avatar(id, hash);
            desk.discord.put_file(&url, [FileAnswer::Bytes(picture(&url))]);
            let author =
                json!({ "id": id.to_string(), "username": name, "avatar": hash, "bot": true });
            let mut more = json!({ "author": author, "webhook_id": id.to_string() });
            if id == 901 {
                more["application_id"] = json!("901");
            }
            let message = say_with(&desk, channel, id, &format!("quokka {name}"), &more).await;
            said.push((super::id(&message), url, name));
        }
        close(&desk, ticket).await;
        let page = read(&desk, ticket).await;
        for (message, url, _) in &said {
            let path =
                &page.shown.spoken_under[&Snowflake::new(u64::try_from(message.get()).unwrap())];
            let (found, ..) = bytes(&desk, ticket, file(path)).await.unwrap();
            assert_eq!(found, picture(url), "{}", desk.store.engine);
        }
        let query = crate::transcripts::search::Query::parse("quokka", &jiff::tz::TimeZone::UTC);
        let staff = desk.staff(60).await;
        let found = crate::transcripts::search::in_guild(&staff, &query.unwrap(), None, 20).await;
        let names: Vec<_> = found.unwrap().items.into_iter().rev().map(|hit| hit.author).collect();
        assert_eq!(
            names,
            said.iter().map(|(.., name)| Some((*name).to_owned())).collect::<Vec<_>>()
        );
        // Whose key is gone has neither.
        let scope = KeyScope::person(desk.guild, user(900));
        desk.w.store().keys().destroy(&scope).await.unwrap();
        let page = read(&desk, ticket).await;
        assert_eq!(page.shown.spoken_under.len(), 1, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_not_copied_and_holds_no_close_up() {
    for desk in crate::testing::desks().await {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
        let large = [PNG, &vec![0; 9 << 20]].concat();
        desk.discord.put_file(AVATAR, [FileAnswer::Bytes(svg.clone())]);
        desk.discord.put_file(EMOJI, [FileAnswer::Bytes([PNG, &vec![0; 2 << 20]].concat())]);
        desk.discord.put_file(STICKER, [FileAnswer::Bytes(svg)]);
        desk.discord.put_file(IMAGE, [FileAnswer::Bytes(large)]);
        let (ticket, channel) = open(&desk).await;
        say_with(&desk, channel, OPENER, "<:e:501>", &showing()).await;
        close(&desk, ticket).await;
        assert_eq!(crate::outbox::stats(&desk.w).await.unwrap().dead, 0);
        let page = read(&desk, ticket).await;
        assert_eq!(page.people[&Snowflake::new(7)].avatar, None, "{}", desk.store.engine);
        assert!(page.shown.emojis.is_empty() && page.shown.stickers.is_empty());
        assert!(page.shown.media.is_empty());
        assert!(read(&desk, ticket).await.header.closed_at.is_some());
    }
}

#[tokio::test]
async fn a_picture_is_copied_once_for_a_ticket_however_often_it_is_shown() {
    for desk in crate::testing::desks().await {
        desk.discord.put_file(EMOJI, [FileAnswer::Bytes(picture("emoji"))]);
        desk.discord.put_file(AVATAR, [FileAnswer::Bytes(picture("avatar"))]);
        let (ticket, channel) = open(&desk).await;
        let author =
            json!({ "author": { "id": OPENER.to_string(), "username": "mia", "avatar": "aabb" } });
        for _ in 0..20 {
            say_with(&desk, channel, OPENER, "<:e:501><:e:501>", &author).await;
        }
        finish(&desk.w, ticket).await.unwrap();
        let text = "SELECT COUNT(*) AS n FROM attachments WHERE state = 'stored'";
        let row = sqlx::query(text).fetch_one(desk.w.store().read()).await.unwrap();
        assert_eq!(sqlx::Row::get::<i64, _>(&row, "n"), 2, "{}", desk.store.engine);
        // Another process sees them again, and nothing changes.
        close(&desk, ticket).await;
        assert_eq!(read(&desk, ticket).await.shown.emojis.len(), 1);
    }
}

#[tokio::test]
async fn a_server_has_a_quota() {
    for desk in crate::testing::desks().await {
        let limit = i64::try_from(desk.plans.default_plan().limits.storage).unwrap();
        desk.discord.put_file(EMOJI, [FileAnswer::Bytes(picture("emoji"))]);
        desk.discord.put_file(STICKER, [FileAnswer::Bytes(picture("sticker"))]);
        let (first, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "<:e:501>").await;
        finish(&desk.w, first).await.unwrap();
        // As if another ticket's files had filled the server.
        let mut tx = desk.w.store().begin().await.unwrap();
        sqlx::query("UPDATE attachments SET length = $1")
            .bind(limit)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        close(&desk, first).await;
        let panel = desk.panel().await;
        let (second, channel) = desk.open_ticket(panel, 9).await;
        let sticker = json!({ "sticker_items": [{ "id": "601", "name": "a", "format_type": 1 }] });
        say_with(&desk, channel, 9, "no room", &sticker).await;
        tickets::close(&desk.member(9).await, second, None).await.unwrap();
        desk.clock.advance(30_000);
        desk.settle().await;
        let access = authorize_person(&desk.w, user(9), second).await.unwrap();
        let read = page(&access, None, 100).await.unwrap();
        assert!(read.shown.stickers.is_empty(), "{}", desk.store.engine);
        let text = "SELECT COUNT(*) AS n FROM attachments WHERE state = 'no_room'";
        let row = sqlx::query(text).fetch_one(desk.w.store().read()).await.unwrap();
        assert_eq!(sqlx::Row::get::<i64, _>(&row, "n"), 1);
    }
}

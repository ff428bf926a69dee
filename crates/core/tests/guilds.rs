//! Settings of a server, the audit log, and who sees which server, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::access::Capability;
use domain::guilds::GuildSettings;
use domain::ids::{ChannelId, GuildId, RoleId, UserId};
use domain::locale::Locale;
use domain::permissions::Permissions;
use domain::validation::{FieldError, Problem};
use wardesk_core::accounts::sessions;
use wardesk_core::audit;
use wardesk_core::guilds::{self, GuildError, authorize, picker, save_settings, settings};
use wardesk_core::ports::{Identity as _, OwnGuild};
use wardesk_core::testing::{Desk, desks};

const MIA: i64 = 71;

fn guild(id: i64) -> GuildId {
    GuildId::new(id).unwrap()
}

fn own(id: i64, name: &str, permissions: Permissions) -> OwnGuild {
    OwnGuild { id: guild(id), name: name.into(), icon: None, owner: false, permissions }
}

fn names(cards: &[guilds::GuildCard]) -> Vec<&str> {
    cards.iter().map(|card| card.name.as_str()).collect()
}

#[tokio::test]
async fn every_saved_change_is_in_the_log_with_who_when_before_and_after() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let seen = settings(&manager).await.unwrap();
        let logged = audit::list(&manager, None).await.unwrap().len();
        desk.clock.advance(5_000);
        let german = GuildSettings { locale: Locale::De, ..seen.settings.clone() };
        save_settings(&manager, german.clone(), seen.revision).await.unwrap();

        let log = audit::list(&manager, None).await.unwrap();
        assert_eq!(log.len(), logged + 1, "{}", desk.store.engine);
        let entry = &log[0];
        assert_eq!(entry.action, "settings.saved");
        assert_eq!((entry.actor, entry.at), (Some(manager.user()), desk.w.now()));
        let read = |text: &Option<String>| -> GuildSettings {
            serde_json::from_str(text.as_deref().unwrap()).unwrap()
        };
        assert_eq!((read(&entry.before), read(&entry.after)), (seen.settings, german.clone()));

        // Saving what is there already is no change.
        let now = settings(&manager).await.unwrap();
        save_settings(&manager, german, now.revision).await.unwrap();
        assert_eq!(audit::list(&manager, None).await.unwrap().len(), logged + 1);
    }
}

#[tokio::test]
async fn of_two_who_save_at_once_the_second_is_told() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let seen = settings(&manager).await.unwrap();
        let with_zone =
            |zone: &str| GuildSettings { time_zone: zone.into(), ..seen.settings.clone() };
        save_settings(&manager, with_zone("Europe/Berlin"), seen.revision).await.unwrap();
        let second = save_settings(&manager, with_zone("Asia/Tokyo"), seen.revision).await;
        assert!(matches!(second, Err(GuildError::Conflict)), "{}", desk.store.engine);
        let kept = settings(&manager).await.unwrap().settings;
        assert_eq!(kept.time_zone, "Europe/Berlin");
    }
}

#[tokio::test]
async fn a_revision_that_nobody_saw_saves_nothing() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let seen = settings(&manager).await.unwrap();
        let new = GuildSettings { time_zone: "Asia/Tokyo".into(), ..seen.settings.clone() };
        for made_up in [i64::MIN, -1, 0, seen.revision + 1, i64::MAX] {
            let refused = save_settings(&manager, new.clone(), made_up).await;
            assert!(matches!(refused, Err(GuildError::Conflict)), "{}", desk.store.engine);
        }
        assert_eq!(settings(&manager).await.unwrap(), seen);
        save_settings(&manager, new, seen.revision).await.unwrap();
        assert_eq!(settings(&manager).await.unwrap().revision, seen.revision + 1);
        // Where nothing was ever saved, nothing but 0 was seen.
        for (made_up, saved) in [(1, false), (i64::MAX, false), (0, true), (0, false)] {
            let mut tx = desk.store.store.begin().await.unwrap();
            let now = desk.w.now();
            let new = GuildSettings::default();
            let done = storage::guilds::save_settings(tx.conn(), guild(7), &new, made_up, now);
            assert_eq!(done.await.unwrap(), saved, "{made_up}");
            tx.commit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn all_fields_that_cannot_be_are_named_at_once_and_nothing_is_saved() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let seen = settings(&manager).await.unwrap();
        let gone = ChannelId::new(4_242).unwrap();
        let wrong = GuildSettings {
            support_roles: vec![RoleId::new(4_243).unwrap()],
            ticket_category: Some(gone),
            // A category is no place for messages.
            transcript_channel: Some(desk.category),
            log_channel: Some(gone),
            locale: Locale::En,
            time_zone: "Mars/Olympus".into(),
            reader_roles: vec![RoleId::new(4_244).unwrap()],
            ..GuildSettings::default()
        };
        let Err(GuildError::Invalid(errors)) = save_settings(&manager, wrong, seen.revision).await
        else {
            panic!("accepted");
        };
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        let expected = [
            "time_zone",
            "support_roles",
            "reader_roles",
            "ticket_category",
            "transcript_channel",
            "log_channel",
        ];
        assert_eq!(fields, expected, "{}", desk.store.engine);
        assert!(errors.contains(&FieldError::new("log_channel", Problem::Gone)));
        assert_eq!(settings(&manager).await.unwrap(), seen);
    }
}

#[tokio::test]
async fn the_log_is_for_managers() {
    for desk in desks().await {
        let staff = desk.staff(60).await;
        let refused = audit::list(&staff, None).await;
        assert!(matches!(refused, Err(GuildError::NotFound)), "{}", desk.store.engine);
        let seen = settings(&staff).await.unwrap();
        let refused = save_settings(&staff, GuildSettings::default(), seen.revision).await;
        assert!(matches!(refused, Err(GuildError::NotFound)));
    }
}

/// Mia's session, in these servers.
async fn mia_in(desk: &Desk, list: Vec<OwnGuild>) -> wardesk_core::accounts::Session {
    desk.identity.set_guilds(UserId::new(MIA).unwrap(), list);
    desk.sign_in(MIA, "Firefox").await
}

#[tokio::test]
async fn servers_fall_into_three_groups() {
    for desk in desks().await {
        guilds::arrived(&desk.w, guild(3000), "Server", None).await.unwrap();
        let none = Permissions::default();
        let list = vec![
            own(desk.guild.get(), "where she has a ticket", none),
            own(3000, "which she manages", Permissions::MANAGE_GUILD),
            own(3001, "to which she may invite", Permissions::ADMINISTRATOR),
            own(3002, "where she is a member", none),
        ];
        let session = mia_in(&desk, list.clone()).await;
        let before = picker(&desk.w, &session).await.unwrap();
        assert_eq!(names(&before.manage), ["which she manages"], "{}", desk.store.engine);
        assert_eq!(names(&before.invite), ["to which she may invite"]);
        assert!(before.invite[0].invite_url.as_ref().unwrap().ends_with("guild=3001"));
        assert!(before.participant.is_empty());

        let panel = desk.panel().await;
        desk.open_ticket(panel, MIA).await;
        let after = picker(&desk.w, &session).await.unwrap();
        assert_eq!(names(&after.participant), ["where she has a ticket"]);

        // It notices when the bot arrives, and when it leaves.
        guilds::arrived(&desk.w, guild(3001), "Server", None).await.unwrap();
        guilds::left(&desk.w, guild(3000)).await.unwrap();
        let moved = picker(&desk.w, &session).await.unwrap();
        assert_eq!(names(&moved.manage), ["to which she may invite"]);
        assert_eq!(names(&moved.invite), ["which she manages"]);
    }
}

#[tokio::test]
async fn a_list_of_servers_says_when_discord_did_not_tell_where_somebody_works() {
    for desk in desks().await {
        guilds::arrived(&desk.w, guild(3000), "Server", None).await.unwrap();
        let none = Permissions::default();
        let list = vec![
            own(desk.guild.get(), "where she may work", none),
            own(3000, "which she manages", Permissions::MANAGE_GUILD),
        ];
        let session = mia_in(&desk, list).await;
        desk.discord.outage(true);
        let during = picker(&desk.w, &session).await.unwrap();
        assert_eq!(names(&during.manage), ["which she manages"], "{}", desk.store.engine);
        assert!(during.incomplete, "{}", desk.store.engine);
        desk.discord.outage(false);
        let after = picker(&desk.w, &session).await.unwrap();
        assert!(!after.incomplete, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn who_withdraws_consent_is_signed_out_everywhere() {
    for desk in desks().await {
        let lost = mia_in(&desk, Vec::new()).await;
        let other = desk.sign_in(MIA, "Safari").await;
        let somebody = desk.sign_in(8, "Safari").await;
        desk.identity.revoke(lost.token()).await.unwrap();
        let refused = picker(&desk.w, &lost).await;
        assert!(matches!(refused, Err(GuildError::SignedOut)), "{}", desk.store.engine);
        // Discord ends all of their tokens: each session would find it out by a refused call of its own.
        assert!(sessions::list(&desk.w, &other).await.unwrap().is_empty());
        assert_eq!(sessions::list(&desk.w, &somebody).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn one_question_about_servers_is_enough() {
    for desk in desks().await {
        let session = mia_in(&desk, Vec::new()).await;
        desk.identity.set_out(true);
        for _ in 0..2 {
            let out = picker(&desk.w, &session).await;
            assert!(matches!(out, Err(GuildError::Discord(_))), "{}", desk.store.engine);
        }
        assert_eq!(desk.identity.asked(), 1, "Discord is asked again at once");
        assert_eq!(sessions::list(&desk.w, &session).await.unwrap().len(), 1);
        // Another session does not wait.
        desk.identity.set_out(false);
        let other = desk.sign_in(MIA, "Safari").await;
        let (one, two) = tokio::join!(picker(&desk.w, &other), picker(&desk.w, &other));
        assert_eq!((one.unwrap(), desk.identity.asked()), (two.unwrap(), 2));
    }
}

#[tokio::test]
async fn a_server_of_others_is_not_there() {
    for desk in desks().await {
        desk.discord.add_member(MIA, &[]);
        let session = mia_in(&desk, Vec::new()).await;
        for (server, need) in [
            (desk.guild, Capability::Configure),
            (desk.guild, Capability::See),
            (guild(4_000), Capability::See),
        ] {
            let refused = authorize(&desk.w, &session, server, need).await;
            assert!(matches!(refused, Err(GuildError::NotFound)), "{}", desk.store.engine);
        }
    }
}

#[tokio::test]
async fn nobody_makes_the_bot_ask_about_servers_it_is_not_on() {
    for desk in desks().await {
        // Discord would answer: this person manages the server.
        desk.discord.add_member(MIA, &[]);
        let session = mia_in(&desk, Vec::new()).await;
        guilds::left(&desk.w, desk.guild).await.unwrap();
        desk.discord.own_by(session.user);
        let refused = authorize(&desk.w, &session, desk.guild, Capability::See).await;
        assert!(matches!(refused, Err(GuildError::NotFound)), "{}", desk.store.engine);
        guilds::arrived(&desk.w, desk.guild, "Example", None).await.unwrap();
        authorize(&desk.w, &session, desk.guild, Capability::Configure).await.unwrap();
    }
}

#[tokio::test]
async fn an_outage_does_not_tell_which_servers_there_are() {
    for desk in desks().await {
        desk.discord.add_member(MIA, &[]);
        let nowhere = guild(4_000);
        let none = Permissions::default();
        let session = mia_in(&desk, vec![own(5_000, "Another", none)]).await;
        let manager = UserId::new(50).unwrap();
        desk.identity.set_guilds(manager, vec![own(desk.guild.get(), "Example", none)]);
        let manager = desk.sign_in(50, "Firefox").await;
        desk.discord.own_by(manager.user);
        let ask = async |session: &wardesk_core::accounts::Session, server: GuildId| {
            authorize(&desk.w, session, server, Capability::See).await.map(|_| ())
        };
        for server in [desk.guild, nowhere] {
            let refused = ask(&session, server).await;
            assert!(matches!(refused, Err(GuildError::NotFound)), "{}", desk.store.engine);
        }
        ask(&manager, desk.guild).await.unwrap();
        // The bot's calls fail; what was known about the person's own servers still is.
        desk.discord.outage(true);
        for server in [desk.guild, nowhere] {
            let refused = ask(&session, server).await;
            assert!(matches!(refused, Err(GuildError::NotFound)), "{server}");
        }
        let told = ask(&manager, desk.guild).await;
        assert!(matches!(told, Err(GuildError::Discord(_))), "who is there is told why");
        // Later nothing is known of anybody, and everybody is told the same about every server.
        desk.identity.set_out(true);
        let later = desk.sign_in(MIA, "Safari").await;
        for server in [desk.guild, nowhere, guild(5_000)] {
            let told = ask(&later, server).await;
            assert!(matches!(told, Err(GuildError::Discord(_))), "{server}");
        }
    }
}

//! Licences: who may do what with them, what servers get of them, and that they can end for good.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::access::Capability;
use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::{Source, Standing, Status};
use domain::time::Millis;
use domain::transcripts::Retention;
use storage::retention::RULES;
use wardesk_core::guilds;
use wardesk_core::licences::operator::{self, Find, NewLicence, OperatorAccess};
use wardesk_core::licences::{
    LicenceError, Refusal, bury_again, end_customer, entitlements, of_holder, of_server, seats,
    trial_left,
};
use wardesk_core::testing::{Desk, OPERATOR, desks};
use wardesk_core::tickets::panels;

const DAY: i64 = 86_400_000;
/// The account that manages the desk's server.
const MANAGER: i64 = 50;

fn new(desk: &Desk, plan: &str) -> NewLicence {
    NewLicence {
        id: LicenceId::new(desk.w.new_uuid()),
        plan: plan.parse().unwrap(),
        gift: false,
        contact: UserId::new(MANAGER).unwrap(),
        seats: None,
        expires: None,
        server: Some(desk.guild),
        server_name: None,
    }
}

fn guild(id: i64) -> GuildId {
    GuildId::new(id).unwrap()
}

fn refusal<T: std::fmt::Debug>(result: Result<T, LicenceError>) -> Refusal {
    match result.unwrap_err() {
        LicenceError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn plan(desk: &Desk) -> String {
    entitlements(&desk.w, desk.guild).await.unwrap().plan.to_string()
}

async fn audited(desk: &Desk) -> Vec<(String, Option<i64>)> {
    let entries = storage::audit::page(desk.w.store().read(), desk.guild, None, 50).await.unwrap();
    let of_licences = entries.into_iter().rev().filter(|e| e.action.starts_with("licence."));
    of_licences.map(|e| (e.action, e.actor.map(UserId::get))).collect()
}

#[tokio::test]
async fn only_operators_are_operators() {
    for desk in desks().await {
        let operator = desk.sign_in(OPERATOR, "Firefox").await;
        let other = desk.sign_in(MANAGER, "Firefox").await;
        let access = operator::authorize(&desk.w, &operator).unwrap();
        assert_eq!(access.actor(), Some(UserId::new(OPERATOR).unwrap()));
        let refused = operator::authorize(&desk.w, &other);
        assert!(matches!(refused, Err(LicenceError::NotFound)), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn the_life_of_a_licence_is_noted_everywhere_it_touches() {
    for desk in desks().await {
        let session = desk.sign_in(OPERATOR, "Firefox").await;
        let access = operator::authorize(&desk.w, &session).unwrap();
        let ends = Millis(desk.w.now().0 + 10 * DAY);
        let wish = NewLicence { expires: Some(ends), gift: true, ..new(&desk, "plus") };
        let id = operator::issue(&access, wish.clone()).await.unwrap();
        assert_eq!(operator::issue(&access, wish).await.unwrap(), id, "issued twice, it is one");
        assert_eq!(plan(&desk).await, "plus");
        desk.clock.advance(10 * DAY);
        assert_eq!(plan(&desk).await, "free");
        let later = Millis(ends.0 + 30 * DAY);
        operator::extend(&access, id, Some(later)).await.unwrap();
        desk.clock.advance(1);
        assert_eq!(plan(&desk).await, "plus");
        assert_eq!(refusal(operator::extend(&access, id, Some(ends)).await), Refusal::End);
        operator::suspend(&access, id).await.unwrap();
        desk.clock.advance(1);
        assert_eq!(plan(&desk).await, "free");
        assert_eq!(refusal(operator::suspend(&access, id).await), Refusal::Unchanged);
        operator::resume(&access, id).await.unwrap();
        desk.clock.advance(1);
        assert_eq!(refusal(operator::resume(&access, id).await), Refusal::Unchanged);
        assert_eq!(plan(&desk).await, "plus");
        // Someone else's process sees it too.
        assert_eq!(entitlements(&desk.beside().await, desk.guild).await.unwrap().rank, 1);
        operator::revoke(&access, id).await.unwrap();
        assert_eq!(plan(&desk).await, "free");
        for result in [
            operator::resume(&access, id).await,
            operator::suspend(&access, id).await,
            operator::revoke(&access, id).await,
            operator::extend(&access, id, None).await,
        ] {
            assert_eq!(refusal(result), Refusal::Over);
        }
        let verbs = ["issued", "extended", "suspended", "resumed", "revoked"];
        let expected: Vec<_> =
            verbs.iter().map(|verb| (format!("licence.{verb}"), Some(OPERATOR))).collect();
        assert_eq!(audited(&desk).await, expected, "{}", desk.store.engine);
        let details = operator::show(&access, id).await.unwrap();
        let log: Vec<_> =
            details.entries.iter().rev().map(|e| (e.action.clone(), e.actor)).collect();
        let actor = Some(UserId::new(OPERATOR).unwrap());
        assert_eq!(log, verbs.map(|verb| (format!("licence.{verb}"), actor)));
        assert!(details.entries[0].before.as_deref().unwrap().contains("\"status\":\"active\""));
        assert!(details.entries[0].after.as_deref().unwrap().contains("\"status\":\"revoked\""));
        assert_eq!(details.licence.licence.source, Source::Gift);
        // The server's log names neither the holder nor other servers.
        let entries = storage::audit::page(desk.w.store().read(), desk.guild, None, 50).await;
        for entry in entries.unwrap().iter().filter(|e| e.action.starts_with("licence.")) {
            let text = format!("{:?}{:?}", entry.before, entry.after);
            assert!(!text.contains("contact") && !text.contains("guild"), "{text}");
        }
        assert!(
            storage::audit::first_break(desk.w.store().read(), desk.guild).await.unwrap().is_none()
        );
    }
}

#[tokio::test]
async fn what_cannot_be_issued_is_refused() {
    for desk in desks().await {
        let access = OperatorAccess::of_console(&desk.w);
        let issue = |wish| operator::issue(&access, wish);
        assert_eq!(refusal(issue(new(&desk, "gold")).await), Refusal::UnknownPlan);
        let past = NewLicence { expires: Some(desk.w.now()), ..new(&desk, "pro") };
        assert_eq!(refusal(issue(past).await), Refusal::End);
        for seats in [0, 101] {
            let crowd = NewLicence { seats: Some(seats), ..new(&desk, "pro") };
            assert_eq!(refusal(issue(crowd).await), Refusal::Seats);
        }
        let none = LicenceId::new(desk.w.new_uuid());
        assert!(matches!(operator::revoke(&access, none).await, Err(LicenceError::NotFound)));
        assert!(matches!(operator::show(&access, none).await, Err(LicenceError::NotFound)));
        assert!(operator::list(&access, None).await.unwrap().licences.is_empty());
        assert!(operator::log(&access, None).await.unwrap().entries.is_empty());
        assert!(audited(&desk).await.is_empty(), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn licences_are_found_by_server_account_and_id() {
    for desk in desks().await {
        let access = OperatorAccess::of_console(&desk.w);
        let here = operator::issue(&access, new(&desk, "pro")).await.unwrap();
        desk.clock.advance(1);
        let away = NewLicence {
            server: Some(guild(77)),
            server_name: Some("Away".into()),
            contact: UserId::new(51).unwrap(),
            ..new(&desk, "community")
        };
        let away = operator::issue(&access, away).await.unwrap();
        let ids = |all: Vec<operator::OperatorLicence>| -> Vec<LicenceId> {
            all.iter().map(|one| one.licence.id).collect()
        };
        let found = |what| operator::find(&access, what);
        assert_eq!(ids(found(Find::Server(desk.guild)).await.unwrap()), [here]);
        assert_eq!(ids(found(Find::Account(UserId::new(51).unwrap())).await.unwrap()), [away]);
        assert_eq!(ids(found(Find::Id(here)).await.unwrap()), [here]);
        let page = operator::list(&access, None).await.unwrap();
        assert_eq!((ids(page.licences.clone()), page.next), (vec![away, here], None));
        assert_eq!(page.licences[0].licence.seated[0].guild_name, "Away");
        assert_eq!(page.licences[1].licence.seated[0].guild_name, "Example");
        assert_eq!(page.licences[1].licence.seats, 3);
        let older = operator::list(&access, Some(away)).await.unwrap();
        assert_eq!(ids(older.licences), [here], "{}", desk.store.engine);
    }
}

/// Another server with the bot, which the same person manages.
async fn other_server(desk: &Desk, id: i64) -> guilds::GuildAccess {
    guilds::arrived(&desk.w, guild(id), &format!("Server {id}"), None).await.unwrap();
    let manages = domain::permissions::Permissions::MANAGE_GUILD;
    let acting = desk.acting(MANAGER, &[], manages);
    guilds::authorize_member(&desk.w, guild(id), &acting).await.unwrap()
}

#[tokio::test]
async fn a_holder_gives_moves_and_takes_seats() {
    for desk in desks().await {
        let console = OperatorAccess::of_console(&desk.w);
        let wish = NewLicence { server: None, seats: Some(2), ..new(&desk, "pro") };
        let id = operator::issue(&console, wish).await.unwrap();
        let manager = desk.manager().await;
        let session = desk.sign_in(MANAGER, "Firefox").await;
        assert_eq!(plan(&desk).await, "free");
        seats::assign(&manager, id).await.unwrap();
        assert_eq!(plan(&desk).await, "pro");
        assert_eq!(refusal(seats::assign(&manager, id).await), Refusal::Seated);
        let (second, third) = (other_server(&desk, 1001).await, other_server(&desk, 1002).await);
        seats::assign(&second, id).await.unwrap();
        assert_eq!(refusal(seats::assign(&third, id).await), Refusal::Full);
        // The first move is at once; the next one waits a day.
        seats::move_here(&third, id, desk.guild).await.unwrap();
        assert_eq!(plan(&desk).await, "free", "{}", desk.store.engine);
        let until = Millis(desk.w.now().0 + DAY);
        let again = seats::move_here(&manager, id, guild(1002)).await;
        assert_eq!(refusal(again), Refusal::Cooling { until });
        // Nor does it help to free the seat and to give it away.
        seats::release(&desk.w, &session, id, guild(1002)).await.unwrap();
        assert_eq!(refusal(seats::assign(&manager, id).await), Refusal::Cooling { until });
        let held = of_holder(&desk.w, &session).await.unwrap();
        assert_eq!((held.licences[0].free, held.licences[0].free_from), (1, Some(until)));
        assert_eq!(held.licences[0].seats[0].name, "Server 1001");
        // The server that had it last gets it back at any time.
        seats::assign(&third, id).await.unwrap();
        desk.clock.advance(DAY);
        seats::move_here(&manager, id, guild(1002)).await.unwrap();
        assert_eq!(plan(&desk).await, "pro");
        let gone = seats::move_here(&manager, id, guild(1002)).await;
        assert_eq!(refusal(gone), Refusal::Seated);
        assert_eq!(
            refusal(seats::release(&desk.w, &session, id, guild(1002)).await),
            Refusal::NotSeated
        );
        let verbs: Vec<_> = audited(&desk).await.into_iter().map(|(action, _)| action).collect();
        assert_eq!(verbs, ["licence.seat_given", "licence.seat_taken", "licence.seat_given"]);
    }
}

#[tokio::test]
async fn seats_are_for_the_holder_and_for_servers_they_manage() {
    for desk in desks().await {
        let console = OperatorAccess::of_console(&desk.w);
        let wish = NewLicence { contact: UserId::new(51).unwrap(), ..new(&desk, "pro") };
        let id = operator::issue(&console, wish).await.unwrap();
        // Somebody else's licence is not there.
        let manager = desk.manager().await;
        let session = desk.sign_in(MANAGER, "Firefox").await;
        let refused = seats::assign(&manager, id).await;
        assert!(matches!(refused, Err(LicenceError::NotFound)), "{refused:?}");
        let refused = seats::release(&desk.w, &session, id, desk.guild).await;
        assert!(matches!(refused, Err(LicenceError::NotFound)), "{refused:?}");
        assert!(of_holder(&desk.w, &session).await.unwrap().licences.is_empty());
        // The holder alone decides nothing on a server that they do not manage.
        for access in [desk.member(51).await, desk.staff(51).await] {
            assert!(access.require(Capability::Billing).is_err());
            let refused = seats::assign(&access, id).await;
            assert!(matches!(refused, Err(LicenceError::NotFound)), "{refused:?}");
            assert!(matches!(of_server(&access).await, Err(LicenceError::NotFound)));
        }
        // Of what is over no seat is given.
        let holder = desk.sign_in(51, "Firefox").await;
        seats::release(&desk.w, &holder, id, desk.guild).await.unwrap();
        assert_eq!(plan(&desk).await, "free");
        operator::revoke(&console, id).await.unwrap();
        let acting = desk.acting(51, &[], domain::permissions::Permissions::MANAGE_GUILD);
        let access = guilds::authorize_member(&desk.w, desk.guild, &acting).await.unwrap();
        assert_eq!(refusal(seats::assign(&access, id).await), Refusal::Over);
    }
}

#[tokio::test]
async fn a_seat_is_taken_once_however_many_want_it_at_once() {
    for desk in desks().await {
        let console = OperatorAccess::of_console(&desk.w);
        let wish = NewLicence { server: None, seats: Some(1), ..new(&desk, "pro") };
        let id = operator::issue(&console, wish).await.unwrap();
        let mut servers = vec![desk.manager().await];
        for other in 1001..1008 {
            servers.push(other_server(&desk, other).await);
        }
        let tries = servers
            .into_iter()
            .map(|access| tokio::spawn(async move { seats::assign(&access, id).await.is_ok() }));
        let given = futures_all(tries.collect()).await;
        assert_eq!(given.into_iter().filter(|given| *given).count(), 1, "{}", desk.store.engine);
    }
}

async fn futures_all(tasks: Vec<tokio::task::JoinHandle<bool>>) -> Vec<bool> {
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

#[tokio::test]
async fn the_page_of_a_server_says_what_counts_and_what_does_not_and_why() {
    for mut desk in desks().await {
        let made: Vec<_> = {
            let manager = desk.manager().await;
            let mut made = Vec::new();
            for number in 0..7 {
                let mut settings = desk.panel_settings();
                settings.name = format!("Panel {number}");
                made.push(panels::create(&manager, settings).await.unwrap());
                desk.clock.advance(1);
            }
            made
        };
        desk.sell_shipped();
        let console = OperatorAccess::of_console(&desk.w);
        let manager = desk.manager().await;
        let page = of_server(&manager).await.unwrap();
        assert_eq!((page.plan.key.as_str(), page.panels), ("free", 7));
        let off: Vec<_> = page.panels_off.iter().map(|panel| panel.id).collect();
        assert_eq!(off, made[5..], "the newest: {}", desk.store.engine);
        assert_eq!(page.panels_off[0].name, "Panel 5");
        assert_eq!(page.panels_unlocked_by.unwrap().key.as_str(), "plus");
        assert_eq!(page.storage_unlocked_by.unwrap().key.as_str(), "plus");
        assert_eq!(page.retention_unlocked_by.unwrap().key.as_str(), "plus");
        assert_eq!((page.retention, page.retention_cut), (Retention::ForEver, true));
        assert!(page.trial_left && !page.storage_full);
        let ended = NewLicence { expires: Some(Millis(desk.w.now().0 + 1)), ..new(&desk, "pro") };
        let ended = operator::issue(&console, ended).await.unwrap();
        desk.clock.advance(1);
        let held = operator::issue(&console, new(&desk, "pro")).await.unwrap();
        operator::suspend(&console, held).await.unwrap();
        let counts = operator::issue(&console, new(&desk, "plus")).await.unwrap();
        let page = of_server(&manager).await.unwrap();
        assert_eq!(page.plan.key.as_str(), "plus");
        assert_eq!(page.entitlements.licence, Some(counts));
        assert!(page.panels_off.is_empty() && !page.retention_cut);
        let standing = |id| page.licences.iter().find(|l| l.id == id).unwrap().standing;
        assert_eq!(standing(ended), Standing::Expired);
        assert_eq!(standing(held), Standing::Suspended);
        assert_eq!(standing(counts), Standing::Counts);
        assert!(
            page.licences
                .iter()
                .all(|licence| licence.mine && licence.used == (licence.id == counts))
        );
        assert!(page.retention_unlocked_by.is_none());
    }
}

#[tokio::test]
async fn removing_the_bot_ends_nothing() {
    for desk in desks().await {
        let console = OperatorAccess::of_console(&desk.w);
        let id = operator::issue(&console, new(&desk, "pro")).await.unwrap();
        guilds::left(&desk.w, desk.guild).await.unwrap();
        desk.clock.advance(100 * DAY);
        assert_eq!(plan(&desk).await, "pro", "{}", desk.store.engine);
        let session = desk.sign_in(MANAGER, "Firefox").await;
        let held = of_holder(&desk.w, &session).await.unwrap();
        assert_eq!(held.licences[0].licence.id, id);
        assert!(!held.licences[0].seats[0].bot_here);
        guilds::arrived(&desk.w, desk.guild, "Renamed", None).await.unwrap();
        let held = of_holder(&desk.w, &session).await.unwrap();
        assert!(held.licences[0].seats[0].bot_here);
        assert_eq!(held.licences[0].seats[0].name, "Renamed");
        assert_eq!(held.licences[0].seats[0].standing, Standing::Counts);
    }
}

/// Puts the database back as it was at a backup: everything of licences, as an operator would restore it.
async fn restore(desk: &Desk, id: LicenceId) {
    let mut tx = desk.w.store().begin().await.unwrap();
    sqlx::query(
        "UPDATE licences SET status = 'active', expires_at = NULL, erased_at = NULL, contact_id = $2
         WHERE id = $1",
    )
    .bind(id.to_string())
    .bind(MANAGER)
    .execute(tx.conn())
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO licence_seats (licence_id, seat, guild_id, guild_name, since)
         VALUES ($1, 1, $2, 'Example', 1)",
    )
    .bind(id.to_string())
    .bind(desk.guild.get())
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_customer_who_is_removed_stays_removed() {
    for desk in desks().await {
        let console = OperatorAccess::of_console(&desk.w);
        let id = operator::issue(&console, new(&desk, "pro")).await.unwrap();
        let other = NewLicence { contact: UserId::new(51).unwrap(), ..new(&desk, "plus") };
        operator::issue(&console, other).await.unwrap();
        let session = desk.sign_in(MANAGER, "Firefox").await;
        let refused = end_customer(&desk.w, &session, false).await;
        assert_eq!(refusal(refused), Refusal::NotAcknowledged);
        assert_eq!(plan(&desk).await, "pro", "{}", desk.store.engine);
        assert_eq!(end_customer(&desk.w, &session, true).await.unwrap(), [id]);
        assert_eq!(plan(&desk).await, "plus", "the licences of others stay");
        assert_eq!(end_customer(&desk.w, &session, true).await.unwrap(), []);
        // Nothing says any more whose it was.
        let row = sqlx::query("SELECT contact_id, status FROM licences WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(desk.w.store().read())
            .await
            .unwrap();
        assert_eq!(sqlx::Row::get::<Option<i64>, _>(&row, "contact_id"), None);
        assert_eq!(sqlx::Row::get::<String, _>(&row, "status"), Status::Ended.as_str());
        let log = operator::log(&console, None).await.unwrap().entries;
        let of_it = log.iter().find(|entry| entry.licence == Some(id)).unwrap();
        assert_eq!((&of_it.before, &of_it.after), (&None, &None));
        // A backup comes back, in a process that knows nothing.
        restore(&desk, id).await;
        let w = desk.restarted();
        let after = entitlements(&w, desk.guild).await.unwrap();
        assert_eq!(after.plan.as_str(), "plus", "{}", desk.store.engine);
        let console = OperatorAccess::of_console(&w);
        assert!(matches!(operator::show(&console, id).await, Err(LicenceError::NotFound)));
        assert!(matches!(operator::extend(&console, id, None).await, Err(LicenceError::NotFound)));
        let again = operator::issue(&console, NewLicence { id, ..new(&desk, "pro") }).await;
        assert_eq!(refusal(again), Refusal::Over);
        assert!(of_holder(&w, &session).await.unwrap().licences.is_empty());
        assert_eq!(bury_again(&w).await.unwrap(), 1);
        assert_eq!(bury_again(&w).await.unwrap(), 0);
        let row = sqlx::query("SELECT contact_id FROM licences WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(w.store().read())
            .await
            .unwrap();
        assert_eq!(sqlx::Row::get::<Option<i64>, _>(&row, "contact_id"), None);
    }
}

#[tokio::test]
async fn a_server_has_one_trial_ever() {
    use storage::licences::trials;
    for desk in desks().await {
        let w = &desk.w;
        assert!(trial_left(w, desk.guild).await.unwrap());
        let mark = trials::mark(w.store().keys(), desk.guild, true).await.unwrap();
        let mut tx = w.store().begin().await.unwrap();
        assert!(trials::take(tx.conn(), mark, w.now()).await.unwrap());
        assert!(!trials::take(tx.conn(), mark, w.now()).await.unwrap());
        tx.commit().await.unwrap();
        assert!(!trial_left(w, desk.guild).await.unwrap(), "{}", desk.store.engine);
        assert!(trial_left(w, guild(77)).await.unwrap());
        // One with pretended money is another one.
        let pretended = trials::mark(w.store().keys(), desk.guild, false).await.unwrap();
        assert_ne!(pretended, mark);
        // The server itself is not to be read there.
        let row = sqlx::query("SELECT server FROM licence_trials").fetch_one(w.store().read());
        let kept: Vec<u8> = sqlx::Row::get(&row.await.unwrap(), "server");
        assert_eq!(kept.len(), 32);
        let id = desk.guild.get().to_be_bytes();
        assert!(!kept.windows(8).any(|part| part == id));
    }
}

#[tokio::test]
async fn what_operators_did_is_forgotten_after_90_days() {
    let rule = RULES.iter().find(|rule| rule.name == "operator_log").unwrap();
    for desk in desks().await {
        let console = OperatorAccess::of_console(&desk.w);
        operator::issue(&console, new(&desk, "pro")).await.unwrap();
        desk.clock.advance(90 * DAY - 1);
        let sweep = || storage::retention::sweep(desk.w.store(), rule, desk.w.now());
        assert_eq!(sweep().await.unwrap(), 0, "{}", desk.store.engine);
        desk.clock.advance(1);
        assert_eq!(sweep().await.unwrap(), 1);
        assert!(operator::log(&console, None).await.unwrap().entries.is_empty());
        assert_eq!(plan(&desk).await, "pro");
    }
}

#[tokio::test]
async fn processes_agree_about_one_that_is_issued_twice_at_once() {
    for desk in desks().await {
        let wish = new(&desk, "pro");
        let beside = desk.beside().await;
        let both = [desk.w.clone(), beside].map(|w| {
            let wish = wish.clone();
            tokio::spawn(async move {
                operator::issue(&OperatorAccess::of_console(&w), wish).await.is_ok()
            })
        });
        assert_eq!(futures_all(both.into()).await, [true, true]);
        assert_eq!(audited(&desk).await.len(), 1, "{}", desk.store.engine);
    }
}

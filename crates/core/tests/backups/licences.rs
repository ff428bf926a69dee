//! What becomes of licences when a backup is put back.

use domain::ids::{LicenceId, UserId};
use domain::licences::Status;
use domain::locale::Locale;
use storage::Store;
use storage::backup;
use wardesk_core::accounts::choices::{self, Choices};
use wardesk_core::licences::operator::{self, NewLicence, OperatorAccess};
use wardesk_core::licences::{LicenceError, bury_again, end_customer, entitlements};
use wardesk_core::testing::{Desk, desks};
use wardesk_core::{Parts, Wardesk, backup as backups};

use super::vault::Vault;

/// Who holds the licence that ends, and those who hold the others.
const ENDS: i64 = 50;
const STAYS: i64 = 51;
const OTHER: i64 = 54;

async fn issue(desk: &Desk, contact: i64, plan: &str, seated: bool) -> LicenceId {
    let new = NewLicence {
        id: LicenceId::new(desk.w.new_uuid()),
        plan: plan.parse().unwrap(),
        gift: false,
        contact: UserId::new(contact).unwrap(),
        seats: None,
        expires: None,
        server: seated.then_some(desk.guild),
        server_name: None,
    };
    operator::issue(&OperatorAccess::of_console(&desk.w), new).await.unwrap()
}

/// How a licence stands in the database, and whose it is.
async fn row(store: &Store, id: LicenceId) -> (String, Option<i64>) {
    let row = sqlx::query_as("SELECT status, contact_id FROM licences WHERE id = $1");
    row.bind(id.to_string()).fetch_one(store.read()).await.unwrap()
}

async fn plan(w: &Wardesk, desk: &Desk) -> String {
    entitlements(w, desk.guild).await.unwrap().plan.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn licences_that_ended_for_good_stay_so_after_a_whole_restore() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let console = OperatorAccess::of_console(&desk.w);
        let ended = issue(&desk, ENDS, "pro", true).await;
        let stays = issue(&desk, STAYS, "plus", true).await;
        let suspended = issue(&desk, 52, "pro", false).await;
        let revoked = issue(&desk, 53, "pro", false).await;
        operator::suspend(&console, suspended).await.unwrap();
        operator::revoke(&console, revoked).await.unwrap();
        let session = desk.sign_in(ENDS, "Firefox").await;
        let vault = Vault::new();
        let path = vault.make(desk.w.store(), "one.age").await;

        // Since the backup was made.
        desk.clock.advance(3_600_000);
        assert_eq!(end_customer(&desk.w, &session, true).await.unwrap(), [ended]);
        operator::suspend(&console, stays).await.unwrap();
        assert_eq!(plan(&desk.w, &desk).await, "free", "{engine}");

        let store = desk.store.again().await;
        let put = vault.restore(&store, &path, true).await.unwrap();
        let w = Wardesk::new(Parts { store: store.clone(), ..desk.parts() });
        let (status, contact) = row(&store, ended).await;
        assert_eq!((status.as_str(), contact), ("active", Some(ENDS)), "the backup has it");
        assert_eq!(plan(&w, &desk).await, "plus", "{engine}: it counts no more even so");
        backups::settle_restored(&w, &put).await.unwrap();
        assert_eq!(row(&store, ended).await, (Status::Ended.as_str().to_owned(), None), "{engine}");
        assert_eq!(bury_again(&w).await.unwrap(), 0, "{engine}: all of it was done");
        let console = OperatorAccess::of_console(&w);
        let gone = operator::show(&console, ended).await;
        assert!(matches!(gone, Err(LicenceError::NotFound)), "{engine}");

        // What operators say is as it was when the backup was made.
        let standing =
            async |id| operator::show(&console, id).await.unwrap().licence.licence.status;
        assert_eq!(standing(suspended).await, Status::Suspended, "{engine}");
        assert_eq!(standing(revoked).await, Status::Revoked, "{engine}");
        assert_eq!(standing(stays).await, Status::Active, "{engine}: to be suspended again");
        assert_eq!(plan(&w, &desk).await, "plus", "{engine}");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_licence_outlives_a_key_store_that_is_older_than_the_content() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let vault = Vault::new();
        let (keys, now) = (vault.path("keys.age"), desk.w.now());
        backup::make_keys(&desk.w.store().key_store(), &keys, &vault.recipient, now).await.unwrap();
        // Since then two people have signed in. One holds a licence, and was never erased.
        let licence = issue(&desk, STAYS, "pro", true).await;
        for person in [STAYS, OTHER] {
            let session = desk.sign_in(person, "Firefox").await;
            let chosen = Choices { locale: Some(Locale::De), theme: None };
            choices::save(&desk.w, &session, &chosen).await.unwrap();
        }
        let path = vault.make(desk.w.store(), "content.age").await;

        let store = desk.store.again().await;
        let alone = store.use_alone().await.unwrap();
        let (there, masters) = (store.key_store(), &desk.store.config.master_keys);
        backup::restore_keys(&there, &alone, masters, &keys, vault.identities(), true)
            .await
            .unwrap();
        alone.end().await;
        store.close().await;
        let store = desk.store.again().await;
        let put = vault.restore(&store, &path, true).await.unwrap();
        let w = Wardesk::new(Parts { store: store.clone(), ..desk.parts() });
        assert_eq!(
            backups::settle_restored(&w, &put).await.unwrap().erased,
            1,
            "{engine}: the other one"
        );
        let (status, contact) = row(&store, licence).await;
        assert_eq!((status.as_str(), contact), ("active", Some(STAYS)), "{engine}");
        assert_eq!(plan(&w, &desk).await, "pro", "{engine}");
        let accounts =
            sqlx::query_scalar::<_, i64>("SELECT user_id FROM accounts ORDER BY user_id");
        assert_eq!(accounts.fetch_all(store.read()).await.unwrap(), [STAYS], "{engine}");
        // And not at the next start or sweep either.
        assert_eq!(bury_again(&w).await.unwrap(), 0, "{engine}");
        store.close().await;
    }
}

//! Operators at the console, while the service runs on the same database.

use serde_json::Value;
use wardesk_core::licences::entitlements;

use crate::desk::{Desk, engines, guild};
use crate::program::Program;

/// What a command answers: its exit code and what it wrote.
async fn admin(desk: &Desk, arguments: &[&str]) -> (i32, String) {
    let all: Vec<&str> =
        ["admin", "licence"].into_iter().chain(arguments.iter().copied()).collect();
    let program = Program::launch(desk.store.folder.path(), &desk.settings(&[]), &all);
    let code = program.end().await.code().expect("it ends by itself");
    (code, program.log())
}

async fn json(desk: &Desk, arguments: &[&str]) -> Value {
    let all: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    let (code, said) = admin(desk, &all).await;
    assert_eq!(code, 0, "{arguments:?}: {said}");
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

#[tokio::test]
async fn operators_issue_and_take_back_licences_while_the_service_runs() {
    for engine in engines() {
        let desk = Desk::new(engine.store().await).await;
        let program = desk.start(&[]).await;
        let server = guild().to_string();
        let issue =
            ["issue", "--plan", "pro", "--contact", "50", "--server", &server, "--days", "30"];
        let issued = json(&desk, &issue).await;
        let id = issued["id"].as_str().unwrap().to_owned();
        assert_eq!(issued["plan"], "pro");
        assert_eq!(issued["standing"], "counts");
        assert_eq!(issued["contact"], "50");
        assert_eq!(issued["seats"], 3);
        assert_eq!(issued["servers"][0]["id"], server.as_str());
        assert_eq!(issued["log"][0]["action"], "licence.issued");
        assert_eq!(issued["log"][0]["actor"], Value::Null);
        let listed = json(&desk, &["list", "--server", &server]).await;
        assert_eq!(listed["licences"][0]["id"], id.as_str());
        let (code, table) = admin(&desk, &["list"]).await;
        assert_eq!(code, 0, "{table}");
        assert!(table.starts_with("LICENCE") && table.contains(&id), "{table}");
        let before = issued["expires"].as_str().unwrap().to_owned();
        let extended = json(&desk, &["extend", &id, "--days", "30"]).await;
        assert!(extended["expires"].as_str().unwrap() > before.as_str(), "{extended}");
        assert_eq!(json(&desk, &["suspend", &id]).await["standing"], "suspended");
        assert_eq!(json(&desk, &["resume", &id]).await["standing"], "counts");
        assert_eq!(json(&desk, &["extend", &id, "--for-ever"]).await["expires"], Value::Null);
        assert_eq!(json(&desk, &["revoke", &id]).await["standing"], "revoked");
        let (code, shown) = admin(&desk, &["show", &id]).await;
        assert_eq!(code, 0, "{shown}");
        for part in [id.as_str(), "revoked", "licence.extended", "console"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        // What cannot be done is said, by number as well.
        let (code, said) = admin(&desk, &["resume", &id]).await;
        assert_eq!(code, 4, "{said}");
        assert!(said.contains("revoked"), "{said}");
        let (code, said) = admin(&desk, &["show", "0193b3c4-5d6e-7f80-9123-456789abcdef"]).await;
        assert_eq!(code, 3, "{said}");
        let (code, said) = admin(&desk, &["issue", "--plan", "gold", "--contact", "50"]).await;
        assert_eq!(code, 4, "{said}");
        for wrong in [&["extend", &id][..], &["issue", "--plan", "pro"], &["show", "x"], &[]] {
            assert_eq!(admin(&desk, wrong).await.0, 2, "{wrong:?}");
        }
        assert!(!program.has_ended());
        program.stop().await;
    }
}

#[tokio::test]
async fn the_running_service_sees_what_the_console_did() {
    for engine in engines() {
        let desk = Desk::new(engine.store().await).await;
        let program = desk.start(&[]).await;
        let server = guild().to_string();
        assert_eq!(entitlements(&desk.w, guild()).await.unwrap().plan.as_str(), "free");
        let issued =
            json(&desk, &["issue", "--plan", "plus", "--contact", "50", "--server", &server]).await;
        assert_eq!(issued["expires"], Value::Null);
        // This process remembers for ten seconds what the other one changed.
        crate::wait::until("the licence counts", async || {
            let now = entitlements(&desk.w, guild()).await.unwrap();
            (now.plan.as_str() == "plus").then_some(())
        })
        .await;
        program.stop().await;
    }
}

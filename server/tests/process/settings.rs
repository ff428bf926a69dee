//! Settings that are missing or wrong.

use std::path::Path;

use crate::program::Program;

async fn run(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let settings: Vec<_> =
        settings.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let program = Program::launch(folder, &settings, arguments);
    let code = program.end().await.code().expect("it ends by itself");
    (code, program.log())
}

const WRONG: &[(&str, &str)] = &[
    ("WARDESK_BIND", "eighty"),
    ("WARDESK_METRICS_BIND", "127.0.0.1"),
    ("WARDESK_PUBLIC_URL", "http://desk.example"),
    ("WARDESK_DATABASE_URL", "mysql://root:canary-password@localhost/w"),
    ("WARDESK_MASTER_KEY", "canary-key"),
    ("WARDESK_SANDBOX", "yes"),
    ("DISCORD_CLIENT_ID", "my-bot"),
    ("DISCORD_TOKEN", "canary-token"),
    ("DISCORD_API_URL", "http://discord.com/api/v10"),
    ("DISCORD_APP_URL", "http://discord.com"),
];

#[tokio::test]
async fn every_wrong_setting_is_named_at_once_and_the_program_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["serve"][..], &["config", "check"]] {
        let (code, said) = run(folder.path(), WRONG, arguments).await;
        assert_eq!(code, 2, "{arguments:?}: {said}");
        for (name, _) in WRONG.iter().filter(|(name, _)| *name != "DISCORD_TOKEN") {
            assert!(said.contains(name), "{name} is not named: {said}");
        }
        assert!(said.contains("DISCORD_CLIENT_SECRET is missing"), "{said}");
        assert!(!said.contains("canary"), "a secret is shown: {said}");
    }
}

#[tokio::test]
async fn with_nothing_set_it_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = run(folder.path(), &[], &["serve"]).await;
    assert_eq!(code, 2, "{said}");
    for name in
        ["DISCORD_TOKEN", "DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET", "WARDESK_MASTER_KEY_FILE"]
    {
        assert!(said.contains(name), "{name} is not named: {said}");
    }
    assert!(said.contains("head -c 32 /dev/urandom"), "how to mend it: {said}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let good = [
        ("WARDESK_BIND", address.as_str()),
        ("WARDESK_METRICS_BIND", "127.0.0.1:0"),
        ("WARDESK_DATA_DIR", &data),
        ("WARDESK_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("DISCORD_TOKEN", "canary-token"),
        ("DISCORD_CLIENT_ID", "900000000000000001"),
        ("DISCORD_CLIENT_SECRET", "canary-secret"),
        ("LEPTOS_OUTPUT_NAME", "wardesk"),
    ];
    let (code, said) = run(folder.path(), &good, &["config", "check"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("The settings are good."), "{said}");
    assert!(!said.contains("canary"), "a secret is shown: {said}");
    let (code, said) = run(folder.path(), &good, &["serve"]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
}

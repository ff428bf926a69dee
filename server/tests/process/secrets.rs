//! Secrets in files, and what is left of them when the program crashes.

use std::path::Path;

use base64::Engine as _;

use crate::desk::{Desk, engines};
use crate::program::{Program, Signal};

const SECRETS: [&str; 3] = ["DISCORD_TOKEN", "DISCORD_CLIENT_SECRET", "WARDESK_MASTER_KEY"];

/// The desk's settings with every secret in a file of its own; and the secrets.
fn in_files(desk: &Desk) -> (Vec<(String, String)>, Vec<String>) {
    let mut secrets = Vec::new();
    let settings = desk
        .settings(&[("RUST_LOG", "debug")])
        .into_iter()
        .map(|(name, value)| {
            if !SECRETS.contains(&name.as_str()) {
                return (name, value);
            }
            let file = desk.store.folder.path().join(&name);
            std::fs::write(&file, format!("{value}\n")).unwrap();
            secrets.push(value);
            (format!("{name}_FILE"), file.display().to_string())
        })
        .collect();
    assert_eq!(secrets.len(), SECRETS.len());
    (settings, secrets)
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

/// Files below a folder that a crash could have left.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_in_files_are_in_no_environment_log_page_or_dump() {
    let desk = Desk::new(engines()[0].store().await).await;
    let folder = desk.store.folder.path().to_owned();
    let (settings, secrets) = in_files(&desk);
    let program = Program::start(&folder, &settings).await;
    program.bot_is("connected").await;
    let proc = format!("/proc/{}", program.pid());
    // Only whoever may read everything may read these at all; where the tests may, no secret is in it.
    if let Ok(environment) = std::fs::read(format!("{proc}/environ")) {
        for secret in &secrets {
            assert!(!holds(&environment, secret), "the environment holds a secret");
        }
    }
    let limits = std::fs::read_to_string(format!("{proc}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let numbers: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(numbers, ["0", "0"], "{core}");
    let mut said = String::new();
    for address in ["/", "/status", "/no/such", "/account", "/readyz"] {
        let answer = program.http.get(format!("{}{address}", program.web)).send().await.unwrap();
        said.push_str(&answer.text().await.unwrap());
    }
    let metrics = program.http.get(format!("{}/metrics", program.metrics)).send().await.unwrap();
    said.push_str(&metrics.text().await.unwrap());
    program.signal(Signal::Abort).await;
    let status = program.end().await;
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(6), "{status}");
    assert!(!std::os::unix::process::ExitStatusExt::core_dumped(&status), "{status}");
    said.push_str(&program.log());
    for secret in &secrets {
        assert!(!said.contains(secret.as_str()), "a secret is told");
        let own: Vec<_> = SECRETS.iter().map(|name| folder.join(name)).collect();
        for file in files(&folder).into_iter().filter(|file| !own.contains(file)) {
            assert!(
                !holds(&std::fs::read(&file).unwrap(), secret),
                "{} holds a secret",
                file.display()
            );
        }
    }
}

#[tokio::test]
async fn a_secret_that_is_said_twice_or_cannot_be_read_is_named() {
    let desk = Desk::new(engines()[0].store().await).await;
    let folder = desk.store.folder.path().to_owned();
    let (mut settings, secrets) = in_files(&desk);
    let config = async |settings: &Vec<(String, String)>| {
        let program = Program::launch(&folder, settings, &["config", "check"]);
        let code = program.end().await.code().unwrap();
        let log = program.log();
        assert!(secrets.iter().all(|secret| !log.contains(secret.as_str())), "{log}");
        (code, log)
    };
    let (code, said) = config(&settings).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("DISCORD_TOKEN = (in "), "{said}");
    settings.push(("DISCORD_TOKEN".into(), "canary-token".into()));
    let key = base64::engine::general_purpose::STANDARD.encode([9; 32]);
    settings.push(("WARDESK_MASTER_KEY".into(), key));
    std::fs::write(folder.join("DISCORD_CLIENT_SECRET"), "\n").unwrap();
    let (code, said) = config(&settings).await;
    assert_eq!(code, 2, "{said}");
    for line in [
        "DISCORD_TOKEN is set, and so is DISCORD_TOKEN_FILE",
        "WARDESK_MASTER_KEY is set, and so is WARDESK_MASTER_KEY_FILE",
        "DISCORD_CLIENT_SECRET is empty in",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("canary-token"), "{said}");
    std::fs::remove_file(folder.join("DISCORD_CLIENT_SECRET")).unwrap();
    let (_, said) = config(&settings).await;
    assert!(said.contains("DISCORD_CLIENT_SECRET cannot be read from"), "{said}");
}

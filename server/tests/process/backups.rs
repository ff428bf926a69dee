//! Backups, restores and new master keys at the console, while the service runs, and killed at any moment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use sandbox::world::example::MIA;
use serde_json::Value;
use wardesk_core::ports::{Random as _, SystemRandom};

use crate::desk::{Desk, Engine, engines};
use crate::program::{Program, Signal};
use crate::story::Story;

/// Kills of each kind and on each engine, unless `./test --long` asks for more.
const KILLS: usize = 5;
const LONG_KILLS: usize = 50;

/// How often something is killed.
#[expect(clippy::disallowed_methods, reason = "how long the tests may take")]
pub fn kills() -> usize {
    if std::env::var_os("WARDESK_LONG").is_some() { LONG_KILLS } else { KILLS }
}

pub fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes);
    u64::from_le_bytes(bytes) % below.max(1)
}

/// Settings of a program.
pub type Settings = Vec<(String, String)>;

/// The desk's settings with its master key in a file.
pub fn with_key_file(desk: &Desk) -> (Settings, PathBuf) {
    let path = desk.store.folder.path().join("master.key");
    if !path.exists() {
        let key = base64::engine::general_purpose::STANDARD.encode(storage::testing::MASTER_KEY);
        std::fs::write(&path, key).unwrap();
    }
    let mut settings = desk.settings(&[("WARDESK_MASTER_KEY_FILE", path.to_str().unwrap())]);
    settings.retain(|(name, _)| name != "WARDESK_MASTER_KEY");
    (settings, path)
}

fn keys_in(path: &Path) -> usize {
    std::fs::read_to_string(path).unwrap().lines().count()
}

pub async fn run(folder: &Path, settings: &Settings, arguments: &[&str]) -> (i32, String) {
    let program = Program::launch(folder, settings, arguments);
    let code = program.end().await.code().expect("it ends by itself");
    (code, program.log())
}

pub async fn json(folder: &Path, settings: &Settings, arguments: &[&str]) -> Value {
    let (code, said) = run(folder, settings, &[arguments, &["--json"]].concat()).await;
    assert_eq!(code, 0, "{arguments:?}: {said}");
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// Runs a command and kills it in part `number` of the time that it takes, at some moment of that: of as many parts as
/// there are kills. Answers whether it was still running.
async fn kill_in(
    folder: &Path,
    settings: &Settings,
    arguments: &[&str],
    within: Duration,
    number: usize,
) -> bool {
    let program = Program::launch(folder, settings, arguments);
    let part = within / u32::try_from(kills()).unwrap();
    let micros = random(u64::try_from(part.as_micros()).unwrap());
    let moment = part * u32::try_from(number).unwrap() + Duration::from_micros(micros);
    tokio::time::sleep(moment).await;
    let running = !program.has_ended();
    if running {
        // It may end in this moment.
        program.try_signal(Signal::Kill).await;
        program.end().await;
    }
    running
}

/// How long a command takes, which must do well.
async fn time_of(folder: &Path, settings: &Settings, arguments: &[&str]) -> Duration {
    let began = tokio::time::Instant::now();
    let (code, said) = run(folder, settings, arguments).await;
    assert_eq!(code, 0, "{arguments:?}: {said}");
    began.elapsed()
}

/// Data keys of many people, so that there is something to be interrupted.
async fn many_keys(desk: &Desk) {
    for person in 1..=400_i64 {
        let scope =
            storage::KeyScope::person(crate::desk::guild(), person.to_string().parse().unwrap());
        desk.store.store.keys().seal(&scope, b"test", b"words").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_key_is_changed_while_the_service_runs() {
    for engine in engines() {
        let desk = Desk::new(engine.store().await).await;
        let folder = desk.store.folder.path().to_owned();
        let (settings, path) = with_key_file(&desk);
        many_keys(&desk).await;
        let before = std::fs::read_to_string(&path).unwrap();
        let file = path.display().to_string();
        // An empty one counts as none.
        let changes = [("WARDESK_MASTER_KEY", ""), ("WARDESK_MASTER_KEY_FILE", file.as_str())];
        let story = Story::begin(desk, &changes).await;
        let ticket = story.open(MIA).await;
        let said = json(&folder, &settings, &["keys", "rotate"]).await;
        assert!(said["rewrapped"].as_i64().unwrap() > 400, "{said}");
        let after = std::fs::read_to_string(&path).unwrap();
        assert!(keys_in(&path) == 1 && after != before, "the old key is gone from the file");
        // The service goes on: it reads what there was, and seals for people who are new.
        let message = story.say(MIA, ticket, "after the change", None);
        story.archived(ticket, message, 1).await;
        story.close(ticket).await;
        story.settle().await;
        let checked = json(&folder, &settings, &["keys", "check"]).await;
        assert_eq!(checked["unreadable"], Value::Array(Vec::new()), "{checked}");
        assert_eq!(checked["masters"].as_array().unwrap().len(), 1, "{checked}");
        story.stop().await;
        // The old one opens nothing now.
        std::fs::write(&path, before).unwrap();
        let (code, refused) = run(&folder, &settings, &["serve"]).await;
        assert_eq!(code, 1, "{refused}");
        assert!(refused.contains("the master key does not fit the key store"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_machines_change_the_master_key_in_steps() {
    let desk = Desk::new(engines()[0].store().await).await;
    let folder = desk.store.folder.path().to_owned();
    let (settings, path) = with_key_file(&desk);
    many_keys(&desk).await;
    let rotate = async |stage| run(&folder, &settings, &["keys", "rotate", "--stage", stage]).await;
    assert_eq!(rotate("wrap").await.0, 4, "there is no new key yet");
    assert_eq!(rotate("add").await.0, 0);
    assert_eq!(keys_in(&path), 2);
    assert_eq!(rotate("retire").await.0, 4, "the old one is still needed");
    assert_eq!(rotate("wrap").await.0, 0);
    assert_eq!(keys_in(&path), 2);
    assert_eq!(rotate("retire").await.0, 0);
    assert_eq!(keys_in(&path), 1);
    // A key in a variable has no file that could be changed.
    let (code, said) = run(&folder, &desk.settings(&[]), &["keys", "rotate"]).await;
    assert!(code == 4 && said.contains("WARDESK_MASTER_KEY_FILE"), "{code}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_master_key_that_is_killed_loses_nothing() {
    let desk = Desk::new(engines()[0].store().await).await;
    let folder = desk.store.folder.path().to_owned();
    let (settings, path) = with_key_file(&desk);
    many_keys(&desk).await;
    let rotate = ["keys", "rotate"];
    let time = time_of(&folder, &settings, &rotate).await;
    let mut killed = 0;
    for number in 0..kills() {
        killed += usize::from(kill_in(&folder, &settings, &rotate, time, number).await);
        assert!((1..=2).contains(&keys_in(&path)));
        // Everything opens, wherever it was.
        let checked = json(&folder, &settings, &["keys", "check"]).await;
        assert_eq!(checked["open"].as_i64().unwrap(), 400, "{checked}");
    }
    assert!(killed > 0, "none was killed");
    json(&folder, &settings, &rotate).await;
    assert_eq!(keys_in(&path), 1);
    let checked = json(&folder, &settings, &["keys", "check"]).await;
    assert_eq!(checked["masters"].as_array().unwrap().len(), 1, "{checked}");
}

/// A desk whose backups are sealed.
pub struct Sealed {
    pub desk: Desk,
    pub folder: PathBuf,
    pub settings: Settings,
    /// The file of the identity that opens them.
    pub identity: String,
}

impl Sealed {
    pub async fn new(engine: &Engine) -> Self {
        let desk = Desk::new(engine.store().await).await;
        let folder = desk.store.folder.path().to_owned();
        let (identity, recipient) = identity(&folder).await;
        let settings = desk.settings(&[("WARDESK_BACKUP_RECIPIENT", &recipient)]);
        desk.set_up().await;
        Self { desk, folder, settings, identity }
    }
}

/// An identity, and the recipient that belongs to it.
pub async fn identity(folder: &Path) -> (String, String) {
    let file = folder.join("identity.txt").display().to_string();
    let (code, said) = run(folder, &Vec::new(), &["backup", "--make-identity", &file]).await;
    assert!(code == 0 && said.starts_with("age1"), "{said}");
    (file, said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_the_running_service_is_checked_and_put_back() {
    for engine in engines() {
        let desk = Desk::new(engine.store().await).await;
        let folder = desk.store.folder.path().to_owned();
        let (identity, recipient) = identity(&folder).await;
        let story = Story::begin(desk, &[("WARDESK_BACKUP_RECIPIENT", &recipient)]).await;
        let settings = story.desk.settings(&[("WARDESK_BACKUP_RECIPIENT", &recipient)]);
        let ticket = story.open(MIA).await;
        let message = story.say(MIA, ticket, "canary-in-a-backup", Some(b"canary-file"));
        story.archived(ticket, message, 1).await;
        story.close(ticket).await;
        story.settle().await;
        let path = |name: &str| folder.join(name).display().to_string();
        let made = json(&folder, &settings, &["backup", &path("content.age")]).await;
        assert_eq!(made["missing"], 0, "{made}");
        assert!(made["files"].as_i64().unwrap() >= 1, "{made}");
        let keys = json(&folder, &settings, &["backup", "--keys", &path("keys.age")]).await;
        assert!(keys["rows"].as_i64().unwrap() > 1, "{keys}");
        // Where there are no settings.
        let none = Vec::new();
        for (file, of) in [("content.age", "content"), ("keys.age", "keys")] {
            let arguments = ["backup", "--check", &path(file), "--identity", &identity];
            let checked = json(&folder, &none, &arguments).await;
            assert_eq!(checked["contents"], of, "{checked}");
        }
        let content = path("content.age");
        let restore = ["restore", &content, "--identity", &identity];
        let running = [&restore[..], &["--replace", "--yes"]].concat();
        let (code, said) = run(&folder, &settings, &running).await;
        assert!(code == 4 && said.contains("stop it first"), "{code}: {said}");
        story.stop().await;
        let desk = &story.desk;
        desk.let_leases_end().await;
        assert_eq!(run(&folder, &settings, &restore).await.0, 4, "it is not empty");
        // No answer is no.
        let (code, said) = run(&folder, &settings, &[&restore[..], &["--replace"]].concat()).await;
        assert!(code == 4 && said.contains("nothing was changed"), "{code}: {said}");
        let said = json(&folder, &settings, &running).await;
        assert_eq!(said["rows"], made["rows"], "{said}");
        // And the key store, with which what was sealed can be read.
        let keys = path("keys.age");
        let restore = ["restore", "--keys", &keys, "--identity", &identity, "--replace", "--yes"];
        json(&folder, &settings, &restore).await;
        let checked = json(&folder, &settings, &["keys", "check"]).await;
        assert_eq!(checked["unreadable"], Value::Array(Vec::new()), "{checked}");
        let program = desk.start(&[]).await;
        program.bot_is("connected").await;
        program.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_nothing_that_looks_like_one() {
    for engine in engines() {
        // The desk is what keeps the database and the folder.
        let Sealed { desk: _desk, folder, settings, identity } = Sealed::new(&engine).await;
        let path = |name: &str| folder.join(name).display().to_string();
        let time = time_of(&folder, &settings, &["backup", &path("first.age")]).await;
        let mut killed = 0;
        for number in 0..kills() {
            let file = path(&format!("{number}.age"));
            killed +=
                usize::from(kill_in(&folder, &settings, &["backup", &file], time, number).await);
            if Path::new(&file).exists() {
                json(&folder, &Vec::new(), &["backup", "--check", &file, "--identity", &identity])
                    .await;
            } else {
                // The same place is free.
                json(&folder, &settings, &["backup", &file]).await;
            }
        }
        assert!(killed > 0, "none was killed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_is_noticed_and_done_again() {
    for engine in engines() {
        // The desk is what keeps the database and the folder.
        let Sealed { desk: _desk, folder, settings, identity } = Sealed::new(&engine).await;
        let path = |name: &str| folder.join(name).display().to_string();
        let file = path("whole.age");
        let made = json(&folder, &settings, &["backup", &file]).await;
        let replace = ["restore", &file, "--identity", &identity, "--replace", "--yes"];
        let time = time_of(&folder, &settings, &replace).await;
        let mut killed = 0;
        for number in 0..kills() {
            killed += usize::from(kill_in(&folder, &settings, &replace, time, number).await);
            // Either nothing was begun, or the program says so and the same command does it.
            let (code, said) =
                run(&folder, &settings, &["backup", &path(&format!("{number}.age"))]).await;
            assert!(code == 0 || said.contains("run `wardesk restore` again"), "{code}: {said}");
            let again = json(&folder, &settings, &replace).await;
            assert_eq!(again["rows"], made["rows"], "{again}");
        }
        assert!(killed > 0, "none was killed");
        let last = json(&folder, &settings, &["backup", &path("last.age")]).await;
        assert_eq!(last["rows"], made["rows"], "{last}");
    }
}

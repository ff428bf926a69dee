//! Restores at the console: what they notice before they begin, and what they do not bring back. And master keys that
//! are not at hand.

use sandbox::world::example::MIA;
use wardesk_core::privacy::erase::{self, Reason};

use crate::backups::{Sealed, Settings, identity, json, run, with_key_file};
use crate::browser::Browser;
use crate::desk::{Desk, engines, guild, user};
use crate::program::Program;
use crate::wait::until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_the_database_alone_notices_every_process() {
    for engine in engines() {
        let Sealed { desk, folder, settings, identity } = Sealed::new(&engine).await;
        let path = |name: &str| folder.join(name).display().to_string();
        let (content, keys) = (path("content.age"), path("keys.age"));
        json(&folder, &settings, &["backup", &content]).await;
        json(&folder, &settings, &["backup", "--keys", &keys]).await;
        let end = ["--identity", &identity, "--replace", "--yes"];
        let restore = [&["restore", &content][..], &end].concat();
        let restore_keys = [&["restore", "--keys", &keys][..], &end].concat();
        let adopt = vec!["keys", "adopt", "--yes"];
        let all = [&restore, &restore_keys, &adopt];

        // It serves pages, and never held the gateway: Discord does not take its token.
        let program = desk.start(&[("DISCORD_TOKEN", "an-old-token")]).await;
        program.bot_is("bad_token").await;
        desk.let_leases_end().await;
        for command in all {
            let (code, said) = run(&folder, &settings, command).await;
            let name = engine.name();
            assert!(
                code == 4 && said.contains("stop it first"),
                "{name}: {command:?}: {code}: {said}"
            );
        }
        // Killed, it is gone at once.
        program.kill().await;
        for command in all {
            let (code, said) = run(&folder, &settings, command).await;
            assert_eq!(code, 0, "{}: {command:?}: {said}", engine.name());
        }
        // While somebody has it alone nothing begins.
        let alone = desk.store.store.use_alone().await.unwrap();
        let list = vec!["admin", "licence", "list"];
        for command in [&vec!["serve"], &list, &vec!["backup", "other.age"], &restore] {
            let (code, said) = run(&folder, &settings, command).await;
            assert!(code != 0 && !said.contains("panicked"), "{command:?}: {code}: {said}");
            let words = ["wait until that ended", "stop it first"];
            assert!(words.iter().any(|words| said.contains(words)), "{command:?}: {said}");
        }
        alone.end().await;
        assert_eq!(run(&folder, &settings, &list).await.0, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_at_the_console_brings_no_ended_licence_back() {
    for engine in engines() {
        let desk = Desk::new(engine.store().await).await;
        let folder = desk.store.folder.path().to_owned();
        let (identity, recipient) = identity(&folder).await;
        let settings = desk.settings(&[("WARDESK_BACKUP_RECIPIENT", &recipient)]);
        let (server, contact) = (guild().to_string(), user(MIA).get().to_string());
        let issue = async |contact: &str, plan: &str| {
            let licence = ["admin", "licence", "issue", "--plan", plan, "--contact", contact];
            let arguments = [&licence[..], &["--server", &server]].concat();
            let issued = json(&folder, &settings, &arguments).await;
            issued["id"].as_str().unwrap().to_owned()
        };
        let (ended, stays) = (issue(&contact, "pro").await, issue("50", "plus").await);
        let backup = folder.join("content.age").display().to_string();
        json(&folder, &settings, &["backup", &backup]).await;

        // She is erased, and her licence ends with that: two erasures count, the later of which the backup lacks.
        erase::ask(&desk.w, user(MIA), Reason::Asked).await.unwrap();
        erase::carry_out_all(&desk.w).await.unwrap();
        let show =
            async |id: &str| run(&folder, &settings, &["admin", "licence", "show", id]).await;
        assert_eq!(show(&ended).await.0, 3, "{}", engine.name());
        let restore = ["restore", &backup, "--identity", &identity, "--replace", "--yes"];
        json(&folder, &settings, &restore).await;
        let (code, said) = show(&ended).await;
        assert_eq!(code, 3, "{}: {said}", engine.name());
        let (code, said) = show(&stays).await;
        assert!(code == 0 && said.contains("plus"), "{}: {said}", engine.name());
        let held = desk.count("SELECT COUNT(*) FROM licences WHERE contact_id IS NOT NULL").await;
        assert_eq!(held, 1, "{}: nobody's but the other's", engine.name());
        let erased = desk.count("SELECT COUNT(*) FROM licences WHERE erased_at IS NOT NULL").await;
        assert_eq!(erased, 1, "{}", engine.name());
    }
}

/// The same settings with another key file.
fn with_copy(settings: &Settings, path: &str) -> Settings {
    let copy = |(name, value): &(String, String)| {
        let is_file = name == "WARDESK_MASTER_KEY_FILE";
        (name.clone(), if is_file { path.to_owned() } else { value.clone() })
    };
    settings.iter().map(copy).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_file_that_cannot_be_read_again_is_told() {
    let desk = Desk::new(engines()[0].store().await).await;
    let folder = desk.store.folder.path().to_owned();
    let (settings, file) = with_key_file(&desk);
    let program = Program::start(&folder, &settings).await;
    let told = |words: &str| program.lines().iter().filter(|line| line.contains(words)).count();
    // Another machine changes the master key; the file of this one is gone, as when nobody mounted it again.
    std::fs::create_dir(folder.join("elsewhere")).unwrap();
    let copy = folder.join("elsewhere/master.key");
    std::fs::copy(&file, &copy).unwrap();
    std::fs::remove_file(&file).unwrap();
    json(&folder, &with_copy(&settings, copy.to_str().unwrap()), &["keys", "rotate"]).await;
    let see = async |fine: bool| {
        // A sign-in that begins is sealed.
        Browser::new(&program).post("/auth/login", "return=%2F").await;
        until(&format!("/readyz says that the keys are {fine}"), async || {
            let (status, said) = program.readiness().await?;
            (status == 200 && said["keys"] == fine).then_some(())
        })
        .await;
    };
    see(false).await;
    assert!(told("the file of the master keys cannot be read") >= 1, "{}", program.log());
    let status = program.http.get(format!("{}/status", program.web)).send().await.unwrap();
    assert!(status.text().await.unwrap().contains("wardesk keys rotate"));
    let metrics = program.http.get(format!("{}/metrics", program.metrics)).send().await.unwrap();
    assert!(metrics.text().await.unwrap().contains("wardesk_data_keys_unopened 1"));
    std::fs::copy(&copy, &file).unwrap();
    see(true).await;
    assert_eq!(told("data keys can be opened again"), 1, "{}", program.log());
    assert!(!program.log().contains("master.key"), "it says where the file is");
    program.stop().await;
}

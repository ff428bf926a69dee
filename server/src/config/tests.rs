use super::reader::Reader;
use super::{Problem, read, report};
use crate::http::client::Proxies;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn check(list: &[(&str, &str)]) -> (bool, Vec<Problem>, String) {
    let mut reader = Reader::from_list(list);
    let config = read(&mut reader);
    let good = config.is_some();
    let problems = reader.into_problems();
    let text = report::describe(config.as_ref(), &problems);
    (good, problems, text)
}

fn good<'a>() -> Vec<(&'a str, &'a str)> {
    vec![
        ("WARDESK_MASTER_KEY", KEY),
        ("DISCORD_TOKEN", "very-secret-token"),
        ("DISCORD_CLIENT_ID", "900000000000000001"),
        ("DISCORD_CLIENT_SECRET", "very-secret-secret"),
    ]
}

#[test]
fn good_settings_are_shown_without_secrets() {
    let mut list = good();
    list.push(("WARDESK_DATABASE_URL", "postgres://u:very-secret-password@localhost/w"));
    let (good, problems, text) = check(&list);
    assert!(good, "{problems:?}");
    assert!(!text.contains("very-secret"), "{text}");
    assert!(text.contains("DISCORD_CLIENT_ID = 900000000000000001"), "{text}");
}

#[test]
fn every_problem_is_told_at_once_by_name() {
    let (good, problems, text) = check(&[
        ("WARDESK_BIND", "eighty"),
        ("WARDESK_PUBLIC_URL", "http://desk.example"),
        ("WARDESK_MASTER_KEY", "AAAA"),
        ("DISCORD_API_URL", "http://127.0.0.1:4010/api/v10"),
        ("DISCORD_CLIENT_ID", "my-bot"),
        ("WARDESK_BLOBS_URL", "ftp://x"),
    ]);
    assert!(!good);
    let names: Vec<_> = problems.iter().map(|p| p.name).collect();
    for name in [
        "WARDESK_BIND",
        "WARDESK_PUBLIC_URL",
        "WARDESK_BLOBS_URL",
        "DISCORD_TOKEN",
        "DISCORD_CLIENT_ID",
        "DISCORD_CLIENT_SECRET",
        "DISCORD_API_URL",
    ] {
        assert!(names.contains(&name), "{name} is missing in {text}");
    }
}

#[test]
fn stand_ins_need_the_sandbox_and_loopback() {
    let address = ("DISCORD_API_URL", "http://127.0.0.1:4010/api/v10");
    let sandbox = ("WARDESK_SANDBOX", "1");
    let with = |more: &[(&'static str, &'static str)]| {
        let list: Vec<_> = good().into_iter().chain(more.iter().copied()).collect();
        check(&list).0
    };
    assert!(!with(&[address]));
    assert!(with(&[address, sandbox]));
    assert!(!with(&[("DISCORD_API_URL", "http://example.org/api/v10"), sandbox]));
}

#[test]
fn blobs_may_be_in_s3_with_keys_that_are_not_shown() {
    let with = |more: &[(&'static str, &'static str)]| {
        let list: Vec<_> = good().into_iter().chain(more.iter().copied()).collect();
        check(&list)
    };
    let place = ("WARDESK_BLOBS_URL", "s3://desk-blobs/a?region=eu-central-1");
    let id = ("WARDESK_S3_KEY_ID", "very-secret-id");
    let secret = ("WARDESK_S3_SECRET_KEY", "very-secret-key");
    let (fine, problems, text) = with(&[place, id, secret]);
    assert!(fine, "{problems:?}");
    assert!(text.contains("s3://desk-blobs/a") && !text.contains("very-secret"), "{text}");
    let names = |more: &[_]| -> Vec<_> { with(more).1.iter().map(|p| p.name).collect() };
    assert_eq!(names(&[place]), ["WARDESK_S3_KEY_ID", "WARDESK_S3_SECRET_KEY"]);
    assert_eq!(names(&[place, id]), ["WARDESK_S3_SECRET_KEY"]);
    assert_eq!(names(&[id]), ["WARDESK_S3_KEY_ID"]);
    let bad = ("WARDESK_BLOBS_URL", "s3://id:very-secret@DESK?endpoint=http://s3.example");
    let (_, problems, text) = with(&[bad, id, secret]);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(!text.contains("very-secret"), "{text}");
}

#[test]
fn keys_need_a_store_of_their_own() {
    let mut list = good();
    list.push(("WARDESK_DATABASE_URL", "sqlite:///tmp/x.db"));
    list.push(("WARDESK_KEYS_URL", "sqlite:///tmp/x.db"));
    assert!(!check(&list).0);
}

#[test]
fn proxies_are_named_by_address() {
    let with = |value: &str| {
        let mut list = good();
        list.push(("WARDESK_TRUSTED_PROXIES", value));
        let mut reader = Reader::from_list(&list);
        read(&mut reader).map(|config| config.proxies)
    };
    assert_eq!(with("").unwrap(), Proxies::Named(Vec::new()));
    let named = ["10.0.0.2", "10.0.0.3", "fd00::2"].map(|text| text.parse().unwrap());
    let read = with("10.0.0.2, ::ffff:10.0.0.3 ,fd00::2").unwrap();
    assert_eq!(read, Proxies::Named(named.to_vec()));
    // Names and networks are none: whoever is meant has to be clear.
    for bad in ["proxy.internal", "10.0.0.0/8", "10.0.0.2 10.0.0.3"] {
        assert!(with(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_bad_key_is_told_of_where_it_stands() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "AAAA\n").unwrap();
    let path = file.path().display().to_string();
    let mut list = good();
    list[0] = ("WARDESK_MASTER_KEY_FILE", &path);
    let (good, problems, _) = check(&list);
    assert!(!good);
    let names: Vec<_> = problems.iter().map(|p| p.name).collect();
    assert_eq!(names, ["WARDESK_MASTER_KEY_FILE"]);
}

#[test]
fn payments_are_off_without_a_key_and_their_key_stays_secret() {
    let read_payments = |more: &[(&'static str, &'static str)]| {
        let mut list = good();
        list.extend_from_slice(more);
        let mut reader = Reader::from_list(&list);
        let config = read(&mut reader);
        let text = report::describe(config.as_ref(), &reader.into_problems());
        (config.map(|config| config.payments.is_some()), text)
    };
    assert_eq!(read_payments(&[]).0, Some(false));
    let (on, text) = read_payments(&[("STRIPE_SECRET_KEY", "sk_test_very-secret")]);
    assert_eq!(on, Some(true), "{text}");
    assert!(!text.contains("very-secret"), "{text}");
    let (on, text) = read_payments(&[("STRIPE_SECRET_KEY", "pk_test_very-secret")]);
    assert_eq!(on, None);
    assert!(text.contains("STRIPE_SECRET_KEY") && !text.contains("very-secret"), "{text}");
    let (on, text) = read_payments(&[("STRIPE_API_BASE", "http://127.0.0.1:4011")]);
    assert_eq!(on, None, "{text}");
}

#[test]
fn webhooks_have_one_secret_or_two_and_neither_is_shown() {
    let secrets = |more: &[(&'static str, &'static str)]| {
        let mut list = good();
        list.push(("STRIPE_SECRET_KEY", "sk_test_x"));
        list.extend_from_slice(more);
        let mut reader = Reader::from_list(&list);
        let config = read(&mut reader);
        let text = report::describe(config.as_ref(), &reader.into_problems());
        assert!(!text.contains("very-secret"), "{text}");
        config.and_then(|config| config.payments).map(|payments| payments.webhook_secrets.len())
    };
    let (new, old) = ("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET_OLD");
    assert_eq!(secrets(&[]), Some(0));
    assert_eq!(secrets(&[(new, "whsec_very-secret")]), Some(1));
    assert_eq!(secrets(&[(new, "whsec_very-secret"), (old, "whsec_very-secret-too")]), Some(2));
    assert_eq!(secrets(&[(old, "whsec_very-secret")]), None);
    // What the instructions have in its place.
    assert_eq!(secrets(&[(new, "whsec_")]), None);
    assert_eq!(secrets(&[(new, "whsec_…")]), None);
    assert_eq!(secrets(&[(new, "very-secret")]), None);
    assert_eq!(secrets(&[("STRIPE_AUTOMATIC_TAX", "yes")]), None);
}

#[test]
fn only_the_sandbox_has_a_clock_that_can_be_moved() {
    let clock = |more: &[(&'static str, &'static str)]| {
        let list: Vec<_> = good().into_iter().chain(more.iter().copied()).collect();
        let mut reader = Reader::from_list(&list);
        read(&mut reader).map(|config| config.sandbox_clock.is_some())
    };
    let address = ("WARDESK_SANDBOX_CLOCK", "http://127.0.0.1:4010/control/clock");
    let sandbox = ("WARDESK_SANDBOX", "1");
    assert_eq!(clock(&[]), Some(false));
    assert_eq!(clock(&[sandbox]), Some(false));
    assert_eq!(clock(&[sandbox, address]), Some(true));
    assert_eq!(clock(&[address]), None);
    let elsewhere = ("WARDESK_SANDBOX_CLOCK", "http://clock.example/control/clock");
    assert_eq!(clock(&[sandbox, elsewhere]), None);
}

#[test]
fn the_plans_file_is_checked_and_every_mistake_named() {
    let with = |path: &str| {
        let mut list = good();
        list.push(("WARDESK_PLANS_FILE", path));
        let mut reader = Reader::from_list(&list);
        let plans = read(&mut reader).map(|config| config.plans);
        (plans, reader.into_problems())
    };
    let shipped = with("").0.unwrap();
    assert_eq!(shipped.default_plan().key.as_str(), "free");
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display().to_string();
    let own = wardesk_core::licences::SHIPPED.replace("default = \"free\"", "default = \"pro\"");
    std::fs::write(file.path(), own).unwrap();
    assert_eq!(with(&path).0.unwrap().default_plan().key.as_str(), "pro");
    std::fs::write(file.path(), "default = \"pro\"\ncolour = 1\n[plans.pro]\nrank = 1\n").unwrap();
    let (plans, problems) = with(&path);
    assert!(plans.is_none());
    let texts: Vec<_> = problems.iter().map(|p| p.text.strip_prefix(&path).unwrap()).collect();
    assert_eq!(
        texts,
        [
            ": plans.pro.seats: is missing",
            ": plans.pro.panels: is missing",
            ": plans.pro.storage_mib: is missing",
            ": colour: is not known",
        ]
    );
    assert!(problems.iter().all(|p| p.name == "WARDESK_PLANS_FILE"));
    assert_eq!(with("/nowhere/plans.toml").1[0].text, "/nowhere/plans.toml: cannot be read");
}

#[test]
fn operators_are_named_by_account() {
    let with = |value: &str| {
        let mut list = good();
        list.push(("WARDESK_OPERATORS", value));
        let mut reader = Reader::from_list(&list);
        read(&mut reader).map(|config| config.operators.len())
    };
    assert_eq!(with(""), Some(0));
    assert_eq!(with("100000000000000001, 100000000000000002"), Some(2));
    for bad in ["somebody", "1;2", "-1", "100000000000000001 100000000000000002"] {
        assert_eq!(with(bad), None, "{bad}");
    }
}

#[test]
fn it_listens_beyond_this_machine_only_behind_a_declared_proxy_with_tls() {
    let bound = |more: &[(&'static str, &'static str)]| {
        let list: Vec<_> = good().into_iter().chain(more.iter().copied()).collect();
        let mut reader = Reader::from_list(&list);
        let read = read(&mut reader).map(|config| (config.bind, config.proxies));
        (read, reader.into_problems())
    };
    // Without a setting it is on loopback.
    assert!(bound(&[]).0.unwrap().0.ip().is_loopback());
    let (proxy, tls) = (("WARDESK_TRUSTED_PROXIES", "10.0.0.2"), ("WARDESK_BEHIND_TLS", "1"));
    for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.7:80"] {
        let bind = ("WARDESK_BIND", open);
        let (bound_to, problems) = bound(&[bind]);
        assert_eq!(bound_to, None, "{open}");
        assert_eq!(problems.iter().map(|p| p.name).collect::<Vec<_>>(), ["WARDESK_BIND"], "{open}");
        let proxies = |more| bound(&[bind, more]).0.unwrap().1;
        assert!(matches!(proxies(proxy), Proxies::Named(all) if all.len() == 1), "{open}");
        // Those have no address that could be named, so everybody would be one client.
        assert_eq!(proxies(tls), Proxies::Unnamed, "{open}");
    }
    for here in ["127.0.0.1:0", "[::1]:8080"] {
        assert!(bound(&[("WARDESK_BIND", here)]).0.is_some(), "{here}");
    }
}

#[test]
fn what_the_installation_says_about_itself_is_checked() {
    let with = |more: &[(&str, &str)]| {
        let list: Vec<_> = good().into_iter().chain(more.iter().copied()).collect();
        let mut reader = Reader::from_list(&list);
        let imprint = read(&mut reader).map(|config| config.imprint);
        (imprint, reader.into_problems())
    };
    let channel = "https://discord.com/channels/400000000000000001/420000000000000002";
    for text in [channel, "400000000000000001/420000000000000002"] {
        let (guild, channel) =
            with(&[("WARDESK_ANNOUNCEMENT_CHANNEL", text)]).0.unwrap().announcements.unwrap();
        assert_eq!(
            (guild.get(), channel.get()),
            (400_000_000_000_000_001, 420_000_000_000_000_002)
        );
    }
    for bad in ["420000000000000002", "welcome", "a/b"] {
        assert!(with(&[("WARDESK_ANNOUNCEMENT_CHANNEL", bad)]).0.is_none(), "{bad}");
    }
    assert_eq!(with(&[]).0.unwrap().documents.all().count(), 2);
    assert!(with(&[("WARDESK_DOCUMENTS_DIR", "/nowhere/documents")]).0.is_none());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    std::fs::create_dir(folder.path().join("privacy")).unwrap();
    let text =
        "+++\neffective = \"2026-12-01\"\nmaterial = true\nsummary = \"New.\"\n+++\n\nHello.\n";
    for name in ["privacy/1.0.en.md", "privacy/1.0.de.md", "privacy/1.1.en.md"] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let (imprint, problems) = with(&[("WARDESK_DOCUMENTS_DIR", &path)]);
    assert!(imprint.is_none());
    assert_eq!(problems[0].text, "privacy/1.1: is not there in de");
    std::fs::write(folder.path().join("privacy/1.1.de.md"), text).unwrap();
    assert_eq!(with(&[("WARDESK_DOCUMENTS_DIR", &path)]).0.unwrap().documents.all().count(), 3);
    assert!(with(&[("WARDESK_OPERATOR_NAME", &"x".repeat(201))]).0.is_none());
}

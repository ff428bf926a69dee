//! Whom this installation may contact: the list that the page of recipients shows, and that every connection is held
//! against.

use domain::egress::Egress;
use secrecy::{ExposeSecret as _, SecretString};
use storage::{BlobsAddress, database_host};
use url::Url;
use wardesk_core::privacy::contacts::{Contact, Service};

use super::Config;

/// Where Discord's gateway is. Each answer of the API names one of these hosts. Source: Discord developer
/// documentation, "Gateway", and what was observed when resuming.
const GATEWAY: [&str; 1] = ["*.discord.gg"];

/// Everybody whom these settings lead to.
pub fn contacts(config: &Config) -> Vec<Contact> {
    let discord = &config.discord;
    let names = |urls: &[&Url]| -> Vec<String> {
        urls.iter().filter_map(|url| url.host_str().map(str::to_owned)).collect()
    };
    let mut gateway: Vec<String> = GATEWAY.map(str::to_owned).into();
    if discord.sandbox {
        // A stand-in is its own gateway, and the real one is not meant.
        gateway = names(&[&discord.api]);
    }
    let files: Vec<&Url> =
        [&discord.cdn, &discord.media].into_iter().chain(&discord.image_proxies).collect();
    let database = |url: &SecretString| -> Vec<String> {
        database_host(url.expose_secret()).into_iter().collect()
    };
    let store = match BlobsAddress::parse(&config.store.blobs_url) {
        Ok(BlobsAddress::Bucket(bucket)) => vec![bucket.host()],
        Ok(BlobsAddress::Folder(_)) | Err(_) => Vec::new(),
    };
    let payments = config.payments.as_ref().map(|payments| names(&[&payments.api]));
    let clock = config.sandbox_clock.as_ref().map(|clock| names(&[clock]));
    let all = Service::ALL.map(|service| {
        let hosts = match service {
            Service::DiscordApi => names(&[&discord.api]),
            Service::DiscordGateway => gateway.clone(),
            Service::DiscordSignIn => names(&[&discord.token_url, &discord.revoke, &discord.api]),
            Service::DiscordFiles => names(&files),
            Service::Payments => payments.clone().unwrap_or_default(),
            Service::FileStore => store.clone(),
            Service::Database => database(&config.store.database_url),
            Service::KeyStore => database(&config.store.keys_url),
            Service::SandboxClock => clock.clone().unwrap_or_default(),
        };
        contact(service, hosts)
    });
    all.into_iter().filter(|contact| !contact.hosts.is_empty()).collect()
}

/// The guard of connections to these.
pub fn egress(contacts: &[Contact]) -> Egress {
    Egress::new(contacts.iter().flat_map(|contact| contact.hosts.iter().cloned()))
}

fn contact(service: Service, mut hosts: Vec<String>) -> Contact {
    hosts.sort();
    hosts.dedup();
    let is_local = hosts.iter().all(|host| is_this_machine(host));
    Contact { service, hosts, is_local }
}

fn is_this_machine(host: &str) -> bool {
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    plain == "localhost" || plain.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_elsewhere_is_somebody_who_is_contacted() {
        for (url, host) in [
            ("postgres://u:p@db.example/w?sslmode=verify-full", Some("db.example")),
            ("postgres://u:p@localhost/w?host=db.example", Some("db.example")),
            ("postgres://u:p@127.0.0.1:5432/w", Some("127.0.0.1")),
            ("postgres:///w?host=/run/postgresql", None),
            ("sqlite:///data/w.db", None),
        ] {
            assert_eq!(database_host(url).as_deref(), host, "{url}");
        }
    }

    #[test]
    fn this_machine_is_told_from_others() {
        let on = |host: &str| contact(Service::Database, vec![host.to_owned()]).is_local;
        for here in ["localhost", "127.0.0.1", "[::1]", "::1"] {
            assert!(on(here), "{here}");
        }
        for there in ["db.example", "10.0.0.1", "localhost.example"] {
            assert!(!on(there), "{there}");
        }
    }

    const GOOD: [(&str, &str); 4] = [
        ("WARDESK_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("DISCORD_TOKEN", "token"),
        ("DISCORD_CLIENT_ID", "900000000000000001"),
        ("DISCORD_CLIENT_SECRET", "secret"),
    ];

    fn with(more: &[(&str, &str)]) -> Vec<(&'static str, Vec<String>)> {
        let list: Vec<_> = GOOD.iter().chain(more).copied().collect();
        let mut reader = super::super::reader::Reader::from_list(&list);
        let config = super::super::read(&mut reader);
        let contacts = config.map(|config| config.imprint.contacts).unwrap_or_default();
        contacts.into_iter().map(|one| (one.service.as_str(), one.hosts)).collect()
    }

    /// Service and hosts of each line of the page for operators.
    fn documented() -> Vec<(String, Vec<String>)> {
        let page = include_str!("../../../docs/PROCESSORS.md");
        let codes = |cell: &str| -> Vec<String> {
            cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        page.lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| `")?.split('|');
                let service = cells.next()?.trim().trim_end_matches('`').to_owned();
                Some((service, codes(cells.next()?)))
            })
            .collect()
    }

    #[test]
    fn the_page_of_processors_lists_every_service_with_its_hosts() {
        let documented = documented();
        let named: Vec<&str> = documented.iter().map(|(service, _)| service.as_str()).collect();
        assert_eq!(named, Service::ALL.map(Service::as_str));
        let payments = [("STRIPE_SECRET_KEY", "sk_test_x")];
        let contacts = with(&payments);
        assert_eq!(contacts.len(), 5, "{contacts:?}");
        for (service, hosts) in documented {
            let found = contacts.iter().find(|(name, _)| *name == service);
            assert_eq!(
                found.map(|(_, hosts)| hosts.clone()).unwrap_or_default(),
                hosts,
                "{service}"
            );
        }
    }

    #[test]
    fn what_is_switched_on_is_contacted_and_nothing_else() {
        let services = |more: &[(&'static str, &'static str)]| -> Vec<&str> {
            with(more).into_iter().map(|(service, _)| service).collect()
        };
        let discord = ["discord_api", "discord_gateway", "discord_sign_in", "discord_files"];
        assert_eq!(services(&[]), discord);
        let remote = [
            ("WARDESK_DATABASE_URL", "postgres://u:p@db.example/w?sslmode=verify-full"),
            ("WARDESK_KEYS_URL", "postgres://u:p@keys.example/w?sslmode=verify-full"),
            ("WARDESK_BLOBS_URL", "s3://desk-blobs/a?region=eu-central-1"),
            ("WARDESK_S3_KEY_ID", "id"),
            ("WARDESK_S3_SECRET_KEY", "secret"),
        ];
        let found = with(&remote);
        let hosts = |service: &str| {
            found.iter().find(|(name, _)| *name == service).map(|(_, hosts)| hosts.join(","))
        };
        assert_eq!(hosts("database").as_deref(), Some("db.example"));
        assert_eq!(hosts("key_store").as_deref(), Some("keys.example"));
        assert_eq!(hosts("file_store").as_deref(), Some("s3.eu-central-1.amazonaws.com"));
        assert_eq!(hosts("payments"), None);
        // With stand-ins on this machine the real ones are not contacted.
        let sandbox =
            with(&[("WARDESK_SANDBOX", "1"), ("DISCORD_API_URL", "http://127.0.0.1:4010/api/v10")]);
        let gateway = sandbox.iter().find(|(name, _)| *name == "discord_gateway");
        assert_eq!(gateway.map(|(_, hosts)| hosts.join(",")).as_deref(), Some("127.0.0.1"));
    }
}

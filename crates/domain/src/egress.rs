//! Which hosts the program may contact. Whoever makes a connection asks first; the list is made once, from the
//! settings, and is the one that people are shown (P17).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A host that is on no list. Which one is not said: names can hold what somebody wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host that the program does not contact")]
pub struct NotContacted;

#[derive(Debug, Default)]
struct Inner {
    hosts: Vec<String>,
    refused: AtomicU64,
}

/// The hosts that may be contacted. Cheap to copy; the default contacts nobody.
#[derive(Debug, Clone, Default)]
pub struct Egress(Arc<Inner>);

impl Egress {
    /// Allows these hosts: names or addresses without ports; `*.example.org` stands for every name below it.
    pub fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        let hosts = hosts.into_iter().map(|host| plain(&host).to_ascii_lowercase()).collect();
        Self(Arc::new(Inner { hosts, refused: AtomicU64::new(0) }))
    }

    /// Lets a host through that is on the list.
    ///
    /// # Errors
    /// [`NotContacted`] for any other; it is counted.
    pub fn check(&self, host: Option<&str>) -> Result<(), NotContacted> {
        if host.is_some_and(|host| self.allows(host)) {
            return Ok(());
        }
        self.0.refused.fetch_add(1, Ordering::Relaxed);
        Err(NotContacted)
    }

    /// How often a host was refused.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    fn allows(&self, host: &str) -> bool {
        // A dot at the end names the same host.
        let host = plain(host).trim_end_matches('.').to_ascii_lowercase();
        self.0.hosts.iter().any(|known| match known.strip_prefix('*') {
            // With its dot, and with something before it.
            Some(below) => host.len() > below.len() && host.ends_with(below),
            None => *known == host,
        })
    }
}

/// An IPv6 address without the brackets that it has in an address of the web.
fn plain(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_contacted_and_refusals_are_counted() {
        let hosts = ["discord.com", "*.discord.gg", "[::1]", "10.0.0.2"].map(str::to_owned);
        let egress = Egress::new(hosts);
        for good in [
            "discord.com",
            "DISCORD.com",
            "discord.com.",
            "gateway.discord.gg",
            "::1",
            "[::1]",
            "10.0.0.2",
        ] {
            assert_eq!(egress.check(Some(good)), Ok(()), "{good}");
        }
        assert_eq!(egress.refused(), 0);
        let bad = [
            "discord.gg",
            ".discord.gg",
            "evildiscord.gg",
            "discord.com.evil.example",
            "10.0.0.3",
            "",
        ];
        for bad in bad {
            assert_eq!(egress.check(Some(bad)), Err(NotContacted), "{bad}");
        }
        assert_eq!(egress.check(None), Err(NotContacted));
        assert_eq!(egress.refused(), bad.len() as u64 + 1);
        assert_eq!(Egress::default().check(Some("discord.com")), Err(NotContacted));
    }
}

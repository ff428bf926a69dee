//! Whose requests are counted together, without anybody's address: a keyed mark, whose key lives in memory and for a
//! day (C3). Marks of one day cannot be told from those of another, and without the key from no address.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::UserId;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use tokio::time::Instant;
use wardesk_core::ports::{Random, SystemRandom};

use super::client;

/// How long one key is used.
pub(super) const KEY_LIFE: Duration = Duration::from_hours(24);

/// A network or a person, as limits know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mark([u8; 16]);

#[derive(Debug, Default)]
struct Key {
    bytes: zeroize::Zeroizing<[u8; 32]>,
    /// When it was drawn; `None` before the first mark.
    since: Option<Instant>,
}

/// Makes marks. Cheap to copy; all copies share the key.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks(Arc<Mutex<Key>>);

impl Marks {
    /// The mark of the network that an address is in: of IPv6 its /64.
    pub(super) fn of(&self, address: IpAddr, now: Instant) -> Mark {
        match client::network(address) {
            IpAddr::V4(address) => self.mark(&address.octets(), now),
            IpAddr::V6(address) => self.mark(&address.octets(), now),
        }
    }

    /// The mark of a person. No address has as many bytes.
    pub(super) fn of_person(&self, user: UserId, now: Instant) -> Mark {
        self.mark(&user.get().to_be_bytes(), now)
    }

    fn mark(&self, bytes: &[u8], now: Instant) -> Mark {
        let mut key = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if key.since.is_none_or(|since| now.duration_since(since) >= KEY_LIFE) {
            SystemRandom.fill(key.bytes.as_mut_slice());
            key.since = Some(now);
        }
        // A key is filled up with zeros to a block of the hash. Source: RFC 2104, 2.
        let mut block = zeroize::Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key.bytes.as_slice());
        let mut mac = <Hmac<Sha256> as hmac::Mac>::new(block.as_slice().into());
        mac.update(bytes);
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let mut mark = [0; 16];
        mark.copy_from_slice(&whole[..16]);
        Mark(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn limits_know_networks_by_a_mark_whose_key_lives_for_a_day() {
        let (marks, now) = (Marks::default(), Instant::now());
        let of = |text: &str, at| marks.of(address(text), at);
        let mine = of("203.0.113.7", now);
        assert_eq!(of("203.0.113.7", now + KEY_LIFE - Duration::from_secs(1)), mine);
        assert_eq!(of("::ffff:203.0.113.7", now), mine);
        assert_ne!(of("203.0.113.8", now), mine);
        assert_eq!(of("2001:db8:1:2::1", now), of("2001:db8:1:2:ffff::9", now), "one /64");
        assert_ne!(of("2001:db8:1:2::1", now), of("2001:db8:1:3::1", now));
        // Of a list of all addresses nothing is found without the key.
        assert_ne!(Marks::default().of(address("203.0.113.7"), now), mine, "another process");
        assert_ne!(of("203.0.113.7", now + KEY_LIFE), mine, "the next day");
        // Bytes are drawn by chance, and one of them may be a byte of the address.
        let text = format!("{marks:?} {mine:?}");
        for address in ["203.0.113", "203, 0, 113"] {
            assert!(!text.contains(address), "no address stands in it");
        }
    }
}

//! Signed attachment addresses: `ex` and `is` in hexadecimal seconds, `hm` over path and both.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How long an address is good, in milliseconds: a day, as in Discord since 2024.
pub const LIFE_MS: i64 = 24 * 60 * 60 * 1_000;

fn mac(key: &[u8; 32], path: &str, expires: &str, issued: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in [path, expires, issued] {
        mac.update(part.as_bytes());
        mac.update(b"\0");
    }
    Some(mac)
}

/// The query of an address made at `now_ms`.
pub(crate) fn query(key: &[u8; 32], path: &str, now_ms: i64) -> String {
    let issued = format!("{:x}", now_ms / 1_000);
    let expires = format!("{:x}", (now_ms + LIFE_MS) / 1_000);
    let signature =
        mac(key, path, &expires, &issued).map(|mac| hex::encode(mac.finalize().into_bytes()));
    format!("ex={expires}&is={issued}&hm={}&", signature.unwrap_or_default())
}

/// Whether an address is genuine and has not expired.
pub(crate) fn valid(key: &[u8; 32], path: &str, query: &str, now_ms: i64) -> bool {
    let part = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|p| p.1)
    };
    let (Some(expires), Some(issued), Some(given)) = (part("ex"), part("is"), part("hm")) else {
        return false;
    };
    let fresh = i64::from_str_radix(expires, 16).is_ok_and(|seconds| seconds * 1_000 > now_ms);
    let Ok(given) = hex::decode(given) else { return false };
    fresh && mac(key, path, expires, issued).is_some_and(|mac| mac.verify_slice(&given).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_expire_and_cannot_be_moved() {
        let key = [7; 32];
        let good = query(&key, "attachments/1/2/a.png", 1_000_000);
        assert!(valid(&key, "attachments/1/2/a.png", &good, 1_000_000 + LIFE_MS - 2_000));
        assert!(!valid(&key, "attachments/1/2/a.png", &good, 1_000_000 + LIFE_MS + 1));
        assert!(!valid(&key, "attachments/1/3/a.png", &good, 1_000_000));
        assert!(!valid(&key, "attachments/1/2/a.png", "", 1_000_000));
    }
}

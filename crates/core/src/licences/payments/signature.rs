//! Whether a webhook comes from the payment provider. Source: Stripe documentation, "Resolve webhook signature
//! verification errors" and "Verify webhook signatures manually".

use domain::time::Millis;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// How far the time in a signature may be from ours, in milliseconds, either way.
pub const TOLERANCE_MS: i64 = 300_000;
/// Bytes of the header at most. The provider sends less than 300 while a secret is being changed.
const HEADER_LIMIT: usize = 4096;

/// Why a body is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// Nobody who knows a secret has signed it.
    Forged,
    /// It was signed with a secret, too long ago or too far ahead.
    Stale,
}

/// Checks the header `Stripe-Signature` of a body, byte for byte as it came. Compares every `v1` with every secret in
/// constant time.
pub fn verify(
    header: &str,
    body: &[u8],
    secrets: &[SecretString],
    now: Millis,
) -> Result<(), Unsigned> {
    if header.len() > HEADER_LIMIT {
        return Err(Unsigned::Forged);
    }
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            // Two times: which of them was signed is anybody's guess.
            Some(("t", _)) if time.is_some() => return Err(Unsigned::Forged),
            Some(("t", value)) => time = Some(value),
            Some(("v1", value)) => signatures.extend(hex::decode(value).ok()),
            // Other schemes are not for us: `v0` is the provider's own test of it.
            _ => {}
        }
    }
    let time = time.ok_or(Unsigned::Forged)?;
    let seconds: i64 = time.parse().map_err(|_| Unsigned::Forged)?;
    let mut known = false;
    for secret in secrets {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
            continue;
        };
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        for signature in &signatures {
            // Compared to its end whatever differs, and none after it is spared.
            known |= mac.clone().verify_slice(signature).is_ok();
        }
    }
    if !known {
        return Err(Unsigned::Forged);
    }
    let signed = seconds.checked_mul(1000).ok_or(Unsigned::Stale)?;
    match now.0.checked_sub(signed) {
        Some(age) if (-TOLERANCE_MS..=TOLERANCE_MS).contains(&age) => Ok(()),
        _ => Err(Unsigned::Stale),
    }
}

/// The header that the provider would send. Only tests sign.
#[cfg(any(test, feature = "testing"))]
pub fn sign(body: &[u8], secrets: &[&str], now: Millis) -> String {
    let time = now.0.div_euclid(1000);
    let mut header = format!("t={time}");
    for secret in secrets {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { continue };
        mac.update(format!("{time}.").as_bytes());
        mac.update(body);
        header.push_str(",v1=");
        header.push_str(&hex::encode(mac.finalize().into_bytes()));
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn secrets(list: &[&str]) -> Vec<SecretString> {
        list.iter().map(|secret| SecretString::from(*secret)).collect()
    }

    fn check(header: &str, now: Millis) -> Result<(), Unsigned> {
        verify(header, BODY, &secrets(&["whsec_new", "whsec_old"]), now)
    }

    /// Made with `openssl dgst -sha256 -hmac whsec_new` over `1800000000.{"id":"evt_1"}`.
    #[test]
    fn the_scheme_is_the_providers() {
        let by_hand = "bcd5b8f84c1762e896c564b29f53d2d26064aba6607250fa924f75df06e0f8a4";
        let ours = sign(BODY, &["whsec_new"], NOW);
        assert_eq!(ours, format!("t=1800000000,v1={by_hand}"));
    }

    #[test]
    fn each_v1_is_compared_with_each_secret() {
        for signed_with in
            [&["whsec_new"][..], &["whsec_old"], &["x", "whsec_old"], &["whsec_new", "x"]]
        {
            assert_eq!(check(&sign(BODY, signed_with, NOW), NOW), Ok(()), "{signed_with:?}");
        }
        assert_eq!(check(&sign(BODY, &["x", "y"], NOW), NOW), Err(Unsigned::Forged));
        assert_eq!(verify(&sign(BODY, &[""], NOW), BODY, &[], NOW), Err(Unsigned::Forged));
    }

    #[test]
    fn the_time_is_bounded_both_ways() {
        let header = sign(BODY, &["whsec_new"], NOW);
        for (offset, wanted) in [
            (0, Ok(())),
            (300_000, Ok(())),
            (-300_000, Ok(())),
            (300_001, Err(Unsigned::Stale)),
            (-300_001, Err(Unsigned::Stale)),
            (i64::MAX - NOW.0, Err(Unsigned::Stale)),
        ] {
            assert_eq!(check(&header, Millis(NOW.0 + offset)), wanted, "{offset}");
        }
    }

    #[test]
    fn headers_that_say_nothing_are_refused() {
        let good = sign(BODY, &["whsec_new"], NOW);
        let signature = good.split_once(",v1=").unwrap().1.to_owned();
        for header in [
            String::new(),
            "t=1800000000".into(),
            format!("v1={signature}"),
            format!("t=1800000000,v0={signature}"),
            format!("t=1800000000,v1={}", &signature[2..]),
            format!("t=1800000001,v1={signature}"),
            format!("t=01800000000,v1={signature}"),
            format!("t=1800000000,t=1800000000,v1={signature}"),
            format!("t=99999999999999999999,v1={signature}"),
            format!("{good}{}", ",v1=00".repeat(800)),
        ] {
            assert_eq!(check(&header, NOW), Err(Unsigned::Forged), "{header}");
        }
        assert_eq!(
            check(&format!("v1=zz, {good} ,v2=x"), NOW),
            Ok(()),
            "what is unknown is passed over"
        );
    }
}

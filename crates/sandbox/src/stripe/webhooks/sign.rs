//! Signatures: `Stripe-Signature: t=…,v1=…`, HMAC-SHA256 over `t.body`.
//! Source: Stripe documentation, "Verify webhook signatures manually".

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Endpoint, Forgery};

/// Further from now than any receiver tolerates, in seconds.
const OUT_OF_TIME: i64 = 600;
/// A secret that no endpoint has.
const STRANGER: &str = "whsec_of_a_stranger";

/// The header for a body at `t` (seconds), signed with every secret.
fn header<'s>(secrets: impl Iterator<Item = &'s str>, t: i64, body: &str) -> String {
    secrets.fold(format!("t={t}"), |header, secret| format!("{header},v1={}", mac(secret, t, body)))
}

fn mac(secret: &str, t: i64, body: &str) -> String {
    // An HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{t}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Header and body of a delivery at `now` (milliseconds), as they should be or made wrong.
pub(super) fn prepare(
    endpoint: &Endpoint,
    body: &str,
    forgery: Option<Forgery>,
    now: i64,
) -> (Option<String>, String) {
    let t = now.div_euclid(1_000);
    let good = |t: i64| Some(header(endpoint.secrets(now), t, body));
    let whole = body.to_owned();
    match forgery {
        None => (good(t), whole),
        Some(Forgery::WrongSecret) => (Some(header(std::iter::once(STRANGER), t, body)), whole),
        Some(Forgery::AlteredBody) => (good(t), body.replacen('{', "{\"altered\":true,", 1)),
        Some(Forgery::OldTimestamp) => (good(t - OUT_OF_TIME), whole),
        Some(Forgery::FutureTimestamp) => (good(t + OUT_OF_TIME), whole),
        Some(Forgery::Unsigned) => (None, whole),
        Some(Forgery::OtherScheme) => (good(t).map(|header| header.replace("v1=", "v0=")), whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value was computed with `printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_sandbox`.
    #[test]
    fn a_signature_is_what_others_compute() {
        let header = header(["whsec_sandbox"].into_iter(), 1_700_000_000, "{}");
        assert_eq!(header, EXPECTED);
    }

    const EXPECTED: &str =
        "t=1700000000,v1=e2ad7c8efc4f466b07d198eb3d3ddca6cb1c14eed72205ab16b9816c682df3e4";
}

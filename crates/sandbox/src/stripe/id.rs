//! Stripe's identifiers: a prefix that tells the kind, then letters and digits.
//!
//! They are the same in every world in which the same things happen in the same order, so a test may be
//! repeated and its log compared.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// A kind of identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    prefix: &'static str,
    length: usize,
}

const fn kind(prefix: &'static str, length: usize) -> Kind {
    Kind { prefix, length }
}

pub(crate) const CUSTOMER: Kind = kind("cus_", 14);
pub(crate) const METHOD: Kind = kind("pm_1", 23);
pub(crate) const PRODUCT: Kind = kind("prod_", 14);
pub(crate) const PRICE: Kind = kind("price_1", 23);
pub(crate) const SESSION: Kind = kind("cs_test_a1", 56);
pub(crate) const SUBSCRIPTION: Kind = kind("sub_1", 23);
pub(crate) const ITEM: Kind = kind("si_", 14);
pub(crate) const INVOICE: Kind = kind("in_1", 23);
pub(crate) const LINE: Kind = kind("il_1", 23);
pub(crate) const INVOICE_ITEM: Kind = kind("ii_1", 23);
pub(crate) const INVOICE_PAYMENT: Kind = kind("inpay_1", 23);
pub(crate) const DISCOUNT: Kind = kind("di_1", 23);
pub(crate) const INTENT: Kind = kind("pi_3", 23);
pub(crate) const CHARGE: Kind = kind("ch_3", 23);
pub(crate) const REFUND: Kind = kind("re_3", 23);
pub(crate) const DISPUTE: Kind = kind("dp_1", 23);
pub(crate) const EVENT: Kind = kind("evt_1", 23);
pub(crate) const PORTAL: Kind = kind("bps_1", 23);
pub(crate) const ENDPOINT: Kind = kind("we_1", 23);
pub(crate) const REQUEST: Kind = kind("req_", 14);

/// Hands out identifiers.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    made: HashMap<&'static str, u64>,
}

impl Ids {
    /// The next one of a kind.
    pub(crate) fn next(&mut self, kind: Kind) -> String {
        const LETTERS: &[u8; 62] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let count = self.made.entry(kind.prefix).or_default();
        *count += 1;
        let mut id = String::with_capacity(kind.prefix.len() + kind.length);
        id.push_str(kind.prefix);
        for block in 0_u8.. {
            let digest = Sha256::digest(format!("{}{block}:{count}", kind.prefix));
            for byte in digest {
                if id.len() == kind.prefix.len() + kind.length {
                    return id;
                }
                id.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
            }
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_differ_in_a_world_and_are_the_same_in_another() {
        let (mut one, mut other) = (Ids::default(), Ids::default());
        let (first, second) = (one.next(SESSION), one.next(SESSION));
        assert_ne!(first, second);
        assert_eq!(first, other.next(SESSION));
        assert_eq!(first.len(), 66);
        assert!(one.next(CUSTOMER).starts_with("cus_"));
    }
}

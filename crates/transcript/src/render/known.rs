//! The messages of a piece by their ids.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::Snowflake;
use crate::model::Message;

/// Messages by id. One for each chunk of an archive: adding to it has to cost little.
pub(super) type Known<'c> = HashMap<Snowflake, &'c Message, BuildHasherDefault<IdHasher>>;

/// A hash by one multiplication. Ids are Discord's, a time and a counter: nobody chooses them to fill one place.
#[derive(Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64((*byte).into());
        }
    }

    fn write_u64(&mut self, number: u64) {
        /// 2^64 divided by the golden ratio, as in Knuth's multiplicative hashing.
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        // The table takes the lowest bits and the highest; the middle ones of a product depend on most of the id.
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(FACTOR).rotate_left(32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

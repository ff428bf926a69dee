//! Looking for the first byte of a kind, sixteen at a time.
//!
//! Written so that compilers make instructions of it that look at all sixteen at once, on every processor they know; a
//! search for one byte after the other takes several times as long.

/// Bytes looked at together.
const STEP: usize = 16;
/// Half of them: what fits a register.
const HALF: usize = STEP / 2;

/// Where the first byte is for which `is` answers one rather than zero. Numbers, since compilers make branches of truths.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "each use is a loop of its own, made for what it looks for"
)]
pub(crate) fn first(bytes: &[u8], is: impl Fn(u8) -> u8) -> Option<usize> {
    let mut rest = bytes;
    let mut at = 0;
    while let Some((step, after)) = rest.split_first_chunk::<STEP>() {
        if let Some(found) = in_step(*step, &is) {
            return Some(at + found);
        }
        rest = after;
        at += STEP;
    }
    if rest.is_empty() {
        return None;
    }
    if let Some(last) = bytes.last_chunk::<STEP>() {
        // Together with some that were looked at already, in which there is none.
        return in_step(*last, &is).map(|found| bytes.len() - STEP + found);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<HALF>(), bytes.last_chunk::<HALF>()) {
        let mut both = [0; STEP];
        both[..HALF].copy_from_slice(first);
        both[HALF..].copy_from_slice(last);
        let found = in_step(both, &is)?;
        return Some(if found < HALF { found } else { bytes.len() + found - STEP });
    }
    bytes.iter().position(|byte| is(*byte) != 0)
}

/// The place of the first such byte among these.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a part of loops that are made for what they look for")]
fn in_step(mut step: [u8; STEP], is: impl Fn(u8) -> u8) -> Option<usize> {
    for byte in &mut step {
        *byte = 0_u8.wrapping_sub(is(*byte));
    }
    let found = u128::from_le_bytes(step);
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::first;

    #[test]
    fn the_first_is_found_in_every_place() {
        for length in 0..70 {
            let mut bytes = vec![b'a'; length];
            assert_eq!(first(&bytes, |byte| u8::from(byte == b'b')), None, "{length}");
            for at in (0..length).rev() {
                bytes[at] = b'b';
                assert_eq!(first(&bytes, |byte| u8::from(byte == b'b')), Some(at), "{length}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_is_as_one_after_the_other(bytes in proptest::collection::vec(any::<u8>(), 0..80), limit: u8) {
            let is = |byte: u8| u8::from(byte < limit) | u8::from(byte == 0xff);
            prop_assert_eq!(first(&bytes, is), bytes.iter().position(|byte| is(*byte) == 1));
        }
    }
}

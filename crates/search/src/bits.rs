//! A set of small numbers.

/// Which of the messages of an index are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// None of `count`.
    pub fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    /// All of `count`.
    pub fn all(count: usize) -> Self {
        let mut bits = Self(vec![u64::MAX; count.div_ceil(64)]);
        if let (Some(last), used @ 1..) = (bits.0.last_mut(), count % 64) {
            *last = (1 << used) - 1;
        }
        bits
    }

    /// Adds one. What is past the end is passed over.
    pub fn set(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// Leaves what is in both.
    pub fn keep(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    /// The numbers, upwards.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0_u32..).step_by(64).zip(&self.0).flat_map(|(base, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(base + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let mut some = Bits::none(130);
        for number in [0, 63, 64, 129, 5000] {
            some.set(number);
        }
        assert_eq!(some.iter().collect::<Vec<_>>(), [0, 63, 64, 129]);
        let mut all = Bits::all(130);
        assert_eq!(all.iter().count(), 130);
        all.keep(&some);
        assert_eq!(all, some);
        assert_eq!(Bits::all(128).iter().count(), 128);
        assert_eq!(Bits::all(0).iter().count(), 0);
    }
}

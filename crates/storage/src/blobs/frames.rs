//! Which frames of an object hold a part of its plain bytes.

use std::ops::Range;

use super::{FRAME, TAG};

/// Bytes of a sealed frame; the last one may be shorter.
const SEALED: u64 = (FRAME + TAG) as u64;

/// A frame that is to be opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Its number in the object.
    pub counter: u64,
    /// Whether it is the object's last one.
    pub is_last: bool,
    /// What of its plain bytes is wanted.
    pub wanted: Range<usize>,
}

/// The frames that hold a part of an object's plain bytes, in their order.
#[derive(Debug)]
pub(super) struct Frames {
    next: u64,
    /// The first one that is not needed any more.
    end: u64,
    /// How many the object has.
    all: u64,
    part: Range<u64>,
}

impl Frames {
    /// Those of a part, or of all plain bytes, of an object whose frames lie at `sealed`. `None` where these are no
    /// frames, or where the object has no such part. The length of the object says how many frames it has and so which
    /// is its last: it need not be believed, since that is sealed into each frame.
    pub(super) fn of(sealed: &Range<u64>, part: Option<Range<u64>>) -> Option<Self> {
        let bytes = sealed.end.checked_sub(sealed.start)?;
        let all = bytes.div_ceil(SEALED);
        // An empty object has one frame, which is opened too.
        let last = all.checked_sub(1)?;
        let plain_of_last = (bytes - last * SEALED).checked_sub(TAG as u64)?;
        let plain = last * FRAME as u64 + plain_of_last;
        let part = part.unwrap_or(0..plain);
        if part.start > part.end || part.end > plain {
            return None;
        }
        let next = (part.start / FRAME as u64).min(last);
        // Whoever reads to the end opens the last frame, even if nothing is in it: it says that nothing is cut off.
        let end =
            if part.end == plain { all } else { part.end.div_ceil(FRAME as u64).max(next + 1) };
        Some(Self { next, end, all, part })
    }

    /// Where they lie in the object.
    pub(super) fn place(&self, sealed: &Range<u64>) -> Range<u64> {
        let end = sealed.end.min(sealed.start + self.end * SEALED);
        sealed.start + self.next * SEALED..end
    }
}

impl Iterator for Frames {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let counter = (self.next < self.end).then_some(self.next)?;
        self.next += 1;
        let begins = counter * FRAME as u64;
        let within =
            |at: u64| usize::try_from(at.saturating_sub(begins)).unwrap_or(FRAME).min(FRAME);
        let wanted = within(self.part.start)..within(self.part.end);
        Some(Frame { counter, is_last: self.next == self.all, wanted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: u64 = 36;

    /// Where the frames of an object of so many plain bytes lie.
    fn sealed(plain: u64) -> Range<u64> {
        let frames = plain.div_ceil(FRAME as u64).max(1);
        HEAD..HEAD + plain + frames * TAG as u64
    }

    fn frames(plain: u64, part: Range<u64>) -> Vec<(u64, bool, Range<usize>)> {
        let frames = Frames::of(&sealed(plain), Some(part)).unwrap();
        frames.map(|frame| (frame.counter, frame.is_last, frame.wanted)).collect()
    }

    #[test]
    fn a_part_takes_the_frames_that_hold_it_and_no_more() {
        let one = FRAME as u64;
        assert_eq!(frames(3 * one, 0..1), [(0, false, 0..1)]);
        assert_eq!(
            frames(3 * one, one - 1..one + 1),
            [(0, false, FRAME - 1..FRAME), (1, false, 0..1)]
        );
        assert_eq!(frames(3 * one, one..2 * one), [(1, false, 0..FRAME)]);
        assert_eq!(frames(3 * one, 3 * one - 1..3 * one), [(2, true, FRAME - 1..FRAME)]);
        assert_eq!(frames(2 * one + 5, 2 * one + 1..2 * one + 5), [(2, true, 1..5)]);
        assert_eq!(frames(5, 0..5), [(0, true, 0..5)]);
        let place = |plain, part| {
            let sealed = sealed(plain);
            Frames::of(&sealed, Some(part)).unwrap().place(&sealed)
        };
        assert_eq!(place(3 * one, one..one + 1), HEAD + SEALED..HEAD + 2 * SEALED);
        assert_eq!(place(one + 5, one..one + 5), HEAD + SEALED..HEAD + SEALED + 5 + TAG as u64);
    }

    #[test]
    fn a_whole_object_takes_all_and_an_empty_one_its_only_frame() {
        let of = |plain| Frames::of(&sealed(plain), None).unwrap();
        let one = FRAME as u64;
        assert_eq!(of(one).map(|frame| frame.is_last).collect::<Vec<_>>(), [true]);
        assert_eq!(of(one + 1).map(|frame| frame.is_last).collect::<Vec<_>>(), [false, true]);
        assert_eq!(of(2 * one + 5).place(&sealed(2 * one + 5)), sealed(2 * one + 5));
        let only: Vec<_> = of(0).collect();
        assert_eq!(only, [Frame { counter: 0, is_last: true, wanted: 0..0 }]);
    }

    #[test]
    fn what_is_not_there_is_no_part() {
        let one = FRAME as u64;
        for part in [0..one + 1, one + 1..one + 2, 0..u64::MAX] {
            assert!(Frames::of(&sealed(one), Some(part.clone())).is_none(), "{part:?}");
        }
        assert!(Frames::of(&sealed(one), Some(one..one)).is_some(), "nothing, of the last frame");
        // No frames at all, and a last one that is shorter than its own seal.
        for bytes in [0, TAG as u64 - 1, SEALED + TAG as u64 - 1] {
            assert!(Frames::of(&(HEAD..HEAD + bytes), None).is_none(), "{bytes}");
        }
        assert!(Frames::of(&Range { start: HEAD, end: HEAD - 1 }, None).is_none());
    }

    #[test]
    fn an_end_is_read_with_the_last_frame() {
        // Nobody writes an empty frame behind a full one: a longer one was cut there.
        let cut = HEAD..HEAD + SEALED + TAG as u64;
        for part in [None, Some(5..FRAME as u64)] {
            let counters: Vec<_> = Frames::of(&cut, part).unwrap().map(|f| f.counter).collect();
            assert_eq!(counters, [0, 1]);
        }
    }
}

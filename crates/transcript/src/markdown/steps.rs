//! Counting what the parser looks at, in tests alone: time depends on the machine, steps do not.

#[cfg(test)]
thread_local! {
    static TAKEN: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Notes that so many bytes are looked at.
#[inline]
pub(super) fn take(bytes: usize) {
    #[cfg(test)]
    TAKEN.set(TAKEN.get() + bytes);
    #[cfg(not(test))]
    let _ = bytes;
}

/// How many bytes a piece of work looks at.
#[cfg(test)]
pub(super) fn of(work: impl FnOnce()) -> usize {
    TAKEN.set(0);
    work();
    TAKEN.get()
}

//! How many of something one person or address may hold at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Seats for everybody, and so many for each. Only who holds one is remembered.
#[derive(Debug)]
pub struct Seats<K>(Arc<Inner<K>>);

#[derive(Debug)]
struct Inner<K> {
    each: usize,
    all: usize,
    taken: Mutex<Taken<K>>,
}

#[derive(Debug)]
struct Taken<K> {
    by: HashMap<K, usize>,
    all: usize,
}

impl<K> Clone for Seats<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A seat that is taken until this is dropped.
#[derive(Debug)]
pub struct Seat<K: Eq + Hash> {
    seats: Seats<K>,
    holder: Option<K>,
}

/// Why there is no seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All are taken.
    All,
    /// The one who asks has as many as one may have.
    Own,
}

impl<K: Eq + Hash + Clone> Seats<K> {
    /// So many for each, and so many in all.
    pub fn new(each: usize, all: usize) -> Self {
        let taken = Mutex::new(Taken { by: HashMap::new(), all: 0 });
        Self(Arc::new(Inner { each, all, taken }))
    }

    /// Takes a seat. Nobody's counts among all alone.
    pub fn take(&self, holder: Option<K>) -> Result<Seat<K>, Full> {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.0.all {
            return Err(Full::All);
        }
        if let Some(holder) = &holder {
            let own = taken.by.entry(holder.clone()).or_default();
            if *own >= self.0.each {
                return Err(Full::Own);
            }
            *own += 1;
        }
        taken.all += 1;
        Ok(Seat { seats: self.clone(), holder })
    }
}

impl<K: Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = self.seats.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        let Some(holder) = &self.holder else { return };
        if let Some(own) = taken.by.get_mut(holder) {
            *own -= 1;
            if *own == 0 {
                taken.by.remove(holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_and_all_together_so_many() {
        let seats = Seats::new(2, 4);
        let first = seats.take(Some("a")).unwrap();
        let _second = seats.take(Some("a")).unwrap();
        assert_eq!(seats.take(Some("a")).unwrap_err(), Full::Own);
        let _other = seats.take(Some("b")).unwrap();
        let _nobody = seats.take(None).unwrap();
        assert_eq!(seats.take(Some("c")).unwrap_err(), Full::All);
        drop(first);
        let _again = seats.take(Some("a")).unwrap();
    }

    #[test]
    fn who_holds_none_is_forgotten() {
        let seats = Seats::new(1, 1);
        drop(seats.take(Some("a")).unwrap());
        let taken = seats.0.taken.lock().unwrap();
        assert!(taken.by.is_empty());
        assert_eq!(taken.all, 0);
    }
}

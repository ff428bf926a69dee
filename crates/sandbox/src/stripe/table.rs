//! Rows by id, in the order in which they were made.

use std::collections::HashMap;

/// What has an identifier of Stripe's.
pub(crate) trait Row {
    fn id(&self) -> &str;
    /// Seconds UTC.
    fn created(&self) -> i64;
}

/// Rows; none is ever taken away.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: Vec<T>,
    places: HashMap<String, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), places: HashMap::new() }
    }
}

impl<T: Row> Table<T> {
    pub(crate) fn insert(&mut self, row: T) {
        self.places.insert(row.id().to_owned(), self.rows.len());
        self.rows.push(row);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.places.get(id).and_then(|place| self.rows.get(*place))
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.places.get(id).and_then(|place| self.rows.get_mut(*place))
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.iter()
    }

    /// Newest first, as Stripe lists.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().rev()
    }
}

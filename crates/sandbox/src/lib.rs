//! A local Discord for tests and for people.

//! Forms that come back with what was typed.

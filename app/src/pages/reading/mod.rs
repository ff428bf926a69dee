//! Reading a transcript: which part of it an address asks for, the ways to other parts, and the part itself. Takes
//! path and access as arguments, so that every page that shows a transcript is the same to read.

mod address;
mod helpers;
mod tools;
mod window;

pub use address::Reading;
pub use tools::{Unread, name, tools};
pub use window::{Windows, first_shown};

//! Transcripts: Discord's messages, its markdown, and their rendering. No I/O; runs in WASM.
//!
//! * [`model`] reads raw message objects and never fails.
//! * [`markdown`] parses Discord's markdown into a typed tree in linear time.
//! * [`highlight`] cuts code blocks into what is drawn in colours.
//! * [`render_messages`] and [`render_into`] draw a [`TimelineItem`] list as HTML through the one escaping writer in
//!   [`html`]. The class names and their rules are in `transcript.css`, beside this crate's manifest.
//! * [`export`] writes files that are read without this program: HTML, plain text, Markdown and JSON.
//! * [`SafeUrl`] and [`LocalPath`] are the only ways to an address in the output.
//!
//! Every word that nobody wrote in the transcript comes from [`Labels`].

#![expect(
    clippy::similar_names,
    reason = "`content` is Discord's word, `context` ours; both are everywhere"
)]

mod bytes;
pub mod colour;
mod context;
mod dates;
pub mod export;
pub mod highlight;
pub mod html;
mod id;
pub mod labels;
mod lax;
pub mod markdown;
mod markup;
pub mod model;
mod render;
mod timeline;
mod url;

pub use colour::{Colour, ColourSet, colours_css};
pub use context::{Channel, Context, FileCopy, Person, Quote, Role, Shows};
pub use dates::TimeStyle;
pub use html::RenderedHtml;
pub use id::{InvalidSnowflake, Snowflake};
pub use labels::Labels;
pub use model::Message;
pub use render::{Rendered, Renderer, render_into, render_markdown, render_messages};
pub use timeline::{
    Answer, Deletion, DeskAction, DeskEvent, Entry, ReactionChange, Redaction, TimelineItem,
    Urgency, Version, merge,
};
pub use url::{LocalPath, SafeUrl};

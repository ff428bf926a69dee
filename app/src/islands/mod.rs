//! What runs in the browser. Each island improves a page that works without it, gets its few words as
//! properties, and finds the elements it works on by id.

mod combobox;
mod counts;
mod dom;
mod filter;
mod live;
mod markdown;
mod preview;
mod reader;
mod save_bar;

pub use combobox::SearchableSelect;
pub use counts::CharacterCounts;
pub use filter::FilterList;
pub use live::LiveRegion;
pub use preview::PanelPreview;
pub use reader::Reader;
pub use save_bar::SaveBar;

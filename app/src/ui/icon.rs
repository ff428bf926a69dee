use leptos::prelude::*;
use maud::{Markup, html};

use crate::ui::written;

/// The icons. Drawn for this product on a 24 by 24 grid, with strokes in the colour of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say what is drawn")]
pub enum IconName {
    Alert,
    Check,
    ChevronDown,
    ChevronRight,
    Close,
    Clock,
    Down,
    External,
    Hash,
    Home,
    Info,
    Lock,
    Logs,
    Menu,
    Panel,
    Plan,
    Plus,
    Refresh,
    Search,
    Send,
    Settings,
    Shield,
    SignOut,
    Ticket,
    Transcript,
    Trash,
    Up,
    User,
}

impl IconName {
    /// Every icon, for `/design`.
    pub const ALL: [Self; 28] = [
        Self::Alert,
        Self::Check,
        Self::ChevronDown,
        Self::ChevronRight,
        Self::Close,
        Self::Clock,
        Self::Down,
        Self::External,
        Self::Hash,
        Self::Home,
        Self::Info,
        Self::Lock,
        Self::Logs,
        Self::Menu,
        Self::Panel,
        Self::Plan,
        Self::Plus,
        Self::Refresh,
        Self::Search,
        Self::Send,
        Self::Settings,
        Self::Shield,
        Self::SignOut,
        Self::Ticket,
        Self::Transcript,
        Self::Trash,
        Self::Up,
        Self::User,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 4 2.8 19.500h18.400zM12 10v4.200M12 17v.1",
            Self::Check => "m5 12.500 4.500 4.500L19 7.500",
            Self::ChevronDown => "m6.500 9.500 5.500 5.500 5.500-5.500",
            Self::ChevronRight => "m9.500 6.500 5.500 5.500-5.500 5.500",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Clock => {
                "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM12 7.500V12l3 2"
            }
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::External => "M9 5H5v14h14v-4M13 4.500h6.500V11M19 5l-8 8",
            Self::Hash => "M10 4 8 20M16 4l-2 16M4.500 9h16M3.500 15h16",
            Self::Home => "M4 11.500 12 4.500l8 7M6 10v9.500h12V10",
            Self::Info => {
                "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM12 11v5.500M12 7.700v.1"
            }
            Self::Lock => "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
            Self::Logs => "M5 6h14M5 12h14M5 18h8",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Panel => "M4 5h16v10H4zM8 19h8M8 9h8",
            Self::Plan => "M3.500 6.500h17v11h-17zM3.500 10.500h17M7 14.500h4",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Refresh => "M19.500 12a7.500 7.500 0 1 1-2.300-5.400M19.500 3.500v4h-4",
            Self::Search => {
                "M11 4.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM16 16l4.500 4.500"
            }
            Self::Send => "M4 12 20 4.500 14.500 20l-3.200-6.800z",
            Self::Settings => {
                "M4 7.500h9M18 7.500h2M15.500 5a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM4 16.500h2M11 16.500h9M8.500 14a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z"
            }
            Self::Shield => {
                "M5 6.500c2.600-.2 5-1 7-2.500 2 1.500 4.400 2.300 7 2.500v5c0 4.200-2.900 6.900-7 8.500-4.100-1.600-7-4.300-7-8.500z"
            }
            Self::SignOut => "M10 4.500H5v15h5M15 8l4 4-4 4M9.500 12H19",
            Self::Ticket => {
                "M4 7h16v3.200a1.900 1.900 0 0 0 0 3.600V17H4v-3.200a1.900 1.900 0 0 0 0-3.600zM14.500 7.500v1.600M14.500 11.200v1.600M14.500 14.900v1.600"
            }
            Self::Transcript => "M6 3.500h9l3.500 3.500v13.500H6zM9 10h6.500M9 13.500h6.500M9 17h4",
            Self::Trash => {
                "M5 7h14M9.500 7V4.500h5V7M7 7l1 13h8l1-13M10.500 10.500v6M13.500 10.500v6"
            }
            Self::Up => "M12 19V5M6 11l6-6 6 6",
            Self::User => {
                "M12 4.500a3.700 3.700 0 1 0 0 7.400 3.700 3.700 0 0 0 0-7.400zM4.500 20c.6-3.700 3.600-5.500 7.500-5.500s6.900 1.800 7.500 5.500"
            }
        }
    }
}

/// An [`Icon`], written.
pub fn icon(name: IconName) -> Markup {
    html! {
        svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"
            stroke-linejoin="round" aria-hidden="true" {
            path d=(name.path()) {}
        }
    }
}

/// An icon. Decoration only: the words beside it, or the control's label, say what it means.
#[component]
pub fn Icon(
    /// Which one.
    name: IconName,
) -> impl IntoView {
    written(icon(name))
}

/// The mark of the product: a shield that carries a ticket counter's bell post.
pub fn logo() -> Markup {
    html! {
        svg viewBox="0 0 32 32" aria-hidden="true" {
            rect width="32" height="32" rx="8" fill="#0a655b" {}
            path
                d="M7 9.500c3.400-.2 6.600-1.200 9-3 2.400 1.800 5.600 2.800 9 3v6.200c0 5.300-3.700 8.700-9 10.800-5.300-2.100-9-5.500-9-10.800z"
                fill="none" stroke="#fff" stroke-width="2.200" stroke-linejoin="round" {}
            path d="M11 15.500h10M16 15.500v5" stroke="#fff" stroke-width="2.200" stroke-linecap="round" {}
        }
    }
}

/// See [`logo`].
#[component]
pub fn Logo() -> impl IntoView {
    written(logo())
}

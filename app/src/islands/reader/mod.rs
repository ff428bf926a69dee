//! Reading a transcript where scripts run: it goes on by itself in both directions, keeps its address where one is,
//! and has keys. Everything that it shows comes from the server's own pages.

mod address;
mod animations;
mod copy;
mod keys;
mod live;
mod messages;
mod pictures;
mod windows;
mod zone;

use std::rc::Rc;

use leptos::prelude::*;

use windows::Windows;

/// Brings the messages of a page to life.
#[island]
pub fn Reader(
    /// Messages may still come.
    live: bool,
    /// “Copy link”.
    copy: String,
    /// “Copied”.
    copied: String,
    /// “As on this device ({zone})”.
    device: String,
    /// “New messages: {count}”.
    arrived: String,
) -> impl IntoView {
    Effect::new(move |_| {
        zone::offer(&device);
        let Some(windows) = Windows::find() else { return };
        let windows = Rc::new(windows);
        windows::watch(&windows);
        address::follow();
        let button = copy::offer(copy.clone(), copied.clone());
        keys::listen(button);
        pictures::listen();
        animations::watch();
        if live {
            live::watch(&windows, arrived.clone());
        }
    });
    view! { <span class="visually-hidden" id="reader-says" role="status"></span> }
}

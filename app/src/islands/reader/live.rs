//! A transcript that is still being written: its end is looked at again and again.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::{document, set_interval, window};
use leptos::task::spawn_local;
use web_sys::{Element, Node};

use super::messages::{self, view_height};
use super::windows::{Windows, fetch};

/// Between looks.
const EVERY: Duration = Duration::from_secs(5);
/// Who is this near to the end, pixels, follows it.
const AT_END: f64 = 120.0;

/// The last window as the server sent it: the page has changed its own since.
type Sent = RefCell<Option<(String, Node)>>;

fn count(window: &Element) -> u32 {
    window.query_selector_all("article").map_or(0, |all| all.length())
}

/// Puts the last window as it is now in place of the one that is shown, if it changed.
async fn look(windows: &Windows, sent: &Sent, arrived: &str) {
    let Some(here) = windows.last().filter(|last| !last.has_attribute("data-later")) else {
        return;
    };
    let Some(address) = here.get_attribute("data-here") else { return };
    let Ok(Some(new)) = fetch(&address).await else { return };
    let same = sent
        .borrow()
        .as_ref()
        .is_some_and(|(of, old)| *of == address && new.is_equal_node(Some(old)));
    // Somebody at work in it keeps it until the next look.
    let busy = document().active_element().is_some_and(|active| here.contains(Some(&active)))
        || document().query_selector("dialog[open]").ok().flatten().is_some();
    if same || busy || !here.is_connected() {
        return;
    }
    if let Ok(copy) = new.clone_node_with_deep(true) {
        sent.replace(Some((address, copy)));
    }
    let (old, now) = (count(&here), count(&new));
    let end = || here.get_bounding_client_rect().bottom();
    let follows = end() < view_height() + AT_END && end() > 0.0;
    windows.steadily(|| {
        let _ = here.replace_with_with_node_1(&new);
        windows.tidy();
    });
    if now > old {
        if follows {
            let grown = new.get_bounding_client_rect().bottom() - view_height();
            window().scroll_by_with_x_and_y(0.0, (grown + AT_END / 2.0).max(0.0));
        }
        messages::say(&arrived.replace("{count}", &(now - old).to_string()));
    }
}

/// Looks at the end every few seconds, while the page can be seen.
pub fn watch(windows: &Rc<Windows>, arrived: String) {
    let (windows, sent) = (Rc::clone(windows), Rc::new(Sent::default()));
    set_interval(
        move || {
            if !document().hidden() {
                let (windows, sent) = (Rc::clone(&windows), Rc::clone(&sent));
                let arrived = arrived.clone();
                spawn_local(async move { look(&windows, &sent, &arrived).await });
            }
        },
        EVERY,
    );
}

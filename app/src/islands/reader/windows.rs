//! Windows of messages: which are on the page, and how neighbours come and go without moving what is read.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::{document, request_animation_frame, window};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomParser, Element, HtmlElement, MouseEvent, Response, SupportedType};

use super::animations;
use super::messages::{elements, first_seen, view_height};
use crate::islands::dom;

/// Windows that stay on the page, and small ones that are near besides; the far ones go.
const MOST: u32 = 5;
/// The same while somebody is at work in the farthest, who may have gone on reading while something plays.
const MOST_AT_WORK: u32 = 2 * MOST;
/// A neighbour is fetched when its place is this near to what is seen, pixels.
const NEAR: f64 = 2000.0;
/// A window goes when it is farther than this, pixels. More than [`NEAR`], or small windows would be fetched again at
/// once, and others go for them, without end.
const FAR: f64 = NEAR + 500.0;
/// Whoever reads has the first message at most this far below the upper edge, pixels: an address leads to a message
/// with some space above it.
const READING: f64 = 200.0;

/// Which neighbour.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Earlier,
    Later,
}

impl Side {
    /// Where a window says what its neighbour's address is.
    const fn attribute(self) -> &'static str {
        match self {
            Self::Earlier => "data-earlier",
            Self::Later => "data-later",
        }
    }

    /// The link for those without scripts, and for those who are quicker.
    const fn way(self) -> &'static str {
        match self {
            Self::Earlier => "earlier",
            Self::Later => "later",
        }
    }
}

/// The windows on the page.
pub struct Windows {
    root: HtmlElement,
    loading: Cell<bool>,
    /// What was wanted while something else was fetched: whoever scrolls to the end meanwhile scrolls no more.
    next: Cell<Option<Side>>,
    /// Whose link was pressed: if its load fails, the browser goes there, and shows what came instead.
    pressed: Cell<Option<Side>>,
    frame: Cell<bool>,
    /// Where the page was scrolled to when it was last looked.
    scrolled: Cell<f64>,
}

/// The part of a page that holds its window. A whole page has a style sheet of its own, which the policy of this page
/// does not let the parser see; nothing within a window can end it, since its texts are escaped.
fn part(html: &str) -> Option<&str> {
    let begins = html.find("<div id=\"windows\"")?;
    html.get(begins..)?.split_once("</section>").map(|(part, _)| part)
}

/// The classes that style rules name: `.c-rrggbb`.
fn colours_of(css: &str) -> impl Iterator<Item = &str> {
    css.match_indices(".c-").filter_map(|(at, _)| css.get(at..at + ".c-rrggbb".len()))
}

/// Fetches a page and gives its window, with the colours it needs added to those of this page.
pub async fn fetch(address: &str) -> Result<Option<Element>, JsValue> {
    let fetched = JsFuture::from(window().fetch_with_str(address)).await?;
    let response: Response = fetched.dyn_into()?;
    if !response.ok() {
        return Ok(None);
    }
    let html = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let Some(part) = part(&html) else { return Ok(None) };
    let page = DomParser::new()?.parse_from_string(part, SupportedType::TextHtml)?;
    let Some(found) = page.query_selector("#windows > .window")? else { return Ok(None) };
    if found.query_selector(".t-log")?.is_none() {
        return Ok(None);
    }
    let colours = found.get_attribute("data-colours").filter(|new| !new.is_empty());
    if let (Some(new), Some(style)) = (colours, document().get_element_by_id("colours")) {
        let old = style.text_content().unwrap_or_default();
        // Only with a colour that is not there yet: new rules cost the browser a look at everything on the page. The
        // element keeps the nonce that the page's policy asks for.
        if colours_of(&new).any(|colour| !old.contains(colour)) {
            style.set_text_content(Some(&(old + &new)));
        }
    }
    Ok(Some(found))
}

impl Windows {
    /// The windows of this page.
    pub fn find() -> Option<Self> {
        let root = dom::element("windows")?;
        Some(Self {
            root,
            loading: Cell::new(false),
            next: Cell::new(None),
            pressed: Cell::new(None),
            frame: Cell::new(false),
            scrolled: Cell::new(0.0),
        })
    }

    /// The last window.
    pub fn last(&self) -> Option<Element> {
        self.root.last_element_child()
    }

    fn edge(&self, side: Side) -> Option<Element> {
        match side {
            Side::Earlier => self.root.first_element_child(),
            Side::Later => self.root.last_element_child(),
        }
    }

    fn neighbour(&self, side: Side) -> Option<String> {
        self.edge(side)?.get_attribute(side.attribute())
    }

    /// Changes the page and leaves what is read where it is. Safari moves it; other browsers hold it themselves, unless
    /// they are told not to while this does.
    pub fn steadily(&self, change: impl FnOnce()) {
        let Some(seen) = first_seen() else { return change() };
        let scrolled = window().scroll_y().unwrap_or_default();
        dom::set(&self.root, "data-still", "");
        let before = seen.get_bounding_client_rect().top();
        change();
        // The same message may be another element now.
        let seen = if seen.is_connected() { Some(seen) } else { dom::element(&seen.id()) };
        let moved = seen.map_or(0.0, |seen| seen.get_bounding_client_rect().top() - before);
        if moved.abs() >= 1.0 {
            window().scroll_by_with_x_and_y(0.0, moved);
        }
        // Nobody scrolled that.
        let scrolled = window().scroll_y().unwrap_or_default() - scrolled;
        self.scrolled.set(self.scrolled.get() + scrolled);
        let root = self.root.clone();
        request_animation_frame(move || {
            let _ = root.remove_attribute("data-still");
        });
    }

    async fn load(&self, side: Side) {
        if self.loading.replace(true) {
            self.next.set(Some(side));
            return;
        }
        let mut wanted = Some(side);
        while let Some(side) = wanted {
            let came = self.load_one(side).await;
            if self.pressed.get() == Some(side) {
                self.pressed.set(None);
                if let Some(address) = self.neighbour(side).filter(|_| !came) {
                    let _ = window().location().assign(&address);
                }
            }
            // A small window may leave room for the next, and nobody scrolls who sees the end of the page.
            wanted = self.next.take().or_else(|| if came { self.wanting() } else { None });
        }
        self.loading.set(false);
    }

    /// Fetches a neighbour; answers whether it came.
    async fn load_one(&self, side: Side) -> bool {
        let Some(address) = self.neighbour(side) else { return false };
        let Ok(Some(new)) = fetch(&address).await else { return false };
        self.steadily(|| {
            let added = match side {
                Side::Earlier => self.root.prepend_with_node_1(&new),
                Side::Later => self.root.append_with_node_1(&new),
            };
            if added.is_ok() {
                self.tidy();
            }
        });
        while let Some(old) = self.far_off(side) {
            self.steadily(|| {
                old.remove();
                self.tidy();
            });
        }
        self.settle();
        true
    }

    /// Lets the browser leave out what is far away in windows that it has laid out once. Before that it would guess
    /// heights, and what is read would move as they turn out to be others.
    fn settle(&self) {
        let root = self.root.clone();
        // The first picture is drawn after the first of these, the second begins with the other.
        request_animation_frame(move || {
            let new = elements(root.query_selector_all(".window:not([data-laid])"));
            request_animation_frame(move || {
                for window in new {
                    dom::set(&window, "data-laid", "");
                }
            });
        });
    }

    /// The window that is to go: the farthest from `side` of too many, but for a while not one in which somebody is at
    /// work. That a message there has the keyboard is no work: an address gave it, and the keys go on from what is read.
    fn far_off(&self, side: Side) -> Option<Element> {
        let far = if side == Side::Earlier { Side::Later } else { Side::Earlier };
        let count = self.root.child_element_count();
        let old = self.edge(far).filter(|_| count > MOST)?;
        let place = old.get_bounding_client_rect();
        let away = match far {
            Side::Earlier => -place.bottom(),
            Side::Later => place.top() - view_height(),
        };
        let at_work = document().active_element().is_some_and(|active| {
            old.contains(Some(&active)) && !active.matches("article").unwrap_or_default()
        });
        (away > FAR && !(at_work && count <= MOST_AT_WORK)).then_some(old)
    }

    /// What lies between windows: each day is named once, and the links lead on from the edges.
    pub fn tidy(&self) {
        let mut day = None;
        for heading in elements(self.root.query_selector_all(".t-day")) {
            let time = heading.query_selector("time").ok().flatten();
            let named = time.and_then(|time| time.get_attribute("datetime"));
            heading.set_hidden(named.is_some() && named == day);
            day = named;
        }
        for side in [Side::Earlier, Side::Later] {
            let Some(way) = dom::element::<HtmlElement>(side.way()) else { continue };
            let neighbour = self.neighbour(side);
            way.set_hidden(neighbour.is_none());
            if let (Some(address), Ok(Some(link))) = (neighbour, way.query_selector("a")) {
                dom::set(&link, "href", &address);
            }
        }
        animations::look();
    }

    /// The side on which what is read comes to its end. At the head of the page nothing is put between it and the
    /// messages: somebody who goes there wants the head.
    fn wanting(&self) -> Option<Side> {
        let place = self.root.get_bounding_client_rect();
        let scrolled = window().scroll_y().unwrap_or_default();
        let moved = self.scrolled.replace(scrolled) - scrolled;
        let up = moved > 0.0;
        if !up && place.bottom() < view_height() + NEAR && self.neighbour(Side::Later).is_some() {
            return Some(Side::Later);
        }
        // Where it came from counts: one turn of a wheel may go past what was near.
        let near = place.top() > -NEAR && place.top() - moved < READING;
        (up && near && self.neighbour(Side::Earlier).is_some()).then_some(Side::Earlier)
    }
}

/// Fetches neighbours as they come near, or when their link is pressed.
pub fn watch(windows: &Rc<Windows>) {
    windows.scrolled.set(window().scroll_y().unwrap_or_default());
    let look = {
        let windows = Rc::clone(windows);
        move || {
            // Once for each picture that the browser draws.
            if windows.frame.replace(true) {
                return;
            }
            let windows = Rc::clone(&windows);
            request_animation_frame(move || {
                windows.frame.set(false);
                if let Some(side) = windows.wanting() {
                    spawn_local(async move { windows.load(side).await });
                }
            });
        }
    };
    // A small window may end before the page does: nobody can scroll then.
    look();
    dom::listen(&document(), "scroll", move |_| look());
    for side in [Side::Earlier, Side::Later] {
        let Some(way) = dom::element::<HtmlElement>(side.way()) else { continue };
        let windows = Rc::clone(windows);
        dom::listen(&way, "click", move |event| {
            let plain = event.dyn_ref::<MouseEvent>().is_some_and(|mouse| {
                mouse.button() == 0 && !(mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key())
            });
            if plain {
                event.prevent_default();
                let windows = Rc::clone(&windows);
                windows.pressed.set(Some(side));
                spawn_local(async move { windows.load(side).await });
            }
        });
    }
}

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::js_sys::JsString;
use web_sys::{
    Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent,
    ScrollIntoViewOptions, ScrollLogicalPosition,
};

use crate::islands::dom;

/// How far Page Up and Page Down go.
const PAGE: usize = 10;

/// A text as it is compared: small letters without accents, and what joins words is a space.
fn folded(text: &str) -> String {
    let text = String::from(JsString::from(text).to_lower_case().normalize("NFD"));
    let plain = text.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c));
    plain.map(|c| if matches!(c, '_' | '-' | '/') { ' ' } else { c }).collect()
}

/// One entry of the list; it stands where its option stands in the select.
struct Entry {
    item: HtmlElement,
    folded: String,
}

/// The select, and what stands in its place. The pattern is "Editable Combobox With List Autocomplete" of
/// the ARIA Authoring Practices Guide; what is typed only searches, so that the select always has a value.
struct Combobox {
    id: String,
    select: HtmlSelectElement,
    input: HtmlInputElement,
    popup: HtmlElement,
    list: HtmlElement,
    none: Element,
    none_text: String,
    entries: OnceCell<Vec<Entry>>,
    active: Cell<Option<usize>>,
}

impl Combobox {
    fn find(id: String, none_text: String) -> Option<Self> {
        Some(Self {
            select: dom::element(&id)?,
            input: dom::element(&format!("{id}-search"))?,
            popup: dom::element(&format!("{id}-popup"))?,
            list: dom::element(&format!("{id}-list"))?,
            none: dom::element(&format!("{id}-none"))?,
            none_text,
            entries: OnceCell::new(),
            active: Cell::new(None),
            id,
        })
    }

    /// Puts the search field in the place of the select, which goes on holding the value. Label, errors
    /// and links to the field find the new one under the old id.
    fn take_over(&self) {
        self.select.set_hidden(true);
        self.select.set_id(&format!("{}-value", self.id));
        self.input.set_id(&self.id);
        if let Some(whole) =
            self.input.parent_element().and_then(|p| p.dyn_into::<HtmlElement>().ok())
        {
            whole.set_hidden(false);
        }
        self.sync();
    }

    fn is_open(&self) -> bool {
        !self.popup.hidden()
    }

    fn chosen(&self) -> Option<usize> {
        usize::try_from(self.select.selected_index()).ok()
    }

    /// Shows what is chosen.
    fn sync(&self) {
        let option = self.select.query_selector("option:checked").ok().flatten();
        let text = option.as_ref().and_then(|o| o.text_content()).unwrap_or_default();
        self.input.set_value(text.trim());
        let flagged = option.is_some_and(|o| o.has_attribute("data-problem"));
        let _ = self.input.toggle_attribute_with_force("data-problem", flagged);
    }

    /// The list, made of the options when it is first needed.
    fn entries(&self) -> &[Entry] {
        self.entries.get_or_init(|| {
            let mut entries = Vec::new();
            self.add(&self.select, &self.list, &mut entries);
            entries
        })
    }

    fn add(&self, from: &Element, to: &Element, entries: &mut Vec<Entry>) {
        let children = from.children();
        for child in (0..children.length()).filter_map(|index| children.item(index)) {
            let Some(item) = document()
                .create_element("div")
                .ok()
                .and_then(|made| made.dyn_into::<HtmlElement>().ok())
            else {
                continue;
            };
            let _ = to.append_child(&item);
            if let Some(heading) = child.get_attribute("label") {
                dom::set(&item, "role", "group");
                dom::set(&item, "aria-label", &heading);
                dom::set(&item, "class", "combo-group");
                self.add(&child, &item, entries);
            } else {
                let text = child.text_content().unwrap_or_default();
                dom::set(&item, "role", "option");
                dom::set(&item, "class", "combo-option");
                item.set_id(&format!("{}-option-{}", self.id, entries.len()));
                item.set_text_content(Some(&text));
                if child.has_attribute("data-problem") {
                    dom::set(&item, "data-problem", "");
                }
                entries.push(Entry { item, folded: folded(&text) });
            }
        }
    }

    /// Opens the list with all entries, at the chosen one.
    fn open(&self) {
        if self.input.disabled() {
            return;
        }
        self.search("");
        self.input.select();
    }

    /// Shows the entries that hold every word of `query`, and goes to the first of them; to the chosen one
    /// where nothing is asked for.
    fn search(&self, query: &str) {
        let opening = !self.is_open();
        let query = folded(query);
        let chosen = self.chosen();
        let mut first = None;
        for (index, entry) in self.entries().iter().enumerate() {
            let found = query.split_whitespace().all(|word| entry.folded.contains(word));
            entry.item.set_hidden(!found);
            let selected = if chosen == Some(index) { "true" } else { "false" };
            dom::set(&entry.item, "aria-selected", selected);
            if found && first.is_none() {
                first = Some(index);
            }
        }
        self.popup.set_hidden(false);
        self.list.set_hidden(first.is_none());
        self.none.set_text_content(first.is_none().then_some(self.none_text.as_str()));
        dom::set(&self.input, "aria-expanded", if first.is_some() { "true" } else { "false" });
        if opening {
            self.place();
        }
        self.go_to(if query.trim().is_empty() { chosen.or(first) } else { first });
    }

    /// Above the field where there is more room, and within the window.
    fn place(&self) {
        let field = self.input.get_bounding_client_rect();
        let page = document().document_element();
        let (width, height) =
            page.map_or((0, 0), |page| (page.client_width(), page.client_height()));
        let below = f64::from(height) - field.bottom();
        let up = below < f64::from(self.popup.offset_height()) && field.top() > below;
        let end = field.left() + f64::from(self.popup.offset_width()) > f64::from(width);
        let _ = self.popup.toggle_attribute_with_force("data-up", up);
        let _ = self.popup.toggle_attribute_with_force("data-end", end);
    }

    /// Makes an entry the one that Enter takes.
    fn go_to(&self, index: Option<usize>) {
        let entry = |index: Option<usize>| index.and_then(|index| self.entries().get(index));
        if let Some(old) = entry(self.active.replace(index)) {
            let _ = old.item.remove_attribute("data-active");
        }
        let Some(Entry { item, .. }) = entry(index) else {
            let _ = self.input.remove_attribute("aria-activedescendant");
            return;
        };
        dom::set(item, "data-active", "");
        dom::set(&self.input, "aria-activedescendant", &item.id());
        let nearest = ScrollIntoViewOptions::new();
        nearest.set_block(ScrollLogicalPosition::Nearest);
        item.scroll_into_view_with_scroll_into_view_options(&nearest);
    }

    /// Goes that many shown entries on or back, at most to the end.
    fn step(&self, count: usize, back: bool) {
        let shown = self.entries().iter().enumerate().filter(|(_, entry)| !entry.item.hidden());
        let shown: Vec<usize> = shown.map(|(index, _)| index).collect();
        let Some(last) = shown.len().checked_sub(1) else { return };
        let at = self.active.get().and_then(|a| shown.iter().position(|index| *index == a));
        let to = match at {
            None if back => last,
            None => 0,
            Some(at) if back => at.saturating_sub(count),
            Some(at) => at.saturating_add(count).min(last),
        };
        self.go_to(shown.get(to).copied());
    }

    /// Takes an entry, as the browser would for a person: with the events that others listen to.
    fn choose(&self, index: Option<usize>) {
        let changed = index.filter(|index| Some(*index) != self.chosen());
        if let Some(index) = changed.and_then(|index| i32::try_from(index).ok()) {
            self.select.set_selected_index(index);
        }
        self.close();
        if changed.is_some() {
            let bubbling = EventInit::new();
            bubbling.set_bubbles(true);
            for kind in ["input", "change"] {
                if let Ok(event) = Event::new_with_event_init_dict(kind, &bubbling) {
                    let _ = self.select.dispatch_event(&event);
                }
            }
        }
    }

    /// Closes the list; what was typed gives way to what is chosen.
    fn close(&self) {
        self.popup.set_hidden(true);
        dom::set(&self.input, "aria-expanded", "false");
        self.none.set_text_content(None);
        self.go_to(None);
        self.sync();
    }

    fn pressed(&self, event: &KeyboardEvent) {
        if event.is_composing() || event.ctrl_key() || event.meta_key() {
            return;
        }
        match (event.key().as_str(), self.is_open()) {
            ("ArrowDown" | "ArrowUp" | "Enter", false) => self.open(),
            ("ArrowUp", true) if event.alt_key() => self.choose(self.active.get()),
            ("ArrowDown", true) => self.step(1, false),
            ("ArrowUp", true) => self.step(1, true),
            ("PageDown", true) => self.step(PAGE, false),
            ("PageUp", true) => self.step(PAGE, true),
            ("Home", true) => self.step(usize::MAX, true),
            ("End", true) => self.step(usize::MAX, false),
            ("Enter", true) => {
                if self.active.get().is_some() {
                    self.choose(self.active.get());
                }
            }
            ("Escape", true) => self.close(),
            ("Tab", true) => {
                // Goes on to the next field as well.
                self.choose(self.active.get());
                return;
            }
            _ => return,
        }
        event.prevent_default();
    }
}

fn listen(combobox: &Rc<Combobox>) {
    let on = |target: &web_sys::EventTarget, kind: &str, act: fn(&Combobox, &Event)| {
        let combobox = Rc::clone(combobox);
        dom::listen(target, kind, move |event| act(&combobox, &event));
    };
    on(&combobox.input, "keydown", |c, event| {
        if let Some(event) = event.dyn_ref() {
            c.pressed(event);
        }
    });
    on(&combobox.input, "input", |c, _| c.search(&c.input.value()));
    on(&combobox.input, "click", |c, _| {
        if !c.is_open() {
            c.open();
        }
    });
    // What is typed takes the place of what is shown.
    on(&combobox.input, "focus", |c, _| c.input.select());
    on(&combobox.input, "blur", |c, _| c.close());
    // The field keeps the focus while the list is used.
    on(&combobox.popup, "mousedown", |_, event| event.prevent_default());
    on(&combobox.list, "click", |c, event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let option = target.and_then(|target| target.closest("[role=option]").ok().flatten());
        let index = option.and_then(|option| {
            c.entries().iter().position(|entry| entry.item.is_same_node(Some(&option)))
        });
        if index.is_some() {
            c.choose(index);
        }
    });
    // The value may change otherwise: the save bar puts old ones back, and the browser restores a form.
    let follow: fn(&Combobox, &Event) = |c, _| {
        if !c.is_open() {
            c.sync();
        }
    };
    if let Some(form) = combobox.select.form() {
        on(&form, "input", follow);
        on(&form, "change", follow);
        let reset = Rc::clone(combobox);
        dom::listen(&form, "reset", move |_| {
            // The values are put back after this event.
            let reset = Rc::clone(&reset);
            set_timeout(move || reset.close(), Duration::ZERO);
        });
    }
    on(&window(), "pageshow", |c, _| c.close());
}

/// Makes a select searchable: a field to type in with the list of matching entries below it. Works on what
/// `ui::Select` writes with `search`.
#[island]
pub fn SearchableSelect(
    /// The id of the select.
    select: String,
    /// What is said when nothing matches.
    none: String,
) -> impl IntoView {
    Effect::new(move |_| {
        let Some(combobox) = Combobox::find(select.clone(), none.clone()) else { return };
        let combobox = Rc::new(combobox);
        listen(&combobox);
        let select: &Element = &combobox.select;
        // Somebody who is choosing already is not disturbed.
        if document().active_element().as_ref() == Some(select) {
            let later = Rc::clone(&combobox);
            dom::listen(select, "blur", move |_| later.take_over());
        } else {
            combobox.take_over();
        }
    });
}

use leptos::prelude::*;

use crate::islands::dom;
use crate::islands::markdown::{markdown, markdown_line};

/// A panel as Discord will show it, following the form as it is filled in.
#[island]
pub fn PanelPreview(
    /// The form's id. Its fields are `panel_title`, `panel_text`, `panel_colour`, `panel_button_label`
    /// and `panel_button_emoji`.
    form: String,
    /// What the title holds at first.
    title: String,
    /// What the text holds at first.
    text: String,
    /// The colour at first, `#rrggbb`.
    colour: String,
    /// What the button says at first.
    label: String,
    /// Its emoji at first.
    emoji: String,
    /// “App”, the tag beside a bot's name.
    tag: String,
) -> impl IntoView {
    let title = RwSignal::new(title);
    let text = RwSignal::new(text);
    let colour = RwSignal::new(colour);
    let label = RwSignal::new(label);
    let emoji = RwSignal::new(emoji);
    Effect::new(move |_| {
        let Some(form) = dom::form(&form) else { return };
        dom::listen(&form, "input", move |_| {
            let fields = [
                ("panel_title", title),
                ("panel_text", text),
                ("panel_colour", colour),
                ("panel_button_label", label),
                ("panel_button_emoji", emoji),
            ];
            for (id, signal) in fields {
                if let Some(value) = dom::value(id)
                    && signal.with_untracked(|old| *old != value)
                {
                    signal.set(value);
                }
            }
        });
    });
    // `<:name:id>` shows as `:name:`: the picture would have to come from Discord.
    let shown_emoji = move || {
        let emoji = emoji.get();
        match emoji.strip_prefix('<').and_then(|e| e.split(':').nth(1).map(str::to_owned)) {
            Some(name) => format!(":{name}:"),
            None => emoji,
        }
    };
    view! {
        <div class="preview-frame">
            <div class="preview-author">
                <span class="avatar avatar-small" aria-hidden="true">"W"</span>
                "Wardesk"
                <span class="preview-tag">{tag}</span>
            </div>
            <div class="preview-embed">
                <svg aria-hidden="true"><rect width="4" height="100%" fill=move || colour.get()></rect></svg>
                <div>
                    <p class="preview-title">{move || title.with(|text| markdown_line(text))}</p>
                    <div class="preview-text">{move || text.with(|text| markdown(text))}</div>
                </div>
            </div>
            <span class="preview-button">
                <span>{shown_emoji}</span>
                <span>{move || label.get()}</span>
            </span>
        </div>
    }
}

//! Components, drawn as what they were: nothing in a transcript can be pressed but links.

use super::unknown::raw;
use super::{Scope, attachments, drawn, embeds, emoji, hidden, rest, text};
use crate::colour::Colour;
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::markdown::Token;
use crate::model::{
    Attachment, ButtonStyle, ChoiceKind, Component, GalleryItem, Media, SelectKind, SelectOption,
};
use crate::{SafeUrl, Shows, Snowflake};

/// The components of a message, with the attachments that they may show by name.
pub(super) fn list(w: &mut Writer, scope: Scope<'_>, all: &[Component], files: &[Attachment]) {
    for component in all {
        one(w, scope, component, files);
    }
}

/// Whether a file has its place among the components.
pub(super) fn shows(all: &[Component], file: &Attachment) -> bool {
    let is = |media: &Media| media.is(file);
    all.iter().any(|component| match component {
        Component::File { file, .. } => is(file),
        Component::Thumbnail(item) => is(&item.media),
        Component::MediaGallery(items) => items.iter().any(|item| is(&item.media)),
        Component::Section { components, accessory } => {
            shows(components, file)
                || accessory.as_deref().is_some_and(|one| shows(std::slice::from_ref(one), file))
        }
        Component::Container { components, .. } => shows(components, file),
        Component::FileUpload(given) => given.contains(&file.id),
        Component::Label { component: Some(field), .. } => shows(std::slice::from_ref(field), file),
        _ => false,
    })
}

fn one(w: &mut Writer, scope: Scope<'_>, component: &Component, files: &[Attachment]) {
    let words = &scope.context.labels.message;
    match component {
        Component::ActionRow(inner) => {
            w.el(El::Div, &[Attr::Class("t-row")], |w| list(w, scope, inner, files));
        }
        Component::Button { style, label, emoji, url, disabled } => {
            button(w, scope, *style, (label, emoji.as_ref(), url), *disabled);
        }
        Component::Select { kind, placeholder, options, defaults, disabled } => {
            let class = if *disabled { "t-select t-select--off" } else { "t-select" };
            select(w, scope, *kind, placeholder, (options, defaults), class);
        }
        Component::Choices { kind, options } => choices(w, scope, *kind, options),
        Component::Checkbox(chosen) => w.el(El::P, &[Attr::Class("t-choice")], |w| {
            mark(w, scope, ChoiceKind::Checkbox, *chosen);
        }),
        Component::FileUpload(given) => upload(w, scope, given, files),
        Component::TextInput { label, placeholder, value } => {
            w.el(El::Div, &[Attr::Class("t-field")], |w| {
                if !label.is_empty() {
                    w.el_text(El::Strong, &[], label);
                }
                let (class, shown) = if value.is_empty() {
                    ("t-input t-input--empty", placeholder)
                } else {
                    ("t-input", value)
                };
                w.el_text(El::P, &[Attr::Class(class)], shown);
            });
        }
        Component::Section { components, accessory } => {
            w.el(El::Div, &[Attr::Class("t-section")], |w| {
                w.el(El::Div, &[], |w| list(w, scope, components, files));
                if let Some(accessory) = accessory {
                    w.el(El::Div, &[], |w| one(w, scope, accessory, files));
                }
            });
        }
        Component::TextDisplay(content) => text::markdown(w, scope, content),
        Component::Thumbnail(item) => gallery_item(w, scope, item, files, true),
        Component::MediaGallery(items) => {
            w.el(El::Div, &[Attr::Class("t-gallery")], |w| {
                for item in drawn(items) {
                    gallery_item(w, scope, item, files, false);
                }
            });
            rest(w, scope.context, items);
        }
        Component::File { file, name, size, spoiler } => {
            let named = file.url.strip_prefix("attachment://").unwrap_or(name);
            let known = files.iter().find(|one| file.is(one));
            let known = known.or_else(|| files.iter().find(|one| one.filename == named));
            let shown = known.cloned().unwrap_or_else(|| Attachment {
                id: file.attachment_id,
                filename: if name.is_empty() { named.to_owned() } else { name.clone() },
                size: *size,
                content_type: file.content_type.clone(),
                flags: spoiler.then_some(1 << 3),
                ..Attachment::default()
            });
            attachments::one(w, scope, &shown);
        }
        Component::Separator { divider: true, large } => {
            w.empty(El::Hr, &[Attr::Class(if *large { "t-rule t-rule--large" } else { "t-rule" })]);
        }
        Component::Separator { divider: false, large } => {
            w.empty(
                El::Div,
                &[Attr::Class(if *large { "t-space t-space--large" } else { "t-space" })],
            );
        }
        Component::Container { components, accent, spoiler: false } => {
            container(w, scope, components, *accent, files);
        }
        Component::Container { components, accent, spoiler: true } => {
            hidden(w, &words.spoiler, |w| container(w, scope, components, *accent, files));
        }
        Component::Label { label, description, component } => {
            w.el(El::Div, &[Attr::Class("t-field")], |w| {
                w.el_text(El::Strong, &[], label);
                if !description.is_empty() {
                    w.el_text(El::P, &[Attr::Class("t-sub")], description);
                }
                if let Some(component) = component {
                    one(w, scope, component, files);
                }
            });
        }
        Component::Unknown { kind, raw: content } => {
            let kind = if *kind == u64::MAX { "?".to_owned() } else { kind.to_string() };
            w.el_text(
                El::P,
                &[Attr::Class("t-note")],
                &fill(&words.unknown_component, &[("kind", &kind)]),
            );
            raw(w, scope.context, &content.to_string());
        }
    }
}

fn container(
    w: &mut Writer,
    scope: Scope<'_>,
    inner: &[Component],
    accent: Option<u32>,
    files: &[Attachment],
) {
    w.el(El::Div, &[Attr::Class("t-embed t-embed--box")], |w| {
        w.empty(
            El::Span,
            &[Attr::Coloured("t-bar", accent.and_then(Colour::new)), Attr::AriaHidden],
        );
        list(w, scope, inner, files);
    });
}

type ButtonWords<'a> = (&'a str, Option<&'a crate::model::Emoji>, &'a str);

fn button(
    w: &mut Writer,
    scope: Scope<'_>,
    style: ButtonStyle,
    words: ButtonWords<'_>,
    disabled: bool,
) {
    let (label, icon, address) = words;
    let class = match (style, disabled) {
        (ButtonStyle::Primary, false) => "t-button t-button--primary",
        (ButtonStyle::Success, false) => "t-button t-button--success",
        (ButtonStyle::Danger, false) => "t-button t-button--danger",
        (ButtonStyle::Link, false) => "t-button t-button--link",
        (_, false) => "t-button",
        (_, true) => "t-button t-button--off",
    };
    let content = |w: &mut Writer| {
        if let Some(icon) = icon {
            emoji(w, scope.context, icon);
            if !label.is_empty() {
                w.text(" ");
            }
        }
        w.text(label);
        if label.is_empty() && style == ButtonStyle::Premium {
            w.text(&scope.context.labels.message.premium);
        }
    };
    match SafeUrl::parse(address).filter(|_| style == ButtonStyle::Link) {
        Some(url) => w.el(El::A, &[Attr::Class(class), Attr::Href(&url)], content),
        None => w.el(El::Span, &[Attr::Class(class)], content),
    }
}

/// What a select offers, and what it held beforehand.
type Offers<'a> = (&'a [SelectOption], &'a [(String, Snowflake)]);

fn select(
    w: &mut Writer,
    scope: Scope<'_>,
    kind: SelectKind,
    placeholder: &str,
    (options, defaults): Offers<'_>,
    class: &'static str,
) {
    let words = &scope.context.labels.message;
    let kind = match kind {
        SelectKind::Text => &words.select_text,
        SelectKind::User => &words.select_user,
        SelectKind::Role => &words.select_role,
        SelectKind::Mentionable => &words.select_mentionable,
        SelectKind::Channel => &words.select_channel,
    };
    let shown = if placeholder.is_empty() { kind } else { placeholder };
    if options.is_empty() {
        w.el(El::P, &[Attr::Class(class)], |w| {
            if defaults.is_empty() {
                w.text(shown);
            }
            for (index, (kind, id)) in drawn(defaults).iter().enumerate() {
                if index > 0 {
                    w.text(" ");
                }
                let token = match kind.as_str() {
                    "role" => Token::Role(*id),
                    "channel" => Token::Channel(*id),
                    _ => Token::User(*id),
                };
                text::mention(w, scope, &token);
            }
        });
        return;
    }
    let count = fill(&words.options, &[("count", &options.len().to_string())]);
    w.el(El::Details, &[Attr::Class(class)], |w| {
        w.el(El::Summary, &[], |w| {
            w.text(shown);
            w.text(" ");
            w.el_text(El::Span, &[Attr::Class("t-muted")], &count);
        });
        w.el(El::Ul, &[], |w| {
            for one in drawn(options) {
                w.el(El::Li, &[], |w| option(w, scope, one));
            }
        });
        rest(w, scope.context, options);
    });
}

fn option(w: &mut Writer, scope: Scope<'_>, option: &SelectOption) {
    if let Some(icon) = &option.emoji {
        emoji(w, scope.context, icon);
        w.text(" ");
    }
    if option.chosen {
        w.el_text(El::Strong, &[], &option.label);
    } else {
        w.text(&option.label);
    }
    if !option.description.is_empty() {
        w.text(" ");
        w.el_text(El::Small, &[Attr::Class("t-muted")], &option.description);
    }
}

/// Choices one below the other, each with its mark.
fn choices(w: &mut Writer, scope: Scope<'_>, kind: ChoiceKind, options: &[SelectOption]) {
    w.el(El::Ul, &[Attr::Class("t-choices")], |w| {
        for one in drawn(options) {
            w.el(El::Li, &[Attr::Class("t-choice")], |w| {
                mark(w, scope, kind, one.chosen);
                w.text(" ");
                w.el(El::Span, &[], |w| option(w, scope, one));
            });
        }
    });
    rest(w, scope.context, options);
}

/// A round or square mark, empty or not.
fn mark(w: &mut Writer, scope: Scope<'_>, kind: ChoiceKind, chosen: bool) {
    let words = &scope.context.labels.message;
    let class = match (kind, chosen) {
        (ChoiceKind::Radio, true) => "t-tick t-tick--round t-tick--on",
        (ChoiceKind::Radio, false) => "t-tick t-tick--round",
        (ChoiceKind::Checkbox, true) => "t-tick t-tick--on",
        (ChoiceKind::Checkbox, false) => "t-tick",
    };
    let name = if chosen { &words.chosen } else { &words.not_chosen };
    w.empty(El::Span, &[Attr::Class(class), Attr::RoleImg, Attr::AriaLabel(name)]);
}

/// A field for files: those that were given, or its invitation.
fn upload(w: &mut Writer, scope: Scope<'_>, given: &[Snowflake], files: &[Attachment]) {
    if given.is_empty() {
        let words = &scope.context.labels.message.upload;
        w.el_text(El::P, &[Attr::Class("t-input t-input--empty")], words);
    }
    for id in drawn(given) {
        let unnamed = Attachment { id: *id, ..Attachment::default() };
        let file = files.iter().find(|file| file.id == *id).unwrap_or(&unnamed);
        attachments::one(w, scope, file);
    }
}

fn gallery_item(
    w: &mut Writer,
    scope: Scope<'_>,
    item: &GalleryItem,
    files: &[Attachment],
    small: bool,
) {
    let words = &scope.context.labels.message;
    let media = &item.media;
    let mut file = files.iter().find(|file| media.is(file)).cloned();
    if file.is_none() && media.attachment_id.is_known() {
        // An upload that is not among the attachments: its address is over within a day, its name is not.
        file = Some(upload_of(media));
    }
    let id = file.as_ref().map_or(media.attachment_id, |file| file.id);
    let content = |w: &mut Writer| {
        let alt = if item.description.is_empty() { &*words.embed_image } else { &item.description };
        let film = media.content_type.starts_with("video/");
        let wanted = if film { Shows::Recording } else { Shows::Picture };
        match embeds::copy_of(scope, &media.url, id, wanted) {
            Some(path) if film => {
                attachments::video(w, path, alt, media.width, media.height);
            }
            Some(path) => {
                let size = |pixels: Option<u64>| if small { pixels.map(|_| 80) } else { pixels };
                attachments::picture(w, path, (alt, ""), size(media.width), size(media.height));
            }
            None => match &file {
                Some(file) => attachments::one(w, scope, &described(file, &item.description)),
                None => {
                    w.el(El::P, &[Attr::Class("t-card")], |w| embeds::linked(w, alt, &media.url));
                }
            },
        }
    };
    if item.spoiler {
        hidden(w, &words.spoiler, content);
    } else {
        content(w);
    }
}

/// What is known of an upload by what shows it.
fn upload_of(media: &Media) -> Attachment {
    let path = media.url.split(['?', '#']).next().unwrap_or_default();
    Attachment {
        id: media.attachment_id,
        filename: path.rsplit('/').next().unwrap_or_default().to_owned(),
        content_type: media.content_type.clone(),
        width: media.width,
        height: media.height,
        ..Attachment::default()
    }
}

/// A file with the alternative text that it has where it is shown, if it has none of its own.
fn described(file: &Attachment, description: &str) -> Attachment {
    let mut file = file.clone();
    if file.description.is_empty() {
        description.clone_into(&mut file.description);
    }
    file
}

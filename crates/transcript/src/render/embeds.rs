//! Embeds, with every field.

use super::{Scope, attachments, text, time};
use crate::colour::Colour;
use crate::html::{Attr, El, Writer};
use crate::model::{Embed, EmbedMedia};
use crate::{FileCopy, LocalPath, SafeUrl, TimeStyle, dates};

pub(super) fn embed(w: &mut Writer, scope: Scope<'_>, embed: &Embed) {
    let context = scope.context;
    let colour = embed.color.and_then(|c| u32::try_from(c).ok()).and_then(Colour::new);
    w.el(El::Div, &[Attr::Class("t-embed")], |w| {
        w.empty(El::Span, &[Attr::Coloured("t-bar", colour), Attr::AriaHidden]);
        if let Some(thumbnail) = &embed.thumbnail {
            w.el(El::Div, &[Attr::Class("t-embed__thumb")], |w| {
                media(w, scope, thumbnail, &embed.title, false);
            });
        }
        if let Some(provider) = embed.provider.as_ref().filter(|p| !p.name.is_empty()) {
            w.el(El::P, &[Attr::Class("t-muted")], |w| linked(w, &provider.name, &provider.url));
        }
        if let Some(author) = embed.author.as_ref().filter(|a| !a.name.is_empty()) {
            w.el(El::P, &[Attr::Class("t-embed__author")], |w| {
                icon(w, scope, &author.icon_url);
                linked(w, &author.name, &author.url);
            });
        }
        if !embed.title.is_empty() {
            w.el(El::P, &[Attr::Class("t-embed__title")], |w| match SafeUrl::parse(&embed.url) {
                Some(url) => w.el_text(El::A, &[Attr::Href(&url)], &embed.title),
                None => text::inline(w, scope, &embed.title),
            });
        } else if embed.author.is_none() && embed.description.is_empty() && !embed.url.is_empty() {
            w.el(El::P, &[], |w| linked(w, &embed.url, &embed.url));
        }
        if !embed.description.is_empty() {
            text::markdown(w, scope, &embed.description);
        }
        if !embed.fields.is_empty() {
            w.el(El::Dl, &[Attr::Class("t-fields")], |w| {
                for field in &embed.fields {
                    let class = if field.inline { "t-field t-field--inline" } else { "t-field" };
                    w.el(El::Div, &[Attr::Class(class)], |w| {
                        w.el(El::Dt, &[], |w| text::inline(w, scope, &field.name));
                        w.el(El::Dd, &[], |w| text::markdown(w, scope, &field.value));
                    });
                }
            });
        }
        if let Some(image) = &embed.image {
            media(w, scope, image, &embed.title, true);
        }
        if let Some(video) = embed.video.as_ref().filter(|video| !video.url.is_empty()) {
            w.el(El::P, &[Attr::Class("t-card")], |w| {
                w.text(&context.labels.message.embed_video);
                w.text(" ");
                linked(w, &video.url, &video.url);
            });
        }
        let at = dates::parse_iso_ms(&embed.timestamp);
        if embed.footer.is_some() || at.is_some() {
            w.el(El::P, &[Attr::Class("t-embed__footer")], |w| {
                if let Some(footer) = &embed.footer {
                    icon(w, scope, &footer.icon_url);
                    w.text(&footer.text);
                }
                if let Some(at) = at {
                    if embed.footer.as_ref().is_some_and(|footer| !footer.text.is_empty()) {
                        w.text(" · ");
                    }
                    time(w, context, at, TimeStyle::ShortDateTime);
                }
            });
        }
    });
}

/// A text that leads somewhere, if it may.
pub(super) fn linked(w: &mut Writer, words: &str, address: &str) {
    match SafeUrl::parse(address) {
        Some(url) => w.el_text(El::A, &[Attr::Href(&url)], words),
        None => w.text(words),
    }
}

/// A small picture, where there is a copy of it.
fn icon(w: &mut Writer, scope: Scope<'_>, url: &str) {
    if let Some(path) = scope.context.media.get(url) {
        w.empty(
            El::Img,
            &[
                Attr::Class("t-icon"),
                Attr::Src(path),
                Attr::Alt(""),
                Attr::Width(20),
                Attr::Height(20),
                Attr::Lazy,
            ],
        );
        w.text(" ");
    }
}

/// The local copy of something that a message shows.
pub(super) fn copy_of<'a>(
    scope: Scope<'a>,
    url: &str,
    attachment: crate::Snowflake,
) -> Option<&'a LocalPath> {
    match scope.context.files.get(&attachment) {
        Some(FileCopy::Stored(path)) => Some(path),
        _ => scope.context.media.get(url),
    }
}

fn media(w: &mut Writer, scope: Scope<'_>, image: &EmbedMedia, title: &str, large: bool) {
    let words = &scope.context.labels.message;
    let alt = [image.description.as_str(), title]
        .into_iter()
        .find(|t| !t.is_empty())
        .unwrap_or(&words.embed_image);
    match copy_of(scope, &image.url, image.attachment_id) {
        Some(path) if large => attachments::picture(w, path, alt, image.width, image.height),
        Some(path) => {
            attachments::picture(w, path, alt, image.width.map(|_| 80), image.height.map(|_| 80));
        }
        None if image.url.is_empty() => {}
        None => {
            w.el(El::P, &[Attr::Class("t-card")], |w| linked(w, &words.embed_image, &image.url));
        }
    }
}

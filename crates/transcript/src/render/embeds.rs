//! Embeds, with every field.

use super::{Scope, attachments, components, drawn, poll, rest, text, time};
use crate::colour::Colour;
use crate::html::{Attr, El, Writer};
use crate::model::{Embed, EmbedField, EmbedMedia};
use crate::{FileCopy, LocalPath, SafeUrl, Shows, TimeStyle, dates};

/// A message's embeds. Several of one address are one, with the pictures of all: so Discord shows up to four.
pub(super) fn list(w: &mut Writer, scope: Scope<'_>, all: &[Embed]) {
    let mut at = 0;
    while let Some(first) = drawn(all).get(at) {
        let same = |other: &&Embed| {
            !first.url.is_empty()
                && other.url == first.url
                && other.image.is_some()
                && other.title.is_empty()
                && other.description.is_empty()
        };
        let more: Vec<&EmbedMedia> = drawn(all)[at + 1..]
            .iter()
            .take_while(same)
            .filter_map(|other| other.image.as_ref())
            .collect();
        embed(w, scope, first, &more);
        at += 1 + more.len();
    }
    rest(w, scope.context, all);
}

fn embed(w: &mut Writer, scope: Scope<'_>, embed: &Embed, more: &[&EmbedMedia]) {
    if embed.kind == "poll_result" {
        return poll::result(w, scope, embed);
    }
    if let "image" | "gifv" = embed.kind.as_str()
        && alone(w, scope, embed)
    {
        return;
    }
    let colour = embed.color.and_then(|c| u32::try_from(c).ok()).and_then(Colour::new);
    w.el(El::Div, &[Attr::Class("t-embed")], |w| {
        w.empty(El::Span, &[Attr::Coloured("t-bar", colour), Attr::AriaHidden]);
        // A film's picture is as large as the film.
        let small = embed.thumbnail.as_ref().filter(|_| embed.kind != "video");
        if let Some(thumbnail) = small {
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
        title(w, scope, embed);
        if !embed.description.is_empty() {
            text::markdown(w, scope, &embed.description);
        }
        fields(w, scope, &embed.fields);
        components::list(w, scope, drawn(&embed.components.0), &[]);
        let images: Vec<&EmbedMedia> = embed.image.iter().chain(more.iter().copied()).collect();
        match images.as_slice() {
            [] => {}
            [image] => media(w, scope, image, &embed.title, true),
            images => w.el(El::Div, &[Attr::Class("t-gallery")], |w| {
                for image in images {
                    media(w, scope, image, &embed.title, true);
                }
            }),
        }
        if embed.video.is_some() || embed.kind == "video" {
            film(w, scope, embed);
        }
        footer(w, scope, embed);
    });
}

/// A picture or a moving one that is all there is: without a box. Answers whether there was a copy to show.
fn alone(w: &mut Writer, scope: Scope<'_>, embed: &Embed) -> bool {
    let words = &scope.context.labels.message;
    let copy = |media: &Option<EmbedMedia>, shows: Shows| {
        let media = media.as_ref()?;
        Some((copy_of(scope, &media.url, media.attachment_id, shows)?, media.clone()))
    };
    if let Some((path, video)) = copy(&embed.video, Shows::Recording) {
        let alt = if embed.title.is_empty() { &*words.embed_image } else { &embed.title };
        attachments::video(w, path, alt, video.width, video.height);
        return true;
    }
    let picture = |media| copy(media, Shows::Picture);
    let Some((path, image)) = picture(&embed.image).or_else(|| picture(&embed.thumbnail)) else {
        return false;
    };
    let alt = [&image.description, &embed.title].into_iter().find(|text| !text.is_empty());
    let alt = alt.map_or(&*words.embed_image, |alt| alt);
    attachments::picture(w, path, (alt, ""), image.width, image.height);
    if embed.kind == "gifv" {
        // The picture stands still: no film of another site is copied.
        elsewhere(w, scope, embed);
    }
    true
}

/// Where a film of another site plays, and what it is.
fn elsewhere(w: &mut Writer, scope: Scope<'_>, embed: &Embed) {
    let words = &scope.context.labels.message;
    let moving = embed.kind == "gifv";
    let film = embed.video.as_ref().map(|video| &video.url).filter(|url| !url.is_empty());
    let Some(address) = film.or_else(|| Some(&embed.url).filter(|url| moving && !url.is_empty()))
    else {
        return;
    };
    w.el(El::P, &[Attr::Class("t-card")], |w| {
        w.text(if moving { &words.embed_moving } else { &words.embed_video });
        w.text(" ");
        linked(w, address, address);
    });
}

fn title(w: &mut Writer, scope: Scope<'_>, embed: &Embed) {
    if !embed.title.is_empty() {
        w.el(El::P, &[Attr::Class("t-embed__title")], |w| match SafeUrl::parse(&embed.url) {
            Some(url) => w.el(El::A, &[Attr::Href(&url)], |w| {
                text::inline_in_link(w, scope, &embed.title);
            }),
            None => text::inline(w, scope, &embed.title),
        });
    } else if embed.author.is_none() && embed.description.is_empty() && !embed.url.is_empty() {
        w.el(El::P, &[], |w| linked(w, &embed.url, &embed.url));
    }
}

fn fields(w: &mut Writer, scope: Scope<'_>, all: &[EmbedField]) {
    if all.is_empty() {
        return;
    }
    w.el(El::Dl, &[Attr::Class("t-fields")], |w| {
        for field in drawn(all) {
            let class = if field.inline { "t-field t-field--inline" } else { "t-field" };
            w.el(El::Div, &[Attr::Class(class)], |w| {
                w.el(El::Dt, &[], |w| text::inline(w, scope, &field.name));
                w.el(El::Dd, &[], |w| text::markdown(w, scope, &field.value));
            });
        }
    });
    rest(w, scope.context, all);
}

/// A film at another site: its picture, and where it is.
fn film(w: &mut Writer, scope: Scope<'_>, embed: &Embed) {
    let words = &scope.context.labels.message;
    let video = embed.video.as_ref();
    let shows = Shows::Recording;
    let copy = video.and_then(|video| copy_of(scope, &video.url, video.attachment_id, shows));
    if let (Some(path), Some(video)) = (copy, video) {
        let alt = if embed.title.is_empty() { &*words.embed_video } else { &embed.title };
        return attachments::video(w, path, alt, video.width, video.height);
    }
    if let Some(thumbnail) = embed.thumbnail.as_ref().filter(|_| embed.kind == "video") {
        media(w, scope, thumbnail, &embed.title, true);
    }
    elsewhere(w, scope, embed);
}

fn footer(w: &mut Writer, scope: Scope<'_>, embed: &Embed) {
    let at = dates::parse_iso_ms(&embed.timestamp);
    if embed.footer.is_none() && at.is_none() {
        return;
    }
    w.el(El::P, &[Attr::Class("t-embed__footer")], |w| {
        if let Some(footer) = &embed.footer {
            icon(w, scope, &footer.icon_url);
            w.text(&footer.text);
        }
        if let Some(at) = at {
            if embed.footer.as_ref().is_some_and(|footer| !footer.text.is_empty()) {
                w.text(" · ");
            }
            time(w, scope.context, at, TimeStyle::ShortDateTime);
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

/// The local copy of something that a message shows; of an attachment, if it shows what is wanted.
pub(super) fn copy_of<'a>(
    scope: Scope<'a>,
    url: &str,
    attachment: crate::Snowflake,
    wanted: Shows,
) -> Option<&'a LocalPath> {
    match scope.context.files.get(&attachment) {
        Some(FileCopy::Stored(path, shows)) if *shows == wanted => Some(path),
        _ => scope.context.media.get(url),
    }
}

fn media(w: &mut Writer, scope: Scope<'_>, image: &EmbedMedia, title: &str, large: bool) {
    let words = &scope.context.labels.message;
    let alt = [image.description.as_str(), title]
        .into_iter()
        .find(|t| !t.is_empty())
        .unwrap_or(&words.embed_image);
    match copy_of(scope, &image.url, image.attachment_id, Shows::Picture) {
        Some(path) if large => attachments::picture(w, path, (alt, ""), image.width, image.height),
        Some(path) => {
            attachments::picture(
                w,
                path,
                (alt, ""),
                image.width.map(|_| 80),
                image.height.map(|_| 80),
            );
        }
        None if image.url.is_empty() => {}
        None => {
            w.el(El::P, &[Attr::Class("t-card")], |w| linked(w, &words.embed_image, &image.url));
        }
    }
}

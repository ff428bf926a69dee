//! What stands above a message: who, when, in answer to what.

use super::{Known, Place, Scope, excerpt, mentioned_name, person, template, time_at};
use crate::html::{Attr, El, Writer};
use crate::model::{Message, MessageKind};
use crate::{Colour, Context, Person, Snowflake, TimeStyle};

/// What stands above a message's header.
pub(super) enum Note {
    Reply(Snowflake),
    Command,
}

pub(super) fn note(message: &Message) -> Option<Note> {
    let starter = message.kind == MessageKind::ThreadStarter;
    // Discord's own copy of what a thread began with is drawn whole.
    if message.kind == MessageKind::Reply || (starter && message.referenced_message.is_none()) {
        return Some(Note::Reply(
            message.message_reference.as_ref().map_or_else(Default::default, |r| r.message_id),
        ));
    }
    let from_command =
        matches!(message.kind, MessageKind::ChatInputCommand | MessageKind::ContextMenuCommand);
    (from_command && (message.interaction.is_some() || message.interaction_metadata.is_some()))
        .then_some(Note::Command)
}

/// The author, if known.
fn author<'a>(context: &'a Context, message: &Message) -> Option<&'a Person> {
    message.author.as_ref().and_then(|author| context.people.get(&author.id))
}

/// The author's name; `known` is who it is, see [`author`].
fn author_name<'a>(
    context: &'a Context,
    known: Option<&'a Person>,
    message: &'a Message,
) -> &'a str {
    let Some(author) = &message.author else { return &context.labels.message.unknown_user };
    if let Some(person) = known.filter(|p| !p.name.is_empty() && !message.is_by_webhook()) {
        return &person.name;
    }
    let nick = message.member.as_ref().map_or("", |member| &member.nick);
    [nick, &author.global_name, &author.username]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or(&context.labels.message.unknown_user)
}

pub(super) fn header(w: &mut Writer, scope: Scope<'_>, message: &Message, place: Place) {
    let context = scope.context;
    let words = &context.labels.message;
    let id = message.author.as_ref().map(|author| author.id).unwrap_or_default();
    let known = author(context, message);
    let name = author_name(context, known, message);
    if !place.continues {
        let avatar = known.and_then(|person| person.avatar.as_ref());
        if let Some(path) = avatar.or_else(|| context.avatars.get(&message.id)) {
            w.empty(
                El::Img,
                &[
                    Attr::Class("t-avatar"),
                    Attr::Src(path),
                    Attr::Alt(""),
                    Attr::Width(40),
                    Attr::Height(40),
                    Attr::Lazy,
                ],
            );
        } else {
            let initial: String = name
                .chars()
                .find(|c| c.is_alphanumeric())
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            let class = AVATARS[usize::try_from(id.get() >> 22).unwrap_or(0) % AVATARS.len()];
            w.el_text(El::Span, &[Attr::Class(class), Attr::AriaHidden], &initial);
        }
    }
    // A message that continues a run has its name for those who hear the page.
    w.el(El::Div, &[Attr::Class("t-head")], |w| {
        let colour = author_colour(context, known, message);
        w.el_text(El::Strong, &[Attr::Coloured("t-name", colour)], name);
        let tag = match &message.author {
            Some(author) if author.system => Some(&words.official),
            Some(_) if message.is_by_webhook() => Some(&words.webhook),
            Some(author) if author.bot => Some(&words.app),
            _ => known.filter(|person| person.bot).map(|_| &words.app),
        };
        if let Some(tag) = tag {
            w.text(" ");
            w.el_text(El::Span, &[Attr::Class("t-tag")], tag);
        }
        w.text(" ");
        let style = if place.continues { TimeStyle::ShortTime } else { TimeStyle::ShortDateTime };
        permalink(w, context, message, place, style);
        if !context.redact_link.is_empty() && message.id.is_known() {
            w.text(" ");
            w.el_text(
                El::A,
                &[Attr::Class("t-do"), Attr::HrefMessage(&context.redact_link, message.id)],
                &words.redact,
            );
        }
        marks(w, context, message);
    });
}

/// What is particular about a message; of most nothing is.
fn marks(w: &mut Writer, context: &Context, message: &Message) {
    if !message.pinned && !message.tts && message.flags.is_none_or(|flags| flags == 0) {
        return;
    }
    let words = &context.labels.message;
    let followed = message.followed();
    let marks = [
        (message.pinned, &words.pinned),
        (message.is_silent(), &words.silent),
        (message.is_published(), &words.published),
        (followed == Some(false), &words.followed),
        (followed == Some(true), &words.followed_deleted),
        (message.is_urgent(), &words.urgent),
        (message.tts, &words.read_aloud),
    ];
    for (_, word) in marks.iter().filter(|(holds, _)| *holds) {
        w.text(" ");
        w.el_text(El::Span, &[Attr::Class("t-mark")], word);
    }
}

/// The grounds of letters that stand for pictures; a person's is always the same.
const AVATARS: [&str; 6] = [
    "t-avatar",
    "t-avatar t-avatar--1",
    "t-avatar t-avatar--2",
    "t-avatar t-avatar--3",
    "t-avatar t-avatar--4",
    "t-avatar t-avatar--5",
];

/// The author's colour: as known, or of the roles that the message names.
fn author_colour(context: &Context, known: Option<&Person>, message: &Message) -> Option<Colour> {
    if message.is_by_webhook() {
        return None;
    }
    known
        .and_then(|person| person.colour)
        .or_else(|| context.colour_of(message.member.as_ref().map_or(&[], |member| &member.roles)))
}

pub(super) fn permalink(
    w: &mut Writer,
    context: &Context,
    message: &Message,
    place: Place,
    style: TimeStyle,
) {
    let time = |w: &mut Writer| time_at(w, context, place.at_ms, place.at, style);
    if message.id.is_known() {
        w.el(
            El::A,
            &[Attr::Class("t-time"), Attr::HrefMessage(&context.message_link, message.id)],
            time,
        );
    } else {
        w.el(El::Span, &[Attr::Class("t-time")], time);
    }
}

pub(super) fn reply(
    w: &mut Writer,
    scope: Scope<'_>,
    known: &Known<'_>,
    message: &Message,
    to: Snowflake,
) {
    let context = scope.context;
    let words = &context.labels.message;
    let here = known.get(&to).copied();
    w.el(El::Div, &[Attr::Class("t-reply")], |w| {
        let (name, content, reachable) = if let Some(quoted) = here {
            (author_name(context, author(context, quoted), quoted), quoted.content.as_str(), true)
        } else if let Some(quote) = context.quotes.get(&to) {
            let name = context
                .people
                .get(&quote.author)
                .map_or(quote.author_name.as_str(), |person| &person.name);
            let content = if quote.deleted { "" } else { quote.content.as_str() };
            (if name.is_empty() { &*words.unknown_user } else { name }, content, quote.reachable)
        } else if let Some(quoted) = message.referenced_message.as_deref() {
            // Discord's own copy: whether the transcript holds the message is for the page behind the link to say.
            let reachable = !context.message_link.is_empty();
            (
                author_name(context, author(context, quoted), quoted),
                quoted.content.as_str(),
                reachable,
            )
        } else {
            w.el_text(El::Span, &[Attr::Class("t-muted")], &words.reply_missing);
            return;
        };
        template(w, &words.reply_to, |w, _| w.el_text(El::Strong, &[], name));
        w.text(" ");
        let line = excerpt(context, content);
        let line = if line.is_empty() { &*words.reply_media } else { &line };
        if reachable && to.is_known() {
            w.el_text(El::A, &[Attr::HrefMessage(&context.message_link, to)], line);
        } else {
            w.el_text(El::Span, &[], line);
        }
    });
}

pub(super) fn command(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    let words = &scope.context.labels.message;
    let both = [&message.interaction, &message.interaction_metadata];
    let name = both
        .iter()
        .filter_map(|one| one.as_ref())
        .map(|one| one.name.as_str())
        .find(|name| !name.is_empty());
    let user = both.iter().filter_map(|one| one.as_ref()).find_map(|one| one.user.as_ref());
    w.el(El::Div, &[Attr::Class("t-reply")], |w| {
        let form = if name.is_some() { &words.command } else { &words.command_unnamed };
        template(w, form, |w, place| match (place, user) {
            ("command", _) => {
                let name = format!("/{}", name.unwrap_or_default());
                w.el_text(El::Span, &[Attr::Class("t-mention")], &name);
            }
            (_, Some(user)) if !scope.context.people.contains_key(&user.id) => {
                w.el_text(El::Strong, &[], mentioned_name(user).unwrap_or(&words.unknown_user));
            }
            (_, user) => person(w, scope, user.map(|user| user.id).unwrap_or_default()),
        });
    });
}

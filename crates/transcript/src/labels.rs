//! Every word that a transcript shows and that nobody wrote in it. The caller fills them from its locale files.

use std::borrow::Cow;

use serde::Deserialize;

pub use crate::dates::Pattern;

/// A text, either built in or loaded.
pub type Word = Cow<'static, str>;

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}

labels! {
    /// All words. No field may be missing, so that a gap in a locale file is noticed when it is read.
    Labels {
        /// Around a message.
        message: MessageLabels,
        /// Files.
        file: FileLabels,
        /// Polls.
        poll: PollLabels,
        /// Lines of the system. `{user}` is the author, other names are said at the field.
        system: SystemLabels,
        /// The desk's own events. `{user}` is who did it.
        desk: DeskLabels,
        /// Dates and times.
        dates: DateLabels,
    }

    /// Around a message.
    MessageLabels {
        /// Tag of apps.
        app: Word,
        /// Tag of webhooks.
        webhook: Word,
        /// Tag of Discord's own messages.
        official: Word,
        /// Someone whose name is not known.
        unknown_user: Word,
        /// A role that is not known.
        unknown_role: Word,
        /// A channel that is not known.
        unknown_channel: Word,
        /// Marker of an edited message.
        edited: Word,
        /// Above the earlier versions of one; `{count}`.
        earlier_versions: Word,
        /// Marker of a deleted message; `{time}`.
        deleted: Word,
        /// As `deleted`, when it is known by whom; `{time}`, `{user}`.
        deleted_by: Word,
        /// In place of the content of a deleted message.
        deleted_content: Word,
        /// In place of a message whose words were erased at the wish of whoever wrote it.
        erased: Word,
        /// In place of a message of somebody who had the use of what is kept of them restricted.
        restricted: Word,
        /// In place of a message that was redacted.
        redacted_whole: Word,
        /// Marker of a redacted message; `{time}`, `{user}`.
        redacted: Word,
        /// As `redacted`, when only a part of it was; `{time}`, `{user}`.
        redacted_partly: Word,
        /// Link to the redaction of a message.
        redact: Word,
        /// Before a quote that is answered; `{user}`.
        reply_to: Word,
        /// In place of a quote that is not there.
        reply_missing: Word,
        /// In place of a quote without text.
        reply_media: Word,
        /// Above a forwarded message.
        forwarded: Word,
        /// Above the answer to a command; `{user}`, `{command}`.
        command: Word,
        /// As `command` when its name is not known; `{user}`.
        command_unnamed: Word,
        /// An answer still being computed.
        loading: Word,
        /// Only its receiver could see it.
        ephemeral: Word,
        /// Pinned.
        pinned: Word,
        /// Name of the list of reactions.
        reactions: Word,
        /// Name of the list of how they changed; `{count}`.
        reactions_changed: Word,
        /// A reaction came; `{user}`, `{emoji}`.
        reaction_added: Word,
        /// A reaction went; `{user}`, `{emoji}`.
        reaction_removed: Word,
        /// Everyone's reactions with an emoji were removed; `{emoji}`.
        reaction_cleared: Word,
        /// All reactions were removed.
        reactions_cleared: Word,
        /// Reactions that shine; `{count}`.
        super_reactions: Word,
        /// Sticker, before its name.
        sticker: Word,
        /// Sticker whose animation is not played here, before its name.
        sticker_moving: Word,
        /// Thread, before its name.
        thread: Word,
        /// Messages in a thread; `{count}`.
        thread_messages: Word,
        /// Above the message that a thread began with.
        thread_starter: Word,
        /// Sent without a notification.
        silent: Word,
        /// Published to the channels that follow.
        published: Word,
        /// Came from a channel that is followed.
        followed: Word,
        /// Came from a channel that is followed, where it was deleted since.
        followed_deleted: Word,
        /// Discord's urgent messages.
        urgent: Word,
        /// Read aloud.
        read_aloud: Word,
        /// Some roles could not be added to the thread.
        roles_not_added: Word,
        /// Opens embeds that were hidden; `{count}`.
        hidden_embeds: Word,
        /// Parts past what is drawn; `{count}`.
        more: Word,
        /// Parts that are not known, by their names; `{names}`.
        unknown_parts: Word,
        /// An invitation to an activity, before its name.
        activity: Word,
        /// As `activity`, to listen.
        activity_listen: Word,
        /// As `activity`, to watch.
        activity_watch: Word,
        /// As `activity`, asking to be let in.
        activity_request: Word,
        /// A look of the client that was shared; its colours follow.
        theme: Word,
        /// An app without a name.
        some_app: Word,
        /// A message that an address of Discord leads to, after its channel's name.
        message_in: Word,
        /// Name of the switch that shows hidden text.
        spoiler: Word,
        /// In place of content that Discord did not give.
        content_unavailable: Word,
        /// In place of a message without anything in it.
        empty: Word,
        /// A kind of message that is not known; `{kind}`.
        unknown_kind: Word,
        /// A component that is not known; `{kind}`.
        unknown_component: Word,
        /// Shows the raw content.
        raw: Word,
        /// An embed's picture without a copy.
        embed_image: Word,
        /// An embed's film.
        embed_video: Word,
        /// A moving picture of another site, which plays there.
        embed_moving: Word,
        /// Opens a select's choices; `{count}`.
        options: Word,
        /// Select of people.
        select_user: Word,
        /// Select of roles.
        select_role: Word,
        /// Select of people and roles.
        select_mentionable: Word,
        /// Select of channels.
        select_channel: Word,
        /// Select of texts.
        select_text: Word,
        /// Field for files.
        upload: Word,
        /// A choice that was made.
        chosen: Word,
        /// A choice that was not made.
        not_chosen: Word,
        /// A purchase button.
        premium: Word,
        /// Server navigation: `<id:customize>`.
        nav_customize: Word,
        /// Server navigation: `<id:browse>`.
        nav_browse: Word,
        /// Server navigation: `<id:guide>`.
        nav_guide: Word,
        /// Server navigation: `<id:linked-roles>`.
        nav_linked_roles: Word,
    }

    /// Files.
    FileLabels {
        /// A picture without a description; `{name}`.
        image: Word,
        /// A film; `{name}`.
        video: Word,
        /// A sound; `{name}`.
        audio: Word,
        /// A voice message; `{length}`.
        voice: Word,
        /// Saves a file; `{name}`.
        download: Word,
        /// A file without a name.
        unnamed: Word,
        /// A hidden file; `{name}`.
        spoiler: Word,
        /// A part of a stream; `{names}` of who is in it.
        clip: Word,
        /// A file past the limit.
        too_large: Word,
        /// A file that the server's plan had no room for.
        no_room: Word,
        /// A file that could not be copied.
        missing: Word,
        /// A file still being copied.
        pending: Word,
        /// A file erased since.
        erased: Word,
        /// A file whose copy does not match its checksum.
        damaged: Word,
        /// Bytes; `{count}`.
        bytes: Word,
        /// Kibibytes; `{count}`.
        kib: Word,
        /// Mebibytes; `{count}`.
        mib: Word,
        /// Between whole and tenths.
        decimal: Word,
    }

    /// Polls.
    PollLabels {
        /// The heading's prefix.
        poll: Word,
        /// One answer may be chosen.
        single: Word,
        /// Several answers may be chosen.
        multiple: Word,
        /// Votes of an answer; `{count}`, `{percent}`.
        votes: Word,
        /// Votes altogether; `{count}`.
        total: Word,
        /// It has ended.
        ended: Word,
        /// It ends at `{time}`.
        ends: Word,
        /// The answer with the most votes.
        winner: Word,
        /// Several answers have the most votes.
        draw: Word,
        /// Nobody voted.
        no_votes: Word,
        /// Votes of the winner; `{count}`, `{total}`.
        winner_votes: Word,
    }

    /// Lines of the system. `{content}` is the message's text.
    SystemLabels {
        /// `{user}`, `{target}`.
        recipient_add: Word,
        /// `{user}`, `{target}`.
        recipient_remove: Word,
        /// `{user}`.
        recipient_left: Word,
        /// `{user}`.
        call: Word,
        /// `{user}`, `{length}`.
        call_ended: Word,
        /// `{user}`, `{content}`.
        channel_name_change: Word,
        /// `{user}`.
        channel_icon_change: Word,
        /// `{user}`, `{message}`.
        pinned: Word,
        /// The message that was pinned.
        pinned_message: Word,
        /// `{user}`.
        joined: Word,
        /// `{user}`.
        boost: Word,
        /// `{user}`, `{content}` (how often).
        boost_many: Word,
        /// `{user}`, `{level}`.
        boost_tier: Word,
        /// `{user}`, `{content}`.
        follow_add: Word,
        /// Nothing.
        discovery_disqualified: Word,
        /// Nothing.
        discovery_requalified: Word,
        /// Nothing.
        discovery_first_warning: Word,
        /// Nothing.
        discovery_last_warning: Word,
        /// `{user}`, `{content}`.
        thread_created: Word,
        /// Nothing.
        invite_reminder: Word,
        /// `{user}`.
        auto_moderation: Word,
        /// The rule that `AutoMod` followed.
        auto_moderation_rule: Word,
        /// The words it looked for.
        auto_moderation_keyword: Word,
        /// What it found.
        auto_moderation_found: Word,
        /// Where it found it.
        auto_moderation_channel: Word,
        /// `{user}`, `{content}` (the tier).
        role_subscription: Word,
        /// `{user}`, `{content}` (the tier).
        role_renewal: Word,
        /// Months altogether; `{count}`.
        role_months: Word,
        /// Nothing.
        premium_upsell: Word,
        /// `{user}`, `{content}`.
        stage_start: Word,
        /// `{user}`, `{content}`.
        stage_end: Word,
        /// `{user}`.
        stage_speaker: Word,
        /// `{user}`, `{content}`.
        stage_topic: Word,
        /// `{user}`, `{content}` (the app).
        app_subscription: Word,
        /// `{user}`, `{time}`.
        incident_on: Word,
        /// `{user}`.
        incident_off: Word,
        /// `{user}`.
        raid_report: Word,
        /// `{user}`.
        raid_false_alarm: Word,
        /// `{user}`.
        purchase: Word,
        /// `{user}`, `{content}` (the product).
        purchase_product: Word,
        /// `{user}`, `{content}` (the question).
        poll_result: Word,
        /// `{user}`.
        hd_streaming: Word,
    }

    /// The desk's own events.
    DeskLabels {
        /// Tag before each.
        tag: Word,
        /// `{user}`, `{panel}`.
        opened: Word,
        /// `{user}`.
        claimed: Word,
        /// `{user}`.
        unclaimed: Word,
        /// `{user}`, `{target}`.
        added: Word,
        /// `{user}`, `{target}`.
        removed: Word,
        /// `{user}`.
        joined: Word,
        /// `{user}`.
        left: Word,
        /// `{user}`: they were there when somebody looked.
        back: Word,
        /// `{user}`: they were not there when somebody looked.
        away: Word,
        /// `{user}`, `{priority}`.
        priority: Word,
        /// The lowest `{priority}`.
        priority_low: Word,
        /// The `{priority}` that tickets begin with.
        priority_normal: Word,
        /// A `{priority}` above it.
        priority_high: Word,
        /// The highest `{priority}`.
        priority_urgent: Word,
        /// `{user}`, and the names of panels, `{from}` and `{to}`.
        moved: Word,
        /// Discord refused a move; the names of panels, `{from}` and `{to}`.
        moved_back: Word,
        /// `{user}`.
        closed: Word,
        /// `{user}`.
        reopened: Word,
        /// Above a reason.
        reason: Word,
        /// The desk itself, where nobody did it.
        system: Word,
        /// Above the answers of the form.
        answers: Word,
        /// In place of an answer left empty.
        no_answer: Word,
    }

    /// Dates and times. Patterns: `{Y}` year, `{m}` and `{mm}` month, `{mon}` month's name, `{d}` and `{dd}` day,
    /// `{wd}` weekday's name, `{H}` and `{HH}` hour, `{h}` hour of twelve, `{ap}` half of the day, `{M}` minute,
    /// `{S}` second.
    DateLabels {
        /// January to December.
        months: [Word; 12],
        /// Monday to Sunday.
        weekdays: [Word; 7],
        /// Before and after noon.
        halves: [Word; 2],
        /// `t`.
        short_time: Pattern,
        /// `T`.
        long_time: Pattern,
        /// `d`.
        short_date: Pattern,
        /// `D`.
        long_date: Pattern,
        /// `f` and no style.
        date_time: Pattern,
        /// `F`.
        long_date_time: Pattern,
        /// `s`.
        short_date_time: Pattern,
        /// `S`.
        short_date_long_time: Pattern,
        /// A time to come; `{span}`.
        in_future: Word,
        /// A time gone by; `{span}`.
        in_past: Word,
        /// This moment.
        now: Word,
        /// One second, and `{count}` of them, as they follow the two above.
        seconds: [Word; 2],
        /// One minute, and `{count}` of them.
        minutes: [Word; 2],
        /// One hour, and `{count}` of them.
        hours: [Word; 2],
        /// One day, and `{count}` of them.
        days: [Word; 2],
        /// One month, and `{count}` of them.
        months_span: [Word; 2],
        /// One year, and `{count}` of them.
        years: [Word; 2],
        /// In place of a time past what calendars reach.
        invalid: Word,
    }
}

/// A piece of a text with places: words, or the name of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Words(&'a str),
    Place(&'a str),
}

/// Cuts a text at its `{places}`.
pub(crate) fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // Byte by byte: these texts are shorter than a search takes to begin, and both marks are single bytes.
        let find = |from: usize, mark: u8| {
            rest.bytes().skip(from).position(|byte| byte == mark).map(|at| from + at)
        };
        if rest.starts_with('{')
            && let Some(close) = find(1, b'}')
        {
            let (place, after) = rest.split_at(close);
            rest = &after[1..];
            return Some(Piece::Place(&place[1..]));
        }
        let (words, after) = rest.split_at(find(1, b'{').unwrap_or(rest.len()));
        rest = after;
        Some(Piece::Words(words))
    })
}

/// Fills the places of a text with plain values.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    pieces(template)
        .map(|piece| match piece {
            Piece::Words(words) => words,
            Piece::Place(name) => {
                values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| *value)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn places_are_filled_once() {
        let values = [("a", "{b}"), ("b", "x")];
        assert_eq!(fill("über {a} und {b}", &values), "über {b} und x");
        assert_eq!(fill("{a}{a}", &values), "{b}{b}");
        assert_eq!(fill("{missing}!", &values), "!");
        assert_eq!(fill("open { brace", &values), "open { brace");
        assert_eq!(fill("ü{b}ü", &values), "üxü");
    }
}

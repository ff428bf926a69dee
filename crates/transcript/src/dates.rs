//! Times in the reader's zone and words.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::labels::{DateLabels, Piece, Word, fill, pieces};

/// Reads an ISO 8601 time as Discord writes it, into milliseconds since 1970 UTC.
pub(crate) fn parse_iso_ms(text: &str) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// How a time is shown. Source: Discord API reference, "Timestamp Styles".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeStyle {
    /// `t`: 16:20
    ShortTime,
    /// `T`: 16:20:30
    LongTime,
    /// `d`: 20/04/2021
    ShortDate,
    /// `D`: 20 April 2021
    LongDate,
    /// `f`: 20 April 2021 16:20; what stands without a style.
    #[default]
    DateTime,
    /// `F`: Tuesday, 20 April 2021 16:20
    LongDateTime,
    /// `s`: 20/04/2021, 16:20
    ShortDateTime,
    /// `S`: 20/04/2021, 16:20:30
    ShortDateLongTime,
    /// `R`: 2 months ago
    Relative,
}

impl TimeStyle {
    /// By Discord's letter.
    pub const fn from_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b't' => Self::ShortTime,
            b'T' => Self::LongTime,
            b'd' => Self::ShortDate,
            b'D' => Self::LongDate,
            b'f' => Self::DateTime,
            b'F' => Self::LongDateTime,
            b's' => Self::ShortDateTime,
            b'S' => Self::ShortDateLongTime,
            b'R' => Self::Relative,
            _ => return None,
        })
    }
}

/// A moment as a calendar and a clock of the zone show it. `None` past the years that calendars reach (±9999).
pub(crate) fn civil(ms: i64, zone: &TimeZone) -> Option<DateTime> {
    Timestamp::from_millisecond(ms).ok().map(|at| zone.to_datetime(at))
}

/// A moment for machines: RFC 3339 in UTC, whole seconds. Empty past the years that calendars reach.
pub(crate) fn iso(ms: i64) -> String {
    let Some(at) = civil(ms, &TimeZone::UTC) else { return String::new() };
    let mut out = String::with_capacity(24);
    if at.year() < 0 {
        // Source: ISO 8601, expanded representations, which have six digits.
        out.push_str("-00");
    }
    let year = at.year().abs();
    for digits in [year / 100, year % 100] {
        two(&mut out, i8::try_from(digits).unwrap_or(0));
    }
    for (mark, number) in [
        ('-', at.month()),
        ('-', at.day()),
        ('T', at.hour()),
        (':', at.minute()),
        (':', at.second()),
    ] {
        out.push(mark);
        two(&mut out, number);
    }
    out.push('Z');
    out
}

/// A moment in words. `now_ms` is what relative times count from.
pub(crate) fn show(
    ms: i64,
    style: TimeStyle,
    now_ms: i64,
    zone: &TimeZone,
    labels: &DateLabels,
) -> String {
    let Some(at) = civil(ms, zone) else { return labels.invalid.to_string() };
    show_civil(at, ms, style, now_ms, labels)
}

/// As [`show`], of a moment whose [`civil`] time is known already.
pub(crate) fn show_civil(
    at: DateTime,
    ms: i64,
    style: TimeStyle,
    now_ms: i64,
    labels: &DateLabels,
) -> String {
    let pattern = match style {
        TimeStyle::Relative => return relative(ms, now_ms, labels),
        TimeStyle::ShortTime => &labels.short_time,
        TimeStyle::LongTime => &labels.long_time,
        TimeStyle::ShortDate => &labels.short_date,
        TimeStyle::LongDate => &labels.long_date,
        TimeStyle::DateTime => &labels.date_time,
        TimeStyle::LongDateTime => &labels.long_date_time,
        TimeStyle::ShortDateTime => &labels.short_date_time,
        TimeStyle::ShortDateLongTime => &labels.short_date_long_time,
    };
    by_pattern(pattern, at, labels)
}

fn name(names: &[Word], number: i8) -> &str {
    usize::try_from(number - 1).ok().and_then(|at| names.get(at)).map_or("", |word| word.as_ref())
}

fn by_pattern(pattern: &str, at: DateTime, labels: &DateLabels) -> String {
    let mut out = String::with_capacity(40);
    for piece in pieces(pattern) {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Place(place) => part(&mut out, place, at, labels),
        }
    }
    out
}

/// A part of a date or a time, by the place's name in the locale files.
fn part(out: &mut String, place: &str, at: DateTime, labels: &DateLabels) {
    let twelve = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    match place {
        "Y" => number(out, at.year()),
        "m" => number(out, at.month().into()),
        "mm" => two(out, at.month()),
        "mon" => out.push_str(name(&labels.months, at.month())),
        "d" => number(out, at.day().into()),
        "dd" => two(out, at.day()),
        "wd" => out.push_str(name(&labels.weekdays, at.weekday().to_monday_one_offset())),
        "H" => number(out, at.hour().into()),
        "HH" => two(out, at.hour()),
        "h" => number(out, twelve.into()),
        "ap" => out.push_str(&labels.halves[usize::from(at.hour() >= 12)]),
        "M" => two(out, at.minute()),
        "S" => two(out, at.second()),
        _ => {}
    }
}

fn number(out: &mut String, number: i16) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// Two digits.
fn two(out: &mut String, number: i8) {
    let number = number.unsigned_abs();
    out.push(char::from(b'0' + number / 10 % 10));
    out.push(char::from(b'0' + number % 10));
}

/// The steps of "3 days ago": each unit holds while fewer than so many of it fit.
fn relative(ms: i64, now_ms: i64, labels: &DateLabels) -> String {
    let seconds = ms.saturating_sub(now_ms) / 1000;
    let distance = seconds.unsigned_abs();
    let (unit, count) = match distance {
        0 => return labels.now.to_string(),
        1..45 => (&labels.seconds, distance),
        45..2700 => (&labels.minutes, (distance + 30) / 60),
        2700..79_200 => (&labels.hours, (distance + 1800) / 3600),
        79_200..2_246_400 => (&labels.days, (distance + 43_200) / 86_400),
        2_246_400..29_808_000 => (&labels.months_span, (distance + 1_314_900) / 2_629_800),
        _ => (&labels.years, (distance + 15_778_800) / 31_557_600),
    };
    let count = count.max(1);
    let span = if count == 1 {
        unit[0].to_string()
    } else {
        fill(&unit[1], &[("count", &count.to_string())])
    };
    fill(if seconds > 0 { &labels.in_future } else { &labels.in_past }, &[("span", &span)])
}

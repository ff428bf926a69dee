//! Times in the reader's zone and words.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::labels::{DateLabels, Word, fill};

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

/// A moment in a zone, ready to be shown. `None` past the years that calendars reach (±9999).
pub(crate) fn zoned(ms: i64, zone: &TimeZone) -> Option<Zoned> {
    Timestamp::from_millisecond(ms).ok().map(|at| at.to_zoned(zone.clone()))
}

/// A moment for machines: RFC 3339 in UTC, whole seconds.
pub(crate) fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms.div_euclid(1000) * 1000)
        .map(|at| at.to_string())
        .unwrap_or_default()
}

/// A moment in words. `now_ms` is what relative times count from.
pub(crate) fn show(
    ms: i64,
    style: TimeStyle,
    now_ms: i64,
    zone: &TimeZone,
    labels: &DateLabels,
) -> String {
    let Some(at) = zoned(ms, zone) else { return labels.invalid.to_string() };
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
    by_pattern(pattern, &at, labels)
}

fn name(names: &[Word], number: i8) -> &str {
    usize::try_from(number - 1).ok().and_then(|at| names.get(at)).map_or("", |word| word.as_ref())
}

fn by_pattern(pattern: &str, at: &Zoned, labels: &DateLabels) -> String {
    let two = |number: i8| format!("{number:02}");
    let twelve = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    fill(
        pattern,
        &[
            ("Y", &at.year().to_string()),
            ("m", &at.month().to_string()),
            ("mm", &two(at.month())),
            ("mon", name(&labels.months, at.month())),
            ("d", &at.day().to_string()),
            ("dd", &two(at.day())),
            ("wd", name(&labels.weekdays, at.weekday().to_monday_one_offset())),
            ("H", &at.hour().to_string()),
            ("HH", &two(at.hour())),
            ("h", &twelve.to_string()),
            ("ap", &labels.halves[usize::from(at.hour() >= 12)]),
            ("M", &two(at.minute())),
            ("S", &two(at.second())),
        ],
    )
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

//! Times in the reader's zone and words.

mod iso;
mod pattern;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::labels::{DateLabels, fill};

pub(crate) use iso::{iso, parse_iso_ms};
pub use pattern::Pattern;

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

/// A moment in words. `now_ms` is what relative times count from.
pub(crate) fn show(
    ms: i64,
    style: TimeStyle,
    now_ms: i64,
    zone: &TimeZone,
    labels: &DateLabels,
) -> String {
    let Some(at) = civil(ms, zone) else { return labels.invalid.to_string() };
    let mut out = String::with_capacity(40);
    show_civil(&mut out, at, ms, style, now_ms, labels);
    out
}

/// As [`show`], of a moment whose [`civil`] time is known already.
pub(crate) fn show_civil(
    out: &mut String,
    at: DateTime,
    ms: i64,
    style: TimeStyle,
    now_ms: i64,
    labels: &DateLabels,
) {
    let pattern = match style {
        TimeStyle::Relative => return out.push_str(&relative(ms, now_ms, labels)),
        TimeStyle::ShortTime => &labels.short_time,
        TimeStyle::LongTime => &labels.long_time,
        TimeStyle::ShortDate => &labels.short_date,
        TimeStyle::LongDate => &labels.long_date,
        TimeStyle::DateTime => &labels.date_time,
        TimeStyle::LongDateTime => &labels.long_date_time,
        TimeStyle::ShortDateTime => &labels.short_date_time,
        TimeStyle::ShortDateLongTime => &labels.short_date_long_time,
    };
    pattern.write(out, at, labels);
}

/// All pairs of digits.
const PAIRS: &str = concat!(
    "00010203040506070809101112131415161718192021222324",
    "25262728293031323334353637383940414243444546474849",
    "50515253545556575859606162636465666768697071727374",
    "75767778798081828384858687888990919293949596979899",
);

/// The two digits of a number below a hundred.
fn pair(number: i16) -> &'static str {
    let at = 2 * usize::from(number.unsigned_abs() % 100);
    &PAIRS[at..at + 2]
}

/// Writes two digits.
fn two(out: &mut String, number: i16) {
    out.push_str(pair(number));
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

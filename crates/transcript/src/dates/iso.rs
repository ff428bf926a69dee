//! Times for machines.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{civil, two};

/// Reads an ISO 8601 time as Discord writes it, into milliseconds since 1970 UTC.
pub(crate) fn parse_iso_ms(text: &str) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    usual(text.as_bytes()).or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond))
}

/// Reads `2026-03-14T10:06:54.657000+00:00`, with any fraction or none: the form that Discord writes. `None` for every
/// other one, and before 1970.
fn usual(text: &[u8]) -> Option<i64> {
    let (fixed, rest) = text.split_first_chunk::<19>()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2] =
        *fixed
    else {
        return None;
    };
    let pair = |tens, ones| Some(digit(tens)? * 10 + digit(ones)?);
    let (year, month, day) = (pair(y1, y2)? * 100 + pair(y3, y4)?, pair(m1, m2)?, pair(d1, d2)?);
    let (hour, minute, second) = (pair(h1, h2)?, pair(i1, i2)?, pair(s1, s2)?);
    let fraction = rest.strip_suffix(b"+00:00")?;
    let ms = if fraction.is_empty() { 0 } else { milliseconds(fraction)? };
    let fits = year >= 1970
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        // Seconds that were put in are for the calendar's own code.
        && second < 60;
    let minutes = (days_before(year, month) + day - 1) * 1440 + hour * 60 + minute;
    fits.then_some((minutes * 60 + second) * 1000 + ms)
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

/// The milliseconds of `.657000`; what is below them is cut off.
fn milliseconds(fraction: &[u8]) -> Option<i64> {
    let digits = fraction.strip_prefix(b".").filter(|digits| (1..=9).contains(&digits.len()))?;
    let mut ms = 0;
    for (place, byte) in digits.iter().enumerate() {
        let value = digit(*byte)?;
        ms += value * [100, 10, 1].get(place).copied().unwrap_or(0);
    }
    Some(ms)
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    /// Days of a usual year before each month.
    const BEFORE: [i64; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    /// Leap days from year 1 to 1969.
    const EARLIER: i64 = 477;
    let past = year - 1;
    let leap_days = past / 4 - past / 100 + past / 400 - EARLIER;
    let this_one = i64::from(is_leap(year) && month > 2);
    let months = usize::try_from(month).ok().and_then(|month| BEFORE.get(month)).unwrap_or(&0);
    (year - 1970) * 365 + leap_days + months + this_one
}

/// Writes a moment for machines: RFC 3339 in UTC, whole seconds. Nothing past the years that calendars reach.
pub(crate) fn iso(out: &mut String, ms: i64) {
    let Some(at) = civil(ms, &TimeZone::UTC) else { return };
    if at.year() < 0 {
        // Source: ISO 8601, expanded representations, which have six digits.
        out.push_str("-00");
    }
    let year = at.year().abs();
    two(out, year / 100);
    two(out, year % 100);
    for (mark, number) in [
        ('-', at.month()),
        ('-', at.day()),
        ('T', at.hour()),
        (':', at.minute()),
        (':', at.second()),
    ] {
        out.push(mark);
        two(out, number.into());
    }
    out.push('Z');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_calendar(text: &str) -> Option<i64> {
        text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
    }

    fn written(ms: i64) -> String {
        let mut out = String::new();
        iso(&mut out, ms);
        out
    }

    #[test]
    fn discords_times_are_read_quickly() {
        for text in [
            "2026-03-14T10:06:54.657000+00:00",
            "1970-01-01T00:00:00+00:00",
            "2000-02-29T23:59:59.9+00:00",
            "9999-12-30T22:00:00.999999999+00:00",
        ] {
            assert!(usual(text.as_bytes()).is_some(), "{text}");
            assert_eq!(usual(text.as_bytes()), by_calendar(text), "{text}");
        }
        for odd in [
            "1969-12-31T23:59:59.999+00:00",
            "2026-02-29T00:00:00+00:00",
            "2026-04-31T00:00:00+00:00",
            "2016-12-31T23:59:60+00:00",
            "2026-03-14T10:06:54.+00:00",
            "2026-03-14T10:06:54.0000000001+00:00",
            "2026-03-14T10:06:54+02:00",
            "2026-03-14T10:06:54Z",
            "2026-03-14",
        ] {
            assert_eq!(usual(odd.as_bytes()), None, "{odd}");
        }
    }

    #[test]
    fn machines_are_told_whole_seconds() {
        assert_eq!(written(1_773_482_814_657), "2026-03-14T10:06:54Z");
        assert_eq!(written(i64::MAX), "");
    }

    proptest! {
        #[test]
        fn quick_reading_is_as_the_calendars(
            (year, month, day) in (0_u16..=9999, 0_u8..14, 0_u8..33),
            (hour, minute, second) in (0_u8..26, 0_u8..62, 0_u8..62),
            rest in "(\\.[0-9]{0,10})?(\\+00:00|\\+01:00|Z)",
        ) {
            let text =
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{rest}");
            if let Some(ms) = usual(text.as_bytes()) {
                prop_assert_eq!(Some(ms), by_calendar(&text), "{}", text);
            }
            prop_assert_eq!(parse_iso_ms(&text), by_calendar(&text), "{}", text);
        }

        #[test]
        fn all_that_is_written_is_read(seconds in -60_000_000_000_i64..250_000_000_000) {
            prop_assert_eq!(by_calendar(&written(seconds * 1000)), Some(seconds * 1000));
        }
    }
}

//! Billing periods: seconds UTC, whole months and years from an anchor.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
/// Seconds of an hour.
pub(crate) const HOUR: i64 = 3_600;

/// More periods than any subscription has.
const MOST_PERIODS: i64 = 100_000;

/// How often a price is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interval {
    Month,
    Year,
}

impl Interval {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn months(self) -> i64 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }

    /// The first end of a period after `after`, of periods counted from `anchor`: the same day of the month,
    /// or the month's last where it has no such day.
    pub(crate) fn end_after(self, anchor: i64, after: i64) -> i64 {
        (1..=MOST_PERIODS)
            .map(|count| plus_months(anchor, self.months() * count))
            .find(|end| *end > after)
            .unwrap_or(i64::MAX)
    }
}

fn zoned(seconds: i64) -> Zoned {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC)
}

/// The same day of the month so many months later, or that month's last.
pub(crate) fn plus_months(seconds: i64, months: i64) -> i64 {
    let span = Span::new().try_months(months);
    let moved = span.and_then(|span| zoned(seconds).checked_add(span));
    // Past the end of the calendar nothing is due any more.
    moved.map_or(i64::MAX, |at| at.timestamp().as_second())
}

/// Year and month of a moment.
pub(crate) fn year_month(seconds: i64) -> (i64, u32) {
    let at = zoned(seconds);
    (i64::from(at.year()), u32::from(at.month().unsigned_abs()))
}

/// A day in words of numbers, `2026-11-21`.
pub(crate) fn day(seconds: i64) -> String {
    zoned(seconds).strftime("%Y-%m-%d").to_string()
}

/// A day and minute, `2026-11-21 23:40`.
pub(crate) fn minute(seconds: i64) -> String {
    zoned(seconds).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().map_or(0, Timestamp::as_second)
    }

    #[test]
    fn periods_keep_the_day_of_their_anchor() {
        let anchor = at("2027-01-31T10:00:00Z");
        let mut ends = Vec::new();
        let mut end = anchor;
        for _ in 0..3 {
            end = Interval::Month.end_after(anchor, end);
            ends.push(day(end));
        }
        assert_eq!(ends, ["2027-02-28", "2027-03-31", "2027-04-30"]);
        let leap = at("2028-02-29T00:00:00Z");
        assert_eq!(day(Interval::Year.end_after(leap, leap)), "2029-02-28");
        assert_eq!(day(Interval::Year.end_after(leap, at("2031-03-01T00:00:00Z"))), "2032-02-29");
    }
}

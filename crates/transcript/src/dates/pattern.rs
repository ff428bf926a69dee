//! Dates and times by a pattern of the locale files, cut into its parts once.

use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer};

use super::{pair, two};
use crate::labels::{DateLabels, Piece, Word, pieces};

/// How a date or a time is written, such as `{d} {mon} {Y} {HH}:{M}`.
#[derive(Debug, Clone)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Words(Box<str>),
    /// Words of one letter, which need no copying of texts.
    Mark(char),
    Year,
    Month,
    MonthTwo,
    MonthName,
    Day,
    DayTwo,
    Weekday,
    Hour,
    HourTwo,
    HourOfTwelve,
    Half,
    Minute,
    Second,
}

impl Part {
    /// By the place's name in the locale files.
    fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "Y" => Self::Year,
            "m" => Self::Month,
            "mm" => Self::MonthTwo,
            "mon" => Self::MonthName,
            "d" => Self::Day,
            "dd" => Self::DayTwo,
            "wd" => Self::Weekday,
            "H" => Self::Hour,
            "HH" => Self::HourTwo,
            "h" => Self::HourOfTwelve,
            "ap" => Self::Half,
            "M" => Self::Minute,
            "S" => Self::Second,
            _ => return None,
        })
    }
}

impl Pattern {
    /// Cuts a pattern. A place that is not known stays empty.
    fn cut(pattern: &str) -> Self {
        let part = |piece| match piece {
            Piece::Words(words) => Some(match (words.len(), words.chars().next()) {
                (1, Some(mark)) => Part::Mark(mark),
                _ => Part::Words(words.into()),
            }),
            Piece::Place(name) => Part::by_name(name),
        };
        Self(pieces(pattern).filter_map(part).collect())
    }

    /// Writes a moment.
    pub(super) fn write(&self, out: &mut String, at: DateTime, labels: &DateLabels) {
        for part in &self.0 {
            match part {
                Part::Words(words) => out.push_str(words),
                Part::Mark(mark) => out.push(*mark),
                Part::Year => number(out, at.year()),
                Part::Month => number(out, at.month().into()),
                Part::MonthTwo => two(out, at.month().into()),
                Part::MonthName => out.push_str(name(&labels.months, at.month())),
                Part::Day => number(out, at.day().into()),
                Part::DayTwo => two(out, at.day().into()),
                Part::Weekday => {
                    out.push_str(name(&labels.weekdays, at.weekday().to_monday_one_offset()));
                }
                Part::Hour => number(out, at.hour().into()),
                Part::HourTwo => two(out, at.hour().into()),
                Part::HourOfTwelve => number(out, i16::from((at.hour() + 11) % 12) + 1),
                Part::Half => out.push_str(&labels.halves[usize::from(at.hour() >= 12)]),
                Part::Minute => two(out, at.minute().into()),
                Part::Second => two(out, at.second().into()),
            }
        }
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Word::deserialize(deserializer).map(|pattern| Self::cut(&pattern))
    }
}

fn name(names: &[Word], number: i8) -> &str {
    usize::try_from(number - 1).ok().and_then(|at| names.get(at)).map_or("", |word| word.as_ref())
}

fn number(out: &mut String, number: i16) {
    match number {
        0..10 => out.push_str(&pair(number)[1..]),
        10..100 => two(out, number),
        1000..10_000 => {
            two(out, number / 100);
            two(out, number % 100);
        }
        _ => out.push_str(itoa::Buffer::new().format(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_by_formats() {
        for value in i16::MIN..=i16::MAX {
            let mut out = String::new();
            number(&mut out, value);
            assert_eq!(out, value.to_string());
        }
    }
}

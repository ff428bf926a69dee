//! Rules about share links: for how long, for whom, how many.

use crate::ids::UserId;
use crate::time::Millis;
use crate::validation::{FieldError, Problem};

/// People that one link may name.
pub const SHARE_PEOPLE_LIMIT: u32 = 20;
/// Links of one transcript that lead there at once.
pub const SHARES_LIMIT: u32 = 20;
/// Bytes of a list of people as it is typed, at most.
const PEOPLE_BYTES: usize = 2000;

/// How long a link leads to its transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShareTime {
    /// For 1 day.
    Day,
    /// For 7 days.
    #[default]
    Week,
    /// For 30 days.
    Month,
}

impl ShareTime {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// Its word in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "1",
            Self::Week => "7",
            Self::Month => "30",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// How many days.
    pub const fn days(self) -> u32 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }

    /// When a link ends that is made now.
    pub fn end(self, now: Millis) -> Millis {
        now.plus_seconds(i64::from(self.days()) * 86_400)
    }
}

/// Reads a list of accounts: ids or mentions (`<@1>`), with white space or commas between them. Sorted, without
/// duplicates.
pub fn read_people(text: &str) -> Result<Vec<UserId>, Problem> {
    if text.len() > PEOPLE_BYTES {
        return Err(Problem::Malformed);
    }
    let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let id = |word: &str| {
        let inside = word.strip_prefix("<@").and_then(|rest| rest.strip_suffix('>'));
        let digits = inside.map_or(word, |inside| inside.strip_prefix('!').unwrap_or(inside));
        digits.parse::<UserId>().map_err(|_| Problem::Malformed)
    };
    let mut people = words.map(id).collect::<Result<Vec<_>, _>>()?;
    people.sort_unstable();
    people.dedup();
    let count = u32::try_from(people.len()).unwrap_or(u32::MAX);
    if count > SHARE_PEOPLE_LIMIT {
        return Err(Problem::TooMany { limit: SHARE_PEOPLE_LIMIT, count });
    }
    Ok(people)
}

/// What a form of a new link says: for whom (`None`: whoever has it), and for how long.
pub fn read_share(
    named: bool,
    people: &str,
    time: &str,
) -> Result<(Option<Vec<UserId>>, ShareTime), Vec<FieldError>> {
    let mut errors = Vec::new();
    let time = ShareTime::parse(time);
    if time.is_none() {
        errors.push(FieldError::new("time", Problem::Required));
    }
    let people = match named.then(|| read_people(people)) {
        None => None,
        Some(Ok(people)) if people.is_empty() => {
            errors.push(FieldError::new("people", Problem::Required));
            None
        }
        Some(Ok(people)) => Some(people),
        Some(Err(problem)) => {
            errors.push(FieldError::new("people", problem));
            None
        }
    };
    match time {
        Some(time) if errors.is_empty() => Ok((people, time)),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[i64]) -> Vec<UserId> {
        ids.iter().map(|id| UserId::new(*id).unwrap()).collect()
    }

    #[test]
    fn people_are_ids_or_mentions() {
        assert_eq!(read_people(" 8, 7\n<@9> <@!7>").unwrap(), ids(&[7, 8, 9]));
        assert_eq!(read_people("").unwrap(), []);
        for bad in ["mia", "@7", "<@7", "7;8", "<#7>", "0", "-7"] {
            assert_eq!(read_people(bad), Err(Problem::Malformed), "{bad}");
        }
        let many: Vec<String> = (1..=21).map(|id| id.to_string()).collect();
        assert_eq!(read_people(&many.join(" ")), Err(Problem::TooMany { limit: 20, count: 21 }));
    }

    #[test]
    fn a_link_has_an_end_and_perhaps_names() {
        assert_eq!(read_share(false, "mia", "7").unwrap(), (None, ShareTime::Week));
        assert_eq!(read_share(true, "7", "1").unwrap(), (Some(ids(&[7])), ShareTime::Day));
        let fields = |named, people, time| {
            let errors = read_share(named, people, time).unwrap_err();
            errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        assert_eq!(fields(true, "", "2"), ["time", "people"]);
        assert_eq!(fields(false, "", "for_ever"), ["time"]);
        assert_eq!(ShareTime::Month.end(Millis(5)), Millis(5 + 30 * 86_400_000));
    }
}

//! Which part of a transcript an address asks for, and the addresses of other parts.

use domain::ids::{MessageId, UserId};
use domain::time::Millis;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::form_urlencoded::Serializer;
use wardesk_core::transcripts::{Start, Wanted};

use crate::pages::query::query;

/// Messages of a page, unless the address says another number.
const SIZE: u16 = 100;
/// Messages of a page, at most.
const MOST: u16 = 200;
/// The name of the zone that needs no data.
pub const UTC: &str = "UTC";

/// What an address asks for. Everything that is not understood is as if it were not there.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The page's address without its query.
    pub path: String,
    /// Where.
    pub start: Start,
    /// Messages of one person alone.
    pub by: Option<UserId>,
    /// The day that was asked for.
    pub date: Option<Date>,
    /// The zone of all times, an IANA name.
    pub zone: String,
    /// The zone that was asked for in place of the server's.
    chosen_zone: Option<String>,
    size: Option<u16>,
}

impl Reading {
    /// What the address of this request asks for. Times are those of `server_zone` unless it names another.
    pub fn asked(path: String, server_zone: &str) -> Self {
        let chosen_zone = query("zone").filter(|zone| zone.len() <= 64).and_then(|zone| {
            if zone.eq_ignore_ascii_case(UTC) {
                return Some(UTC.to_owned());
            }
            TimeZone::get(&zone).is_ok().then_some(zone)
        });
        let zone = chosen_zone.clone().unwrap_or_else(|| server_zone.to_owned());
        let date: Option<Date> = query("date").and_then(|date| date.parse().ok());
        let message = |name| query(name).and_then(|id| id.parse::<MessageId>().ok());
        let day = date.and_then(|date| {
            let begins = date.to_zoned(TimeZone::get(&zone).unwrap_or(TimeZone::UTC)).ok()?;
            Some(Start::Time(Millis(begins.timestamp().as_millisecond())))
        });
        let start = (query("go").as_deref() == Some("last"))
            .then_some(Start::Last)
            .or(day)
            .or_else(|| message("at").map(Start::At))
            .or_else(|| message("from").map(Start::From))
            .or_else(|| message("before").map(Start::Before))
            .unwrap_or_default();
        Self {
            path,
            start,
            by: query("by").and_then(|id| id.parse().ok()),
            date,
            zone,
            chosen_zone,
            size: query("size").and_then(|n| n.parse().ok()).map(|n: u16| n.clamp(1, MOST)),
        }
    }

    /// The window that is asked for.
    pub fn wanted(&self) -> Wanted {
        Wanted { start: self.start, by: self.by, limit: self.size.unwrap_or(SIZE) }
    }

    /// The zone that was asked for in place of the server's.
    pub fn chosen_zone(&self) -> Option<&str> {
        self.chosen_zone.as_deref()
    }

    /// What the address says beside the place, which all ways from here keep.
    pub fn kept(&self, by: Option<UserId>) -> Vec<(&'static str, String)> {
        let by = by.map(|user| ("by", user.to_string()));
        let zone = self.chosen_zone.clone().map(|zone| ("zone", zone));
        let size = self.size.map(|size| ("size", size.to_string()));
        [by, zone, size].into_iter().flatten().collect()
    }

    fn to(&self, by: Option<UserId>, place: Option<(&str, &str)>) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.kept(by));
        query.extend_pairs(place);
        match query.finish() {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// The beginning, of the same person's messages.
    pub fn first(&self) -> String {
        self.to(self.by, None)
    }

    /// The end, of the same person's messages.
    pub fn last(&self) -> String {
        format!("{}#end", self.to(self.by, Some(("go", "last"))))
    }

    /// From a message on.
    pub fn from(&self, message: MessageId) -> String {
        self.to(self.by, Some(("from", &message.to_string())))
    }

    /// What comes before a message.
    pub fn before(&self, message: MessageId) -> String {
        self.to(self.by, Some(("before", &message.to_string())))
    }

    /// A message among everybody's.
    pub fn at(&self, message: MessageId) -> String {
        format!("{}#m-{message}", self.to(None, Some(("at", &message.to_string()))))
    }

    /// The same place with everybody's messages.
    pub fn of_everybody(&self, first: Option<MessageId>) -> String {
        let first = first.map(|message| message.to_string());
        self.to(None, first.as_deref().map(|message| ("at", message)))
    }

    /// What stands before a message's id in the links of messages.
    pub fn message_link(&self) -> String {
        self.to(None, Some(("at", "")))
    }
}

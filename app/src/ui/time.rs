use domain::locale::Locale;
use domain::time::Millis;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use maud::{Markup, html};

use crate::context::words;
use crate::ui::written;

/// A moment in words of the reader's language and in `zone`, an IANA name; UTC if it is not known.
/// English `21 Nov 2026, 09:05`, German `21.11.2026, 09:05`; UTC is named.
pub fn format_time(at: Millis, zone: &str, locale: Locale) -> String {
    let Ok(timestamp) = Timestamp::from_millisecond(at.0) else {
        return String::new();
    };
    let known = TimeZone::get(zone).ok().filter(|_| zone != "UTC");
    let suffix = if known.is_some() { "" } else { " UTC" };
    let zoned = timestamp.to_zoned(known.unwrap_or(TimeZone::UTC));
    let pattern = match locale {
        Locale::En => "%-d %b %Y, %H:%M",
        Locale::De => "%d.%m.%Y, %H:%M",
    };
    format!("{}{suffix}", zoned.strftime(pattern))
}

/// A [`Time`], written.
pub fn time(at: Millis, zone: &str, locale: Locale) -> Markup {
    let exact = Timestamp::from_millisecond(at.0).map(|t| t.to_string()).unwrap_or_default();
    html! { time datetime=(exact) { (format_time(at, zone, locale)) } }
}

/// A moment. The exact one is in `datetime`.
#[component]
pub fn Time(
    /// When.
    at: Millis,
    /// The IANA time zone to show it in.
    #[prop(default = "UTC".to_owned(), into)]
    zone: String,
) -> impl IntoView {
    written(time(at, &zone, words().locale()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_follow_language_and_zone() {
        let at = Millis(1_795_251_900_000);
        assert_eq!(format_time(at, "UTC", Locale::En), "21 Nov 2026, 09:05 UTC");
        assert_eq!(format_time(at, "Mars/Olympus", Locale::De), "21.11.2026, 09:05 UTC");
    }
}

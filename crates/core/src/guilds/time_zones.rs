//! The time zones that settings offer.

use std::sync::LazyLock;

/// The areas of the IANA database whose zones are places. The rest are old names, fixed offsets and
/// abbreviations: settings take them, but offering them helps nobody.
const AREAS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

static ZONES: LazyLock<Vec<String>> = LazyLock::new(|| {
    // The database that a saved zone is looked up in: what is offered is taken.
    let mut zones: Vec<_> = jiff::tz::db()
        .available()
        .map(|zone| zone.to_string())
        .filter(|zone| zone.split_once('/').is_some_and(|(area, _)| AREAS.contains(&area)))
        .collect();
    zones.sort_unstable();
    zones.insert(0, "UTC".to_owned());
    zones
});

/// IANA names of time zones: UTC first, then by area and place.
pub fn time_zones() -> &'static [String] {
    &ZONES
}

#[cfg(test)]
mod tests {
    use super::time_zones;

    #[test]
    fn places_of_the_world_are_offered_and_all_of_them_are_known() {
        let zones = time_zones();
        assert_eq!(zones.first().map(String::as_str), Some("UTC"));
        for place in ["Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kolkata", "Pacific/Apia"]
        {
            assert!(zones.iter().any(|zone| zone == place), "{place}");
        }
        assert!(!zones.iter().any(|zone| zone.starts_with("Etc/") || zone == "EST5EDT"));
        for zone in zones {
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
        }
    }
}

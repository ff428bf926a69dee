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

/// Old names of places, each of which is offered under its present one. Source: IANA time zone database 2025b, names that
/// `zone.tab` does not have.
const OLD: [&str; 71] = [
    "Africa/Asmera",
    "Africa/Timbuktu",
    "America/Argentina/ComodRivadavia",
    "America/Atka",
    "America/Buenos_Aires",
    "America/Catamarca",
    "America/Coral_Harbour",
    "America/Cordoba",
    "America/Ensenada",
    "America/Fort_Wayne",
    "America/Godthab",
    "America/Indianapolis",
    "America/Jujuy",
    "America/Knox_IN",
    "America/Louisville",
    "America/Mendoza",
    "America/Montreal",
    "America/Nipigon",
    "America/Pangnirtung",
    "America/Porto_Acre",
    "America/Rainy_River",
    "America/Rosario",
    "America/Santa_Isabel",
    "America/Shiprock",
    "America/Thunder_Bay",
    "America/Virgin",
    "America/Yellowknife",
    "Antarctica/South_Pole",
    "Asia/Ashkhabad",
    "Asia/Calcutta",
    "Asia/Choibalsan",
    "Asia/Chongqing",
    "Asia/Chungking",
    "Asia/Dacca",
    "Asia/Harbin",
    "Asia/Istanbul",
    "Asia/Kashgar",
    "Asia/Katmandu",
    "Asia/Macao",
    "Asia/Rangoon",
    "Asia/Saigon",
    "Asia/Tel_Aviv",
    "Asia/Thimbu",
    "Asia/Ujung_Pandang",
    "Asia/Ulan_Bator",
    "Atlantic/Faeroe",
    "Atlantic/Jan_Mayen",
    "Australia/ACT",
    "Australia/Canberra",
    "Australia/Currie",
    "Australia/LHI",
    "Australia/NSW",
    "Australia/North",
    "Australia/Queensland",
    "Australia/South",
    "Australia/Tasmania",
    "Australia/Victoria",
    "Australia/West",
    "Australia/Yancowinna",
    "Europe/Belfast",
    "Europe/Kiev",
    "Europe/Nicosia",
    "Europe/Tiraspol",
    "Europe/Uzhgorod",
    "Europe/Zaporozhye",
    "Pacific/Enderbury",
    "Pacific/Johnston",
    "Pacific/Ponape",
    "Pacific/Samoa",
    "Pacific/Truk",
    "Pacific/Yap",
];

static ZONES: LazyLock<Vec<String>> = LazyLock::new(|| {
    // The database that a saved zone is looked up in: what is offered is taken.
    let mut zones: Vec<_> = jiff::tz::db()
        .available()
        .map(|zone| zone.to_string())
        .filter(|zone| zone.split_once('/').is_some_and(|(area, _)| AREAS.contains(&area)))
        .filter(|zone| !OLD.contains(&zone.as_str()))
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
        for old in ["Etc/UTC", "EST5EDT", "Europe/Kiev", "Australia/NSW"] {
            assert!(!zones.iter().any(|zone| zone == old), "{old}");
        }
        for zone in zones {
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
        }
    }
}

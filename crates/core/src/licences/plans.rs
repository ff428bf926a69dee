//! The plans' file is read, and every mistake in it named.

use std::collections::BTreeMap;

use domain::licences::{Interval, Limits, Plan, PlanKey, Plans};
use toml::{Table, Value};

/// The plans that the program comes with.
pub const SHIPPED: &str = include_str!("../../../../plans.toml");

/// Reads a plans' file. Answers every mistake, each with its place.
pub fn read_plans(text: &str) -> Result<Plans, Vec<String>> {
    let mut file: Table = match text.parse() {
        Ok(file) => file,
        Err(error) => return Err(vec![one_line(&error)]),
    };
    let mut problems = Vec::new();
    let default = match file.remove("default") {
        None => Err("default: is missing".to_owned()),
        Some(Value::String(word)) => {
            word.parse::<PlanKey>().map_err(|_| format!("default: {word:?} is no word of a plan"))
        }
        Some(_) => Err("default: takes the word of a plan".to_owned()),
    };
    let default = default.map_err(|problem| problems.push(problem)).ok();
    let mut plans = Vec::new();
    match file.remove("plans") {
        Some(Value::Table(tables)) => {
            for (word, value) in tables {
                plans.extend(plan(&word, value, &mut problems));
            }
        }
        Some(_) => problems.push("plans: takes one table for each plan".to_owned()),
        None => problems.push("plans: is missing".to_owned()),
    }
    problems.extend(file.keys().map(|key| format!("{key}: is not known")));
    match default {
        Some(default) if problems.is_empty() => Plans::new(&default, plans)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect()),
        _ => Err(problems),
    }
}

/// Where the file stops being TOML. Its own message shows lines of the file, and takes several.
fn one_line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or("is not TOML").to_owned()
}

/// One table, whose keys are taken out one by one: what is left is not known.
struct Fields<'a> {
    place: String,
    table: Table,
    problems: &'a mut Vec<String>,
}

impl Fields<'_> {
    fn problem(&mut self, key: &str, text: &str) {
        self.problems.push(format!("{}.{key}: {text}", self.place));
    }

    fn number<T: TryFrom<i64>>(&mut self, key: &str) -> Option<T> {
        let value = self.table.remove(key)?;
        let number = value.as_integer().and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.problem(key, "takes a whole number that is not negative");
        }
        number
    }

    fn needed<T: TryFrom<i64>>(&mut self, key: &str) -> Option<T> {
        if !self.table.contains_key(key) {
            self.problem(key, "is missing");
        }
        self.number(key)
    }

    fn prices(&mut self) -> BTreeMap<Interval, String> {
        let mut prices = BTreeMap::new();
        match self.table.remove("prices") {
            None => {}
            Some(Value::Table(table)) => {
                for (word, value) in table {
                    let key = format!("prices.{word}");
                    match (Interval::parse(&word), value) {
                        (Some(interval), Value::String(lookup_key)) => {
                            prices.insert(interval, lookup_key);
                        }
                        (Some(_), _) => self.problem(&key, "takes a lookup key"),
                        (None, _) => self.problem(&key, "is not known: there are month and year"),
                    }
                }
            }
            Some(_) => self.problem("prices", "takes { month = \"…\", year = \"…\" }"),
        }
        prices
    }
}

fn plan(word: &str, value: Value, problems: &mut Vec<String>) -> Option<Plan> {
    let place = format!("plans.{word}");
    let Ok(key) = word.parse::<PlanKey>() else {
        problems.push(format!("{place}: the word has to be of a to z, 0 to 9, _ and -"));
        return None;
    };
    let Value::Table(table) = value else {
        problems.push(format!("{place}: takes a table"));
        return None;
    };
    let before = problems.len();
    let mut fields = Fields { place, table, problems };
    let name = match fields.table.remove("name") {
        None => word.to_owned(),
        Some(Value::String(name)) => name,
        Some(_) => {
            fields.problem("name", "takes a text");
            String::new()
        }
    };
    let granted = match fields.table.remove("granted") {
        None => false,
        Some(Value::Boolean(granted)) => granted,
        Some(_) => {
            fields.problem("granted", "takes true or false");
            false
        }
    };
    let (rank, seats) = (fields.needed("rank"), fields.needed("seats"));
    let (panels, keep_days) = (fields.needed("panels"), fields.number("keep_days"));
    let storage: Option<u64> = fields.needed("storage_mib");
    let (prices, trial_days) = (fields.prices(), fields.number("trial_days"));
    let unknown: Vec<String> = fields.table.keys().cloned().collect();
    for key in unknown {
        fields.problem(&key, "is not known");
    }
    if problems.len() > before {
        return None;
    }
    let storage = storage?.saturating_mul(1 << 20);
    let limits = Limits { panels: panels?, keep_days, storage };
    Some(Plan { key, rank: rank?, name, limits, seats: seats?, prices, trial_days, granted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_plans_are_good() {
        let plans = read_plans(SHIPPED).unwrap();
        let words: Vec<&str> = plans.all().iter().map(|plan| plan.key.as_str()).collect();
        assert_eq!(words, ["free", "plus", "community", "pro"]);
        let free = plans.default_plan();
        assert_eq!(free.key.as_str(), "free");
        let gib = 1_u64 << 30;
        assert_eq!(free.limits, Limits { panels: 5, keep_days: Some(365), storage: 2 * gib });
        let of = |word: &str| plans.get(&word.parse().unwrap()).unwrap();
        let (plus, pro) = (of("plus"), of("pro"));
        assert_eq!(plus.limits, Limits { panels: 15, keep_days: None, storage: 10 * gib });
        assert_eq!(pro.limits, Limits { panels: 50, keep_days: None, storage: 50 * gib });
        assert_eq!((plus.seats, pro.seats), (1, 3));
        assert_eq!(pro.prices[&Interval::Year], "wardesk_pro_year");
        assert_eq!(of("community").limits, pro.limits);
        assert!(of("community").granted && of("community").prices.is_empty());
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let text = r#"
            defualt = "free"
            [plans.free]
            rank = -1
            panels = "five"
            storage_mib = 1
            seets = 2
            [plans.Big]
            [plans.plus]
            rank = 1
            panels = 1
            storage_mib = 1
            seats = 1
            granted = "no"
            name = 7
            prices = { weekly = "w", month = 3 }
        "#;
        assert_eq!(
            read_plans(text).unwrap_err(),
            [
                "default: is missing",
                "plans.Big: the word has to be of a to z, 0 to 9, _ and -",
                "plans.free.rank: takes a whole number that is not negative",
                "plans.free.seats: is missing",
                "plans.free.panels: takes a whole number that is not negative",
                "plans.free.seets: is not known",
                "plans.plus.name: takes a text",
                "plans.plus.granted: takes true or false",
                "plans.plus.prices.month: takes a lookup key",
                "plans.plus.prices.weekly: is not known: there are month and year",
                "defualt: is not known",
            ]
        );
        let text =
            "default = \"gold\"\n[plans.free]\nrank = 0\npanels = 51\nstorage_mib = 1\nseats = 1";
        assert_eq!(
            read_plans(text).unwrap_err(),
            ["default: there is no plan \"gold\"", "plans.free.panels: takes 1 to 50"]
        );
        assert_eq!(read_plans("default = ").unwrap_err().len(), 1);
    }
}

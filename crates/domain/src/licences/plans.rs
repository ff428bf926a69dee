//! Plans: what a server may use, and under which names its prices are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::InvalidId;
use crate::time::Millis;
use crate::transcripts::Retention;

/// Panels that any plan allows at most: a server has to be able to show them on one page.
pub const MAX_PANELS: u32 = 50;
/// Seats that a licence has at most.
pub const MAX_SEATS: u32 = 100;
/// Days that a plan may say transcripts are kept at most: about a hundred years.
pub const MAX_KEEP_DAYS: u32 = 36_500;
/// Days of a trial at most. Source: Stripe API reference, `trial_period_days`.
pub const MAX_TRIAL_DAYS: u32 = 730;
/// Bytes of storage that a plan allows at most: 1 PiB.
pub const MAX_STORAGE: u64 = 1 << 50;
/// Characters of a plan's name or of a lookup key at most. Source of the latter: Stripe API reference, "Prices".
pub const MAX_NAME: usize = 200;

/// The word of a plan, such as `free`: a lower-case letter, then up to 31 of `a-z0-9_-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanKey(String);

impl PlanKey {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlanKey {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let rest = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if first && text.len() <= 32 && text.bytes().all(rest) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId)
        }
    }
}

impl TryFrom<String> for PlanKey {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<PlanKey> for String {
    fn from(key: PlanKey) -> Self {
        key.0
    }
}

impl fmt::Display for PlanKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How often a subscription is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Each month.
    Month,
    /// Each year.
    Year,
}

impl Interval {
    /// Both, the shorter one first.
    pub const ALL: [Self; 2] = [Self::Month, Self::Year];

    /// Its word in files, forms and at Stripe.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What a plan allows a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Panels that work, from 1 to [`MAX_PANELS`].
    pub panels: u32,
    /// Days that a transcript is kept at most; `None`: as long as the server wants.
    pub keep_days: Option<u32>,
    /// Bytes that copies of files may take.
    pub storage: u64,
}

impl Limits {
    /// Whether a server wants transcripts to be kept longer than this.
    pub fn cuts(&self, wanted: Retention) -> bool {
        self.keep_days.is_some_and(|most| wanted.days().is_none_or(|days| days > i64::from(most)))
    }

    /// Until when a transcript is kept at most whose ticket ended at a time; `None`: there is no such time.
    pub fn keep_until(&self, ended: Millis) -> Option<Millis> {
        self.keep_days.map(|days| ended.plus_seconds(i64::from(days) * 86_400))
    }
}

/// One plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its word.
    pub key: PlanKey,
    /// Of several that count for a server, the plan with the highest rank does.
    pub rank: u32,
    /// The name that people see.
    pub name: String,
    /// What it allows.
    pub limits: Limits,
    /// Servers that one licence serves.
    pub seats: u32,
    /// The payment provider's lookup keys; empty for a plan that is not sold.
    pub prices: BTreeMap<Interval, String>,
    /// Days before the first payment, once for each server; `None`: no trial.
    pub trial_days: Option<u32>,
    /// Whether operators grant it and nobody can buy it.
    pub granted: bool,
}

/// What is wrong with a set of plans.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlansProblem {
    /// There is no plan of that word.
    #[error("default: there is no plan \"{0}\"")]
    UnknownDefault(PlanKey),
    /// Two plans have one word.
    #[error("plans.{0}: given twice")]
    Twice(PlanKey),
    /// A number or a text outside its bounds.
    #[error("plans.{plan}.{field}: takes {takes}")]
    Bounds {
        /// Where.
        plan: PlanKey,
        /// The line.
        field: &'static str,
        /// What may stand there.
        takes: &'static str,
    },
    /// A granted plan has prices.
    #[error("plans.{0}.prices: a granted plan is not sold")]
    GrantedAndSold(PlanKey),
    /// A trial of what is not sold.
    #[error("plans.{0}.trial_days: only a plan with prices has a trial")]
    TrialWithoutPrice(PlanKey),
    /// Two prices have one lookup key.
    #[error("plans.{plan}.prices: the lookup key {lookup_key:?} stands twice")]
    PriceTwice {
        /// Where the second one is.
        plan: PlanKey,
        /// The lookup key.
        lookup_key: String,
    },
}

/// All plans of a service. Never empty: the default plan is one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plans {
    default: usize,
    all: Vec<Plan>,
}

impl Plans {
    /// Checks the plans and puts them in order of rank, then of word. Answers every mistake.
    pub fn new(default: &PlanKey, mut all: Vec<Plan>) -> Result<Self, Vec<PlansProblem>> {
        all.sort_by(|a, b| (a.rank, &a.key).cmp(&(b.rank, &b.key)));
        let mut problems = Vec::new();
        let (mut words, mut lookup_keys) = (BTreeSet::new(), BTreeSet::new());
        for plan in &all {
            if !words.insert(&plan.key) {
                problems.push(PlansProblem::Twice(plan.key.clone()));
            }
            problems.extend(bounds(plan));
            if plan.granted && !plan.prices.is_empty() {
                problems.push(PlansProblem::GrantedAndSold(plan.key.clone()));
            }
            if plan.trial_days.is_some() && plan.prices.is_empty() {
                problems.push(PlansProblem::TrialWithoutPrice(plan.key.clone()));
            }
            for lookup_key in plan.prices.values() {
                if !lookup_keys.insert(lookup_key) {
                    let (plan, lookup_key) = (plan.key.clone(), lookup_key.clone());
                    problems.push(PlansProblem::PriceTwice { plan, lookup_key });
                }
            }
        }
        let position = all.iter().position(|plan| plan.key == *default);
        if position.is_none() {
            problems.insert(0, PlansProblem::UnknownDefault(default.clone()));
        }
        match position {
            Some(default) if problems.is_empty() => Ok(Self { default, all }),
            _ => Err(problems),
        }
    }

    /// The plan of a server without a licence, and the least that any server gets.
    pub fn default_plan(&self) -> &Plan {
        &self.all[self.default]
    }

    /// The plan of that word.
    pub fn get(&self, key: &PlanKey) -> Option<&Plan> {
        self.all.iter().find(|plan| plan.key == *key)
    }

    /// All of them by rank, the lowest first.
    pub fn all(&self) -> &[Plan] {
        &self.all
    }

    /// The plan and interval that a price of that lookup key is for.
    pub fn of_price(&self, lookup_key: &str) -> Option<(&Plan, Interval)> {
        self.all.iter().find_map(|plan| {
            let found = plan.prices.iter().find(|(_, key)| *key == lookup_key);
            found.map(|(interval, _)| (plan, *interval))
        })
    }

    /// The lowest plan above `than` that `allows` something: what to name where something is locked. Plans that
    /// are sold go before those that are granted.
    pub fn unlocking(&self, than: u32, allows: impl Fn(&Limits) -> bool) -> Option<&Plan> {
        let higher = || self.all.iter().filter(|p| p.rank > than && allows(&p.limits));
        higher().find(|plan| !plan.prices.is_empty()).or_else(|| higher().next())
    }
}

fn bounds(plan: &Plan) -> Vec<PlansProblem> {
    let Limits { panels, keep_days, storage } = plan.limits;
    let name = 1..=MAX_NAME;
    let checks = [
        (name.contains(&plan.name.trim().len()), "name", "1 to 200 characters"),
        ((1..=MAX_PANELS).contains(&panels), "panels", "1 to 50"),
        (keep_days.is_none_or(|d| (1..=MAX_KEEP_DAYS).contains(&d)), "keep_days", "1 to 36500"),
        ((1 << 20..=MAX_STORAGE).contains(&storage), "storage_mib", "1 to 1073741824"),
        ((1..=MAX_SEATS).contains(&plan.seats), "seats", "1 to 100"),
        (
            plan.trial_days.is_none_or(|d| (1..=MAX_TRIAL_DAYS).contains(&d)),
            "trial_days",
            "1 to 730",
        ),
        (
            plan.prices.values().all(|key| name.contains(&key.len())),
            "prices",
            "lookup keys of 1 to 200 characters",
        ),
    ];
    let wrong = checks.into_iter().filter(|(good, _, _)| !good);
    wrong
        .map(|(_, field, takes)| PlansProblem::Bounds { plan: plan.key.clone(), field, takes })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(key: &str, rank: u32) -> Plan {
        Plan {
            key: key.parse().unwrap(),
            rank,
            name: key.to_owned(),
            limits: Limits { panels: 5 * (rank + 1), keep_days: None, storage: 1 << 30 },
            seats: 1,
            prices: BTreeMap::new(),
            trial_days: None,
            granted: false,
        }
    }

    #[test]
    fn words_of_plans_have_one_form() {
        for good in ["free", "a", "pro-2", "white_label"] {
            assert_eq!(good.parse::<PlanKey>().unwrap().as_str(), good);
        }
        for bad in ["", "Free", "2pro", "-a", "a b", "ä", &"a".repeat(33)] {
            assert!(bad.parse::<PlanKey>().is_err(), "{bad:?}");
            assert!(serde_json::from_str::<PlanKey>(&format!("{bad:?}")).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_mistake_is_named() {
        let mut sold = plan("plus", 1);
        sold.prices.insert(Interval::Month, "same".into());
        sold.prices.insert(Interval::Year, "same".into());
        sold.granted = true;
        let mut small = plan("small", 0);
        small.limits.panels = 0;
        small.seats = 101;
        small.trial_days = Some(14);
        let gold: PlanKey = "gold".parse().unwrap();
        let problems = Plans::new(&gold, vec![sold, small, plan("plus", 3)]).unwrap_err();
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "default: there is no plan \"gold\"",
                "plans.small.panels: takes 1 to 50",
                "plans.small.seats: takes 1 to 100",
                "plans.small.trial_days: only a plan with prices has a trial",
                "plans.plus.prices: a granted plan is not sold",
                "plans.plus.prices: the lookup key \"same\" stands twice",
                "plans.plus: given twice",
            ]
        );
    }

    #[test]
    fn a_limit_cuts_what_is_longer() {
        let limits = |keep_days| Limits { panels: 1, keep_days, storage: 1 << 20 };
        for (most, wanted, cut) in [
            (None, Retention::ForEver, false),
            (Some(365), Retention::ForEver, true),
            (Some(365), Retention::Year, false),
            (Some(90), Retention::Year, true),
            (Some(90), Retention::Quarter, false),
            (Some(90), Retention::Day, false),
        ] {
            assert_eq!(limits(most).cuts(wanted), cut, "{most:?} {wanted:?}");
        }
        assert_eq!(limits(Some(1)).keep_until(Millis(5)), Some(Millis(86_400_005)));
        assert_eq!(limits(None).keep_until(Millis(5)), None);
    }

    #[test]
    fn what_unlocks_is_the_lowest_plan_that_is_sold() {
        let mut pro = plan("pro", 2);
        pro.prices.insert(Interval::Month, "pro".into());
        let mut community = plan("community", 2);
        community.granted = true;
        let free = plan("free", 0);
        let plans =
            Plans::new(&free.key, vec![pro, community, free.clone(), plan("plus", 1)]).unwrap();
        let of = |panels| plans.unlocking(0, |l| l.panels >= panels).map(|p| p.key.as_str());
        assert_eq!((of(10), of(15), of(16)), (Some("pro"), Some("pro"), None));
        assert_eq!(plans.of_price("pro").unwrap().1, Interval::Month);
        assert_eq!(plans.default_plan(), &free);
    }
}

//! Lists: newest first, `limit`, `starting_after`, `ending_before`, `has_more`, `created[…]`.
//! Source: Stripe API reference, "Pagination".

use serde_json::{Value, json};

use super::super::error::{Answer, StripeError};
use super::super::params::Params;
use super::super::table::Row;

/// What every list takes.
pub(super) const COMMON: [&str; 4] = ["limit", "starting_after", "ending_before", "created"];

const DEFAULT_LIMIT: i64 = 10;
const LARGEST_LIMIT: i64 = 100;

/// Refuses parameters that a list does not take.
pub(super) fn only(params: &Params, own: &[&str]) -> Result<(), StripeError> {
    let all: Vec<&str> = COMMON.iter().chain(own).copied().collect();
    params.only(&all)
}

pub(super) fn limit(params: &Params) -> Result<usize, StripeError> {
    let limit = params.integer("limit")?.unwrap_or(DEFAULT_LIMIT);
    usize::try_from(limit).ok().filter(|_| (1..=LARGEST_LIMIT).contains(&limit)).ok_or_else(|| {
        let words = format!("Invalid limit: {limit} is not between 1 and {LARGEST_LIMIT}.");
        StripeError::coded("parameter_invalid_integer", "limit", words)
    })
}

/// One page of rows that are given newest first and fit the caller's filters.
pub(super) fn page<'t, T: Row + 't>(
    url: &str,
    params: &Params,
    rows: impl Iterator<Item = &'t T>,
    shown: impl Fn(&T) -> Value,
) -> Answer {
    let limit = limit(params)?;
    let created = Created::read(params)?;
    let rows: Vec<&T> = rows.filter(|row| created.holds(row.created())).collect();
    let place = |name: &str| {
        let Some(id) = params.text(name) else { return Ok(None) };
        let place = rows.iter().position(|row| row.id() == id);
        place.map(Some).ok_or_else(|| StripeError::no_such_param("object", id, name))
    };
    let (rows, has_more) = match (place("starting_after")?, place("ending_before")?) {
        (Some(_), Some(_)) => {
            return Err(StripeError::invalid(
                "You can only use one of starting_after and ending_before.",
            ));
        }
        (None, Some(before)) => (&rows[before.saturating_sub(limit)..before], before > limit),
        (after, None) => {
            let start = after.map_or(0, |after| after + 1);
            let end = (start + limit).min(rows.len());
            (&rows[start..end], end < rows.len())
        }
    };
    let data: Vec<Value> = rows.iter().map(|row| shown(row)).collect();
    Ok(json!({"object": "list", "data": data, "has_more": has_more, "url": url}))
}

/// The filter `created`.
struct Created {
    from: i64,
    until: i64,
}

impl Created {
    fn read(params: &Params) -> Result<Self, StripeError> {
        if let Some(exact) = params.integer("created")? {
            return Ok(Self { from: exact, until: exact });
        }
        let mut all = Self { from: i64::MIN, until: i64::MAX };
        let Some(range) = params.group("created") else { return Ok(all) };
        range.only(&["gt", "gte", "lt", "lte"])?;
        let after = range.integer("gt")?.map(|at| at.saturating_add(1));
        let before = range.integer("lt")?.map(|at| at.saturating_sub(1));
        for from in [after, range.integer("gte")?].into_iter().flatten() {
            all.from = all.from.max(from);
        }
        for until in [before, range.integer("lte")?].into_iter().flatten() {
            all.until = all.until.min(until);
        }
        Ok(all)
    }

    fn holds(&self, at: i64) -> bool {
        (self.from..=self.until).contains(&at)
    }
}

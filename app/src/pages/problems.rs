//! Words for refused fields.

use domain::validation::{FieldError, Problem};
use words::Words;

/// What is wrong, in words. Some fields have a form worth telling.
pub fn text(w: Words, error: &FieldError) -> String {
    match error.problem {
        Problem::Required => w.errors_required().to_owned(),
        Problem::TooLong { limit, count } => w.errors_too_long(limit, count),
        Problem::TooMany { limit, count } => w.errors_too_many(limit, count),
        Problem::Malformed => match error.field.as_str() {
            "panel_colour" => w.errors_malformed_colour(),
            "panel_button_emoji" => w.errors_malformed_emoji(),
            "time_zone" => w.errors_malformed_time_zone(),
            "request_account" => w.requests_problem_somebody_else(),
            _ => w.errors_malformed(),
        }
        .to_owned(),
        Problem::Gone => w.errors_gone().to_owned(),
        Problem::OutOfReach => w.errors_out_of_reach().to_owned(),
        Problem::Duplicate => w.errors_duplicate().to_owned(),
        Problem::PlanKeeps { days } => w.errors_plan_keeps(days.into()),
        Problem::Deletes { count } => w.errors_deletes(count.into()),
    }
}

/// What is wrong with one field.
pub fn of(w: Words, errors: &[FieldError], field: &str) -> Option<String> {
    errors.iter().find(|e| e.field == field).map(|e| text(w, e))
}

//! The part of a form that takes a decision: what was done, the reason where not all was, and words.

use domain::privacy::{Reason, WORDS_LIMIT};
use leptos::prelude::*;
use words::Words;

use super::reason_text;
use crate::forms::Fields;
use crate::ui::{Field, Select, SelectOption, describedby, raw_text};

/// Radio buttons for the outcome, a list of reasons and the words. `names` says what the three outcomes are called;
/// `id` tells the fields of one request from those of another on the same page. `given` is what was refused before.
pub(super) fn fields(
    w: Words,
    names: [&'static str; 3],
    id: &str,
    given: &Fields,
) -> impl IntoView + use<> {
    let reasons = Reason::ALL.iter().filter(|reason| **reason != Reason::NotVerified);
    let reasons = reasons.map(|reason| SelectOption::new(reason.as_str(), reason_text(w, *reason)));
    let options = std::iter::once(SelectOption::new("", w.requests_owner_reason_choose()));
    let options = options.chain(reasons).collect();
    let outcome = given.get("outcome").to_owned();
    let outcomes = ["done", "partly", "declined"].into_iter().zip(names);
    let outcomes = outcomes
        .map(|(value, label)| {
            let checked = outcome == value;
            view! {
                <label class="check">
                    <input type="radio" name="outcome" value=value checked=checked required=true/>
                    <span>{label}</span>
                </label>
            }
        })
        .collect_view();
    let (reason, words) = (format!("reason-{id}"), format!("words-{id}"));
    let described = describedby(&words, true, false, true);
    let (chosen, written) = (given.get("reason").to_owned(), given.text("words"));
    // HTML drops one line break right after the opening tag: give one that it may have.
    let shown = format!("\n{}", raw_text(&written));
    view! {
        <fieldset class="group field">
            <legend class="field-label">{w.requests_owner_outcome()}</legend>
            {outcomes}
        </fieldset>
        <Select name="reason" id=reason label=w.requests_owner_reason() value=chosen options=options/>
        <Field id=words.clone() label=w.requests_owner_words() hint=Some(w.requests_owner_words_hint().to_owned()) optional=true error=None limit=Some((WORDS_LIMIT, written))>
            <textarea class="input" id=words name="words" rows="4" maxlength=WORDS_LIMIT aria-describedby=described>
                {shown}
            </textarea>
        </Field>
    }
}

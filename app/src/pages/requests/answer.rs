//! The part of a form that takes a decision: what was done, the reason where not all was, and words.

use domain::privacy::{Reason, WORDS_LIMIT};
use leptos::prelude::*;
use words::Words;

use super::reason_text;
use crate::ui::{Checkbox, Field, Select, SelectOption, describedby};

/// Radio buttons for the outcome, a list of reasons and the words. `names` says what the three outcomes are called;
/// `id` tells the fields of one request from those of another on the same page.
pub(super) fn fields(w: Words, names: [&'static str; 3], id: &str) -> impl IntoView + use<> {
    let reasons = Reason::ALL.iter().filter(|reason| **reason != Reason::NotVerified);
    let reasons = reasons.map(|reason| SelectOption::new(reason.as_str(), reason_text(w, *reason)));
    let options = std::iter::once(SelectOption::new("", w.requests_owner_reason_choose()));
    let options = options.chain(reasons).collect();
    let [done, partly, declined] = names;
    let (reason, words) = (format!("reason-{id}"), format!("words-{id}"));
    let described = describedby(&words, true, false, true);
    view! {
        <fieldset class="group field">
            <legend class="field-label">{w.requests_owner_outcome()}</legend>
            <Checkbox name="outcome" input_type="radio" value="done" label=done/>
            <Checkbox name="outcome" input_type="radio" value="partly" label=partly/>
            <Checkbox name="outcome" input_type="radio" value="declined" label=declined/>
        </fieldset>
        <Select name="reason" id=reason label=w.requests_owner_reason() options=options/>
        <Field id=words.clone() label=w.requests_owner_words() hint=Some(w.requests_owner_words_hint().to_owned()) optional=true error=None limit=Some((WORDS_LIMIT, String::new()))>
            <textarea class="input" id=words name="words" rows="4" maxlength=WORDS_LIMIT aria-describedby=described></textarea>
        </Field>
    }
}

use leptos::prelude::*;
use maud::{Markup, html};

use crate::ui::combobox::Combobox;
use crate::ui::{Field, describedby, written};

/// One entry of a [`Select`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectOption {
    /// What it submits.
    pub value: String,
    /// What it says.
    pub label: String,
    /// The heading it stands under.
    pub group: Option<String>,
    /// It is no good choice; the label says why.
    pub flagged: bool,
}

impl SelectOption {
    /// An entry without heading.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), group: None, flagged: false }
    }

    /// The same entry under a heading.
    #[must_use]
    pub fn under(mut self, group: Option<String>) -> Self {
        self.group = group;
        self
    }

    /// The same entry, marked as no good choice where there is a reason.
    #[must_use]
    pub fn flagged(mut self, reason: Option<&str>) -> Self {
        if let Some(reason) = reason {
            self.label = format!("{} ({reason})", self.label);
            self.flagged = true;
        }
        self
    }
}

/// The entries, those under one heading together.
fn entries(options: &[SelectOption], value: &str) -> Markup {
    html! {
        @for group in options.chunk_by(|one, next| one.group == next.group) {
            @if let Some(heading) = group.first().and_then(|first| first.group.as_deref()) {
                optgroup label=(heading) { @for one in group { (entry(one, value)) } }
            } @else {
                @for one in group { (entry(one, value)) }
            }
        }
    }
}

fn entry(one: &SelectOption, value: &str) -> Markup {
    // Without a value an entry submits its text, of which browsers collapse white space.
    let says_it = one.value == one.label && !one.value.contains(char::is_whitespace);
    html! {
        option value=[(!says_it).then_some(&one.value)] selected[one.value == value] data-problem=[one.flagged.then_some("")] { (one.label) }
    }
}

/// A choice of one, with its label: the browser's own list. With `search` a field to search in takes its
/// place where scripts run; the list goes on holding the value.
#[component]
pub fn Select(
    /// The name it submits.
    #[prop(into)]
    name: String,
    /// Its id, where the name is no good one.
    #[prop(optional, into)]
    id: Option<String>,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// What is chosen.
    #[prop(optional, into)]
    value: String,
    /// What can be chosen; neighbours with one heading stand under it together.
    options: Vec<SelectOption>,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Can be searched.
    #[prop(optional)]
    search: bool,
    /// Greyed out.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = describedby(&id, hint.is_some(), error.is_some(), false);
    let invalid = error.is_some().then_some("true");
    let entries = entries(&options, &value);
    view! {
        <Field id=id.clone() label=label hint=hint error=error>
            <select
                class="input"
                id=id.clone()
                name=name
                aria-describedby=described.clone()
                aria-invalid=invalid
                disabled=disabled
            >
                {written(entries)}
            </select>
            {search.then(|| view! {
                <Combobox id=id.clone() described=described invalid=invalid disabled=disabled/>
            })}
        </Field>
    }
}

#[cfg(test)]
mod tests {
    use super::{SelectOption, entries};

    #[test]
    fn an_entry_submits_its_value_and_says_its_label() {
        let all = [
            SelectOption::new("UTC", "UTC"),
            SelectOption::new("a b", "a b"),
            SelectOption::new("1", "One").flagged(Some("gone")),
        ];
        assert_eq!(
            entries(&all, "1").into_string(),
            "<option>UTC</option><option value=\"a b\">a b</option>\
             <option value=\"1\" selected data-problem=\"\">One (gone)</option>"
        );
    }

    #[test]
    fn neighbours_with_one_heading_stand_under_it_together() {
        let under = |name: &str, heading: &str| {
            SelectOption::new(name, name).under(Some(heading.to_owned()))
        };
        let all = [SelectOption::new("0", "0"), under("1", "A"), under("2", "A"), under("3", "B")];
        assert_eq!(
            entries(&all, "").into_string(),
            "<option>0</option><optgroup label=\"A\"><option>1</option><option>2</option></optgroup>\
             <optgroup label=\"B\"><option>3</option></optgroup>"
        );
    }

    #[test]
    fn what_people_named_stays_text() {
        let evil = "\"><script>&";
        let one = SelectOption::new(evil, evil).under(Some(evil.to_owned()));
        assert_eq!(
            entries(&[one], "").into_string(),
            "<optgroup label=\"&quot;&gt;&lt;script&gt;&amp;\">\
             <option>&quot;&gt;&lt;script&gt;&amp;</option></optgroup>"
        );
    }
}

use leptos::prelude::*;

use crate::context::words;

/// All that was refused in a form, with a link to each field. Takes the focus, so that a screen reader
/// starts here.
#[component]
pub fn ErrorSummary(
    /// The id of each field, its name and what is wrong with it.
    problems: Vec<(String, String, String)>,
) -> impl IntoView {
    let w = words();
    let count = u64::try_from(problems.len()).unwrap_or(u64::MAX);
    (count > 0).then(|| {
        view! {
            <div class="summary" id="problems" role="alert" tabindex="-1" autofocus>
                <h2>{w.common_problems_summary(count)}</h2>
                <ul>
                    {problems.into_iter().map(|(id, name, problem)| view! {
                        <li><a href=format!("#{id}")>{name}</a>": "{problem}</li>
                    }).collect_view()}
                </ul>
            </div>
        }
    })
}

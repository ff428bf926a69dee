use leptos::prelude::*;

/// A table. On a narrow screen each row becomes a card: cells carry `data-label` for that.
#[component]
pub fn Table(
    /// What it lists, read out.
    #[prop(into)]
    caption: String,
    /// The names of the columns.
    columns: Vec<String>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-frame">
            <table class="table">
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{columns.into_iter().map(|c| view! { <th scope="col">{c}</th> }).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

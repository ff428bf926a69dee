use leptos::prelude::*;

/// A list of links and buttons that opens from its summary. A `details`: works without script.
#[component]
pub fn Menu(
    /// What the summary is for, read out.
    #[prop(into)]
    label: String,
    /// The summary.
    summary: AnyView,
    /// Links, and forms with one button each.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="menu" name="menu">
            // The label is read before what is seen, and does not replace it: people say what they see.
            <summary><span class="visually-hidden">{label}": "</span>{summary}</summary>
            <div class="menu-list">{children()}</div>
        </details>
    }
}

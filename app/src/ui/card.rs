use leptos::prelude::*;

/// A part of a page with a heading.
#[component]
pub fn Card(
    /// The heading; none draws no head.
    #[prop(optional, into)]
    title: Option<String>,
    /// A line below the heading.
    #[prop(optional, into)]
    lede: Option<String>,
    /// The id of the section, to link to.
    #[prop(optional, into)]
    id: Option<String>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card" id=id>
            {title.map(|title| view! {
                <div class="card-head"><h2>{title}</h2>{lede.map(|lede| view! { <p>{lede}</p> })}</div>
            })}
            <div class="card-body">{children()}</div>
        </section>
    }
}

use leptos::prelude::*;

use crate::context::words;
use crate::ui::LinkButton;

/// Newer and older, for lists that are paged by key.
#[component]
pub fn Pagination(
    /// Where newer ones are; `None` on the first page.
    newer: Option<String>,
    /// Where older ones are; `None` on the last page.
    older: Option<String>,
) -> impl IntoView {
    let w = words();
    (newer.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="pagination" aria-label=w.common_pages()>
                <span>{newer.map(|href| view! { <LinkButton href=href>"← "{w.common_newer()}</LinkButton> })}</span>
                <span>{older.map(|href| view! { <LinkButton href=href>{w.common_older()}" →"</LinkButton> })}</span>
            </nav>
        }
    })
}

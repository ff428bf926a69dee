use leptos::prelude::*;

use crate::ui::{Icon, IconName};

/// One link of a navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// Where to.
    pub href: String,
    /// Its words.
    pub label: String,
    /// The picture before it.
    pub icon: Option<IconName>,
    /// Whether it is the page shown.
    pub current: bool,
}

/// The navigation beside a page; above it on a narrow screen.
#[component]
pub fn SideNav(
    /// What it navigates, read out.
    #[prop(into)]
    label: String,
    /// Its links.
    items: Vec<NavItem>,
) -> impl IntoView {
    view! { <nav class="side-nav" aria-label=label>{links(items)}</nav> }
}

/// Links that switch between views of one thing.
#[component]
pub fn Tabs(
    /// What they switch, read out.
    #[prop(into)]
    label: String,
    /// The views.
    items: Vec<NavItem>,
) -> impl IntoView {
    view! { <nav class="tabs" aria-label=label>{links(items)}</nav> }
}

fn links(items: Vec<NavItem>) -> impl IntoView {
    items
        .into_iter()
        .map(|item| {
            view! {
                <a href=item.href aria-current=item.current.then_some("page")>
                    {item.icon.map(|name| view! { <Icon name=name/> })}
                    {item.label}
                </a>
            }
        })
        .collect_view()
}

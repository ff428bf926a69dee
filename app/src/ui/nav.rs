use leptos::prelude::*;
use maud::{Markup, html};

use crate::ui::{IconName, icon, written};

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
    written(links("side-nav", &label, &items))
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
    written(links("tabs", &label, &items))
}

fn links(class: &str, label: &str, items: &[NavItem]) -> Markup {
    html! {
        nav class=(class) aria-label=(label) {
            @for item in items {
                a href=(item.href) aria-current=[item.current.then_some("page")] {
                    @if let Some(name) = item.icon { (icon(name)) }
                    (item.label)
                }
            }
        }
    }
}

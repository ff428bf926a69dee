use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    /// One of several things.
    #[default]
    Plain,
    /// Barely there.
    Quiet,
    /// Takes something away.
    Danger,
}

impl ButtonKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Plain => "button button-plain",
            Self::Quiet => "button button-quiet",
            Self::Danger => "button button-danger",
        }
    }
}

fn class(kind: ButtonKind, small: bool, square: bool) -> String {
    let mut class = kind.class().to_owned();
    if small {
        class.push_str(" button-small");
    }
    if square {
        class.push_str(" button-square");
    }
    class
}

/// A button. It submits its form unless `button_type` says otherwise.
#[component]
pub fn Button(
    /// How much it asks for attention.
    #[prop(optional)]
    kind: ButtonKind,
    /// Less tall.
    #[prop(optional)]
    small: bool,
    /// As wide as tall: for an icon alone, which then needs a `label`.
    #[prop(optional)]
    square: bool,
    /// What it does, where no text says so.
    #[prop(optional, into)]
    label: Option<String>,
    /// The name it submits.
    #[prop(optional, into)]
    name: Option<String>,
    /// The value it submits.
    #[prop(optional, into)]
    value: Option<String>,
    /// The form it submits, when it stands outside.
    #[prop(optional, into)]
    form: Option<String>,
    /// `submit` or `reset`.
    #[prop(default = "submit")]
    button_type: &'static str,
    /// Greyed out.
    #[prop(optional)]
    disabled: bool,
    /// Its words.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class=class(kind, small, square)
            type=button_type
            name=name
            value=value
            form=form
            aria-label=label.clone()
            title=label
            disabled=disabled
        >
            {children()}
        </button>
    }
}

/// A link that looks like a button: for going somewhere, never for changing something.
#[component]
pub fn LinkButton(
    /// Where to.
    #[prop(into)]
    href: String,
    /// How much it asks for attention.
    #[prop(optional)]
    kind: ButtonKind,
    /// Less tall.
    #[prop(optional)]
    small: bool,
    /// Leaves the site; opens beside it and tells it nothing.
    #[prop(optional)]
    external: bool,
    /// Its words.
    children: Children,
) -> impl IntoView {
    view! {
        <a
            class=class(kind, small, false)
            href=href
            target=external.then_some("_blank")
            rel=external.then_some("noopener noreferrer")
        >
            {children()}
        </a>
    }
}

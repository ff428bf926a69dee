//! The editor of a panel, as `app/src/pages/panel.rs` draws it, without what it says after a refusal.

use domain::panels::{
    BUTTON_LABEL_LIMIT, MAX_QUESTIONS, NAME_LIMIT, PLACEHOLDER_LIMIT, PanelSettings,
    QUESTION_LABEL_LIMIT, Question, QuestionStyle, TEXT_LIMIT, TITLE_LIMIT, WELCOME_LIMIT,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use words::Words;

use crate::context::words;
use crate::data::{PanelPage, read_panel};
use crate::frame::frame;
use crate::islands::{CharacterCounts, PanelPreview, SaveBar};
use crate::ui::{
    Badge, Button, ButtonKind, Card, Checkbox, Choice, ChoiceList, Dialog, DialogButton, Icon,
    IconName, Select, SelectOption, TextArea, TextInput, Tone,
};

const FORM: &str = "panel-form";

fn colour_text(colour: u32) -> String {
    format!("#{:06x}", colour.min(0xFF_FFFF))
}

/// The arrows that exchange a question with its neighbours.
fn arrows(w: Words, number: u32, last: u32) -> impl IntoView + use<> {
    let arrow = move |up: bool| {
        let (icon, label, value, off) = if up {
            (IconName::Up, w.panels_move_up(number), format!("{number}_up"), number == 1)
        } else {
            (IconName::Down, w.panels_move_down(number), format!("{number}_down"), number >= last)
        };
        view! {
            <Button small=true square=true kind=ButtonKind::Quiet label=label name="move" value=value disabled=off><Icon name=icon/></Button>
        }
    };
    view! { <span class="question-arrows">{arrow(true)}{arrow(false)}</span> }
}

/// One question. `last` is the number of the last one with words.
fn question(w: Words, number: u32, question: Option<&Question>, last: u32) -> AnyView {
    let empty = Question {
        label: String::new(),
        placeholder: String::new(),
        style: QuestionStyle::Short,
        required: true,
    };
    let asked = question.is_some();
    let question = question.unwrap_or(&empty).clone();
    let label = format!("question_{number}_label");
    let placeholder = format!("question_{number}_placeholder");
    let fields = view! {
        <fieldset class="group question" id=format!("question_{number}") tabindex="-1">
            <legend class="visually-hidden">{w.panels_question(number)}</legend>
            {asked.then(|| view! {
                <div class="question-head"><span class="field-label" aria-hidden="true">{w.panels_question(number)}</span>{arrows(w, number, last)}</div>
            })}
            <div class="question-grid">
                <TextInput name=label label=w.panels_question_label() value=question.label limit=QUESTION_LABEL_LIMIT optional=true error=None/>
                <TextInput name=placeholder label=w.panels_question_placeholder() value=question.placeholder limit=PLACEHOLDER_LIMIT optional=true error=None/>
            </div>
            <div class="row">
                <Checkbox name=format!("question_{number}_paragraph") label=w.panels_question_paragraph() checked=question.style == QuestionStyle::Paragraph/>
                <Checkbox name=format!("question_{number}_required") label=w.panels_question_required() checked=question.required/>
            </div>
        </fieldset>
    };
    if asked {
        return fields.into_any();
    }
    view! {
        <details class="question-more" open=last == 0 && number == 1>
            <summary><Icon name=IconName::Plus/>{w.panels_question_add(number)}</summary>
            {fields}
        </details>
    }
    .into_any()
}

fn message_card(w: Words, settings: &PanelSettings) -> impl IntoView + use<> {
    let s = settings.clone();
    view! {
        <Card title=w.panels_message()>
            <TextInput name="panel_title" label=w.panels_heading() value=s.title limit=TITLE_LIMIT error=None/>
            <TextArea name="panel_text" label=w.panels_body() hint=w.panels_body_hint() value=s.text limit=TEXT_LIMIT optional=true error=None/>
            <TextInput name="panel_colour" label=w.panels_colour() value=colour_text(s.colour) input_type="color" class="input-colour" error=None/>
            <div class="question-grid">
                <TextInput name="panel_button_label" label=w.panels_button_label() hint=w.panels_button_label_hint() value=s.button_label limit=BUTTON_LABEL_LIMIT error=None/>
                <TextInput name="panel_button_emoji" label=w.panels_button_emoji() hint=w.panels_button_emoji_hint() value=s.button_emoji optional=true error=None/>
            </div>
        </Card>
    }
}

/// The page `/servers/{guild}/panels/{panel}`.
#[component]
pub fn Panel() -> impl IntoView {
    let params = use_params_map();
    let of = move |name: &str| params.read().get(name).unwrap_or_default();
    let page = Resource::new(
        move || (of("guild"), of("panel")),
        |(guild, panel)| read_panel(guild, panel),
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move { page.await.map(editor) })}
        </Suspense>
    }
}

fn editor(page: PanelPage) -> impl IntoView {
    let w = words();
    let PanelPage { guild, server, panel, revision, published, outdated, settings, .. } = page;
    let path = format!("/servers/{guild}/panels/{panel}");
    let (publish, remove) = (format!("{path}/publish"), format!("{path}/remove"));
    let mut channels = vec![SelectOption::new("", w.panels_choose_channel())];
    channels.extend(
        page.channels
            .into_iter()
            .map(|c| SelectOption::new(c.id.to_string(), c.name).under(c.parent)),
    );
    let roles = page.roles.into_iter().map(|role| Choice {
        checked: settings.support_roles.iter().any(|chosen| chosen.to_string() == role.id),
        value: role.id,
        label: role.name,
        colour: Some(role.colour),
        problem: None,
    });
    let roles: Vec<Choice> = roles.collect();
    let (name, welcome) = (settings.name.clone(), settings.welcome.clone());
    let channel = settings.channel.map(|c| c.to_string()).unwrap_or_default();
    let message = message_card(w, &settings);
    let last = u32::try_from(settings.questions.len()).unwrap_or(MAX_QUESTIONS);
    let questions = (1..=MAX_QUESTIONS)
        .map(|n| {
            let index = usize::try_from(n - 1).unwrap_or(0);
            question(w, n, settings.questions.get(index), last)
        })
        .collect_view();
    let publish_label = if published { w.panels_publish_again() } else { w.panels_publish() };
    let state = match (published, outdated) {
        (false, _) => view! { <Badge label=w.panels_not_published()/> },
        (true, true) => view! { <Badge label=w.panels_outdated() tone=Tone::Warn/> },
        (true, false) => view! { <Badge label=w.panels_published() tone=Tone::Good/> },
    };
    let title = format!("{} · {server}", settings.name);
    let body = view! {
        <Title text=title/>
        <div class="page-head">
            <div><h1 class="wrap-anywhere">{settings.name.clone()}</h1><p>{state}</p></div>
            <div class="page-actions">
                <form method="post" action=publish><Button disabled=!outdated>{publish_label}</Button></form>
                <DialogButton target="remove" kind=ButtonKind::Danger>{w.panels_remove()}</DialogButton>
            </div>
        </div>
        <Dialog id="remove" title=w.panels_remove()>
            <form method="post" action=remove class="stack">
                <p>{w.panels_remove_text()}</p>
                <Button kind=ButtonKind::Danger>{w.panels_remove()}</Button>
            </form>
        </Dialog>
        <div class="columns columns-aside">
        <section class="preview stack-s">
            <h2>{w.panels_preview()}</h2>
            <PanelPreview form=FORM.to_owned() title=settings.title.clone() text=settings.text.clone() colour=colour_text(settings.colour)
                label=settings.button_label.clone() emoji=settings.button_emoji.clone() tag=w.panels_app_tag().to_owned()/>
        </section>
        <form method="post" action=path.clone() id=FORM class="stack">
            <button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true">{w.common_save()}</button>
            <input type="hidden" name="revision" value=revision.to_string()/>
            <Card title=w.panels_basics()>
                <TextInput name="panel_name" label=w.panels_name() hint=w.panels_name_hint() value=name limit=NAME_LIMIT error=None/>
                <Select name="panel_channel" label=w.panels_channel() value=channel options=channels error=None search=true/>
                <ChoiceList name="panel_support_roles" id="panel_support_roles" label=w.panels_support_roles() hint=w.panels_support_roles_hint()
                    error=None choices=roles/>
            </Card>
            {message}
            <Card title=w.panels_welcome_card()>
                <TextArea name="panel_welcome" label=w.panels_welcome() hint=w.panels_body_hint() value=welcome limit=WELCOME_LIMIT optional=true error=None/>
            </Card>
            <Card title=w.panels_form() lede=w.panels_form_text()>{questions}</Card>
            <div class="form-foot"><Button kind=ButtonKind::Primary>{w.common_save()}</Button></div>
        </form>
        </div>
        <CharacterCounts form=FORM.to_owned()/>
        <SaveBar form=FORM.to_owned() text=w.common_unsaved().to_owned() save=w.common_save().to_owned()
            saving=w.common_saving().to_owned() reset=w.common_reset().to_owned() changed=false stored=path/>
    };
    frame(&guild, server, body)
}

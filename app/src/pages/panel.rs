//! One panel: what it says, where, and its form.

use domain::access::Capability;
use domain::ids::PanelId;
use domain::panels::{
    BUTTON_LABEL_LIMIT, MAX_QUESTIONS, NAME_LIMIT, PLACEHOLDER_LIMIT, PanelSettings,
    QUESTION_LABEL_LIMIT, Question, QuestionStyle, TEXT_LIMIT, TITLE_LIMIT, WELCOME_LIMIT,
};
use domain::validation::FieldError;
use leptos::prelude::*;
use wardesk_core::guilds;
use wardesk_core::tickets::panels;
use words::Words;

use super::flash::flash;
use super::load::{Instead, asker, loaded};
use super::query::{param, query};
use super::server::{self, Area};
use super::settings::{channel_options, role_choices};
use super::{problems, summary};
use crate::context::words;
use crate::forms::{self, read_panel};
use crate::islands::{CharacterCounts, PanelPreview, SaveBar};
use crate::ui::{
    Alert, Button, ButtonKind, Card, Checkbox, ChoiceList, Dialog, DialogButton, ErrorSummary,
    Icon, IconName, Select, TextArea, TextInput, Tone,
};

const FORM: &str = "panel-form";

fn colour_text(colour: u32) -> String {
    format!("#{:06x}", colour.min(0xFF_FFFF))
}

/// The arrows that exchange a question with its neighbours. They submit the form as it is; nothing is saved.
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
fn question(
    w: Words,
    number: u32,
    question: Option<&Question>,
    last: u32,
    errors: &[FieldError],
) -> impl IntoView + use<> {
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
    let errors = [&label, &placeholder].map(|field| problems::of(w, errors, field));
    let refused = errors.iter().any(Option::is_some);
    let [label_error, placeholder_error] = errors;
    let fields = view! {
        <fieldset class="group question" id=format!("question_{number}") tabindex="-1">
            <legend class="visually-hidden">{w.panels_question(number)}</legend>
            {asked.then(|| view! {
                <div class="question-head"><span class="field-label" aria-hidden="true">{w.panels_question(number)}</span>{arrows(w, number, last)}</div>
            })}
            <div class="question-grid">
                <TextInput name=label label=w.panels_question_label() value=question.label limit=QUESTION_LABEL_LIMIT optional=true error=label_error/>
                <TextInput name=placeholder label=w.panels_question_placeholder() value=question.placeholder limit=PLACEHOLDER_LIMIT optional=true
                    error=placeholder_error/>
            </div>
            <div class="row">
                <Checkbox name=format!("question_{number}_paragraph") label=w.panels_question_paragraph() checked=question.style == QuestionStyle::Paragraph/>
                <Checkbox name=format!("question_{number}_required") label=w.panels_question_required() checked=question.required/>
            </div>
        </fieldset>
    };
    if asked || refused {
        return fields.into_any();
    }
    // The first empty one invites; its fields are submitted whether it is open or not.
    view! {
        <details class="question-more" open=last == 0 && number == 1>
            <summary><Icon name=IconName::Plus/>{w.panels_question_add(number)}</summary>
            {fields}
        </details>
    }
    .into_any()
}

fn message_card(
    w: Words,
    settings: &PanelSettings,
    errors: &[FieldError],
) -> impl IntoView + use<> {
    let s = settings.clone();
    let listed = StoredValue::new(errors.to_vec());
    let error = move |field: &str| listed.with_value(|e| problems::of(w, e, field));
    view! {
        <Card title=w.panels_message()>
            <TextInput name="panel_title" label=w.panels_heading() value=s.title limit=TITLE_LIMIT error=error("panel_title")/>
            <TextArea name="panel_text" label=w.panels_body() hint=w.panels_body_hint() value=s.text limit=TEXT_LIMIT optional=true error=error("panel_text")/>
            <TextInput name="panel_colour" label=w.panels_colour() value=colour_text(s.colour) input_type="color" class="input-colour" error=error("panel_colour")/>
            <div class="question-grid">
                <TextInput name="panel_button_label" label=w.panels_button_label() hint=w.panels_button_label_hint() value=s.button_label limit=BUTTON_LABEL_LIMIT error=error("panel_button_label")/>
                <TextInput name="panel_button_emoji" label=w.panels_button_emoji() hint=w.panels_button_emoji_hint() value=s.button_emoji optional=true error=error("panel_button_emoji")/>
            </div>
        </Card>
    }
}

/// The page `/servers/{guild}/panels/{panel}`.
#[component]
pub fn Panel() -> impl IntoView {
    loaded(async move {
        let id: PanelId = param("panel").parse().map_err(|_| Instead::NotFound)?;
        let access = server::access(Capability::Configure).await?;
        let (wardesk, session) = asker()?;
        let w = words();
        let place = server::place(&access).await?;
        let path = format!("/servers/{}/panels/{id}", access.guild());
        let panel = panels::get(&access, id).await?;
        // Whatever may fail comes before the draft, which is taken once.
        let choices = guilds::choices(&access).await?;
        let draft = match query("draft") {
            Some(draft) => forms::take(&wardesk, &session, &path, &draft).await,
            None => None,
        };
        let refused = draft.is_some();
        let settings =
            draft.as_ref().map_or_else(|| panel.settings.clone(), |d| read_panel(&d.fields));
        let errors: Vec<FieldError> = draft.as_ref().map(|d| d.errors.clone()).unwrap_or_default();
        let conflict = draft.is_some_and(|d| d.conflict);
        let listed = StoredValue::new(errors.clone());
        let error = move |field: &str| listed.with_value(|e| problems::of(w, e, field));
        let (publish, remove) = (format!("{path}/publish"), format!("{path}/remove"));
        let channels =
            channel_options(w, w.panels_choose_channel(), &choices.text_channels, settings.channel);
        let roles = role_choices(w, &choices, &settings.support_roles);
        let (name, welcome) = (settings.name.clone(), settings.welcome.clone());
        let channel = settings.channel.map(|c| c.to_string()).unwrap_or_default();
        let message = message_card(w, &settings, &errors);
        let names = [
            ("panel_name", w.panels_name()),
            ("panel_channel", w.panels_channel()),
            ("panel_title", w.panels_heading()),
            ("panel_text", w.panels_body()),
            ("panel_colour", w.panels_colour()),
            ("panel_button_label", w.panels_button_label()),
            ("panel_button_emoji", w.panels_button_emoji()),
            ("panel_welcome", w.panels_welcome()),
            ("panel_support_roles", w.panels_support_roles()),
        ];
        let last = u32::try_from(settings.questions.len()).unwrap_or(MAX_QUESTIONS);
        let questions = (1..=MAX_QUESTIONS)
            .map(|n| {
                let index = usize::try_from(n - 1).unwrap_or(0);
                question(w, n, settings.questions.get(index), last, &errors)
            })
            .collect_view();
        let publish_label =
            if panel.message.is_some() { w.panels_publish_again() } else { w.panels_publish() };
        let body = view! {
            <div class="page-head">
                <div><h1 class="wrap-anywhere">{panel.settings.name.clone()}</h1><p>{super::panels::state(w, &panel)}</p></div>
                <div class="page-actions">
                    <form method="post" action=publish><Button disabled=!panel.outdated>{publish_label}</Button></form>
                    <DialogButton target="remove" kind=ButtonKind::Danger>{w.panels_remove()}</DialogButton>
                </div>
            </div>
            <Dialog id="remove" title=w.panels_remove()>
                <form method="post" action=remove class="stack">
                    <p>{w.panels_remove_text()}</p>
                    <Button kind=ButtonKind::Danger>{w.panels_remove()}</Button>
                </form>
            </Dialog>
            {flash()}
            {conflict.then(|| view! { <Alert tone=Tone::Warn announce=errors.is_empty()><p>{w.errors_conflict()}</p></Alert> })}
            <ErrorSummary problems=summary(w, &errors, &names)/>
            <div class="columns columns-aside">
            <section class="preview stack-s">
                <h2>{w.panels_preview()}</h2>
                <PanelPreview form=FORM.to_owned() title=settings.title.clone() text=settings.text.clone() colour=colour_text(settings.colour)
                    label=settings.button_label.clone() emoji=settings.button_emoji.clone() tag=w.panels_app_tag().to_owned()/>
            </section>
            <form method="post" action=path.clone() id=FORM class="stack">
                // What Enter in a field presses: the first button of a form, which must not be an arrow.
                <button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true">{w.common_save()}</button>
                <input type="hidden" name="revision" value=panel.revision.to_string()/>
                <Card title=w.panels_basics()>
                    <TextInput name="panel_name" label=w.panels_name() hint=w.panels_name_hint() value=name limit=NAME_LIMIT error=error("panel_name")/>
                    <Select name="panel_channel" label=w.panels_channel() value=channel options=channels error=error("panel_channel") search=true/>
                    <ChoiceList name="panel_support_roles" id="panel_support_roles" label=w.panels_support_roles() hint=w.panels_support_roles_hint()
                        error=error("panel_support_roles") choices=roles/>
                </Card>
                {message}
                <Card title=w.panels_welcome_card()>
                    <TextArea name="panel_welcome" label=w.panels_welcome() hint=w.panels_body_hint() value=welcome limit=WELCOME_LIMIT optional=true error=error("panel_welcome")/>
                </Card>
                <Card title=w.panels_form() lede=w.panels_form_text()>{questions}</Card>
                <div class="form-foot"><Button kind=ButtonKind::Primary>{w.common_save()}</Button></div>
            </form>
            </div>
            <CharacterCounts form=FORM.to_owned()/>
            <SaveBar form=FORM.to_owned() text=w.common_unsaved().to_owned() save=w.common_save().to_owned()
                saving=w.common_saving().to_owned() reset=w.common_reset().to_owned() changed=refused stored=path.clone()/>
        };
        Ok(server::frame(&access, place, Area::Panels, panel.settings.name, body))
    })
}

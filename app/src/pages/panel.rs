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
    Select, TextArea, TextInput, Tone,
};

const FORM: &str = "panel-form";

fn colour_text(colour: u32) -> String {
    format!("#{:06x}", colour.min(0xFF_FFFF))
}

fn question(
    w: Words,
    number: u32,
    question: Option<&Question>,
    errors: &[FieldError],
) -> impl IntoView + use<> {
    let empty = Question {
        label: String::new(),
        placeholder: String::new(),
        style: QuestionStyle::Short,
        required: true,
    };
    let question = question.unwrap_or(&empty).clone();
    let label = format!("question_{number}_label");
    let placeholder = format!("question_{number}_placeholder");
    view! {
        <fieldset class="group stack-s">
            <legend class="field-label">{w.panels_question(number)}</legend>
            <TextInput name=label.clone() label=w.panels_question_label() value=question.label limit=QUESTION_LABEL_LIMIT optional=true
                error=problems::of(w, errors, &label)/>
            <TextInput name=placeholder.clone() label=w.panels_question_placeholder() value=question.placeholder limit=PLACEHOLDER_LIMIT optional=true
                error=problems::of(w, errors, &placeholder)/>
            <div class="row">
                <Checkbox name=format!("question_{number}_paragraph") label=w.panels_question_paragraph() checked=question.style == QuestionStyle::Paragraph/>
                <Checkbox name=format!("question_{number}_required") label=w.panels_question_required() checked=question.required/>
            </div>
        </fieldset>
    }
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
            <TextInput name="panel_button_label" label=w.panels_button_label() value=s.button_label limit=BUTTON_LABEL_LIMIT error=error("panel_button_label")/>
            <TextInput name="panel_button_emoji" label=w.panels_button_emoji() hint=w.panels_button_emoji_hint() value=s.button_emoji optional=true error=error("panel_button_emoji")/>
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
        let server = server::name(&access).await?;
        let path = format!("/servers/{}/panels/{id}", access.guild());
        let panel = panels::get(&access, id).await?;
        let draft = match query("draft") {
            Some(draft) => forms::take(&wardesk, &session, &path, &draft).await,
            None => None,
        };
        let refused = draft.is_some();
        let settings =
            draft.as_ref().map_or_else(|| panel.settings.clone(), |d| read_panel(&d.fields));
        let errors: Vec<FieldError> = draft.as_ref().map(|d| d.errors.clone()).unwrap_or_default();
        let conflict = draft.is_some_and(|d| d.conflict);
        let choices = guilds::choices(&access).await?;
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
        let questions = (1..=MAX_QUESTIONS)
            .map(|n| {
                let index = usize::try_from(n - 1).unwrap_or(0);
                question(w, n, settings.questions.get(index), &errors)
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
            {conflict.then(|| view! { <Alert tone=Tone::Warn announce=true><p>{w.errors_conflict()}</p></Alert> })}
            <ErrorSummary problems=summary(w, &errors, &names)/>
            <section class="stack-s">
                <h2>{w.panels_preview()}</h2>
                <PanelPreview form=FORM.to_owned() title=settings.title.clone() text=settings.text.clone() colour=colour_text(settings.colour)
                    label=settings.button_label.clone() emoji=settings.button_emoji.clone() tag=w.panels_app_tag().to_owned()/>
            </section>
            <form method="post" action=path.clone() id=FORM class="stack">
                <input type="hidden" name="revision" value=panel.revision.to_string()/>
                <Card title=w.panels_basics()>
                    <TextInput name="panel_name" label=w.panels_name() hint=w.panels_name_hint() value=name limit=NAME_LIMIT error=error("panel_name")/>
                    <Select name="panel_channel" label=w.panels_channel() value=channel options=channels error=error("panel_channel")/>
                    <ChoiceList name="panel_support_roles" id="panel_support_roles" label=w.panels_support_roles() hint=w.panels_support_roles_hint()
                        error=error("panel_support_roles") choices=roles/>
                </Card>
                {message}
                <Card title=w.panels_welcome_card()>
                    <TextArea name="panel_welcome" label=w.panels_welcome() hint=w.panels_body_hint() value=welcome limit=WELCOME_LIMIT optional=true error=error("panel_welcome")/>
                </Card>
                <Card title=w.panels_form() lede=w.panels_form_text()>{questions}</Card>
                <div class="row"><Button kind=ButtonKind::Primary>{w.common_save()}</Button></div>
            </form>
            <CharacterCounts form=FORM.to_owned()/>
            <SaveBar form=FORM.to_owned() text=w.common_unsaved().to_owned() save=w.common_save().to_owned()
                saving=w.common_saving().to_owned() reset=w.common_reset().to_owned() changed=refused stored=path.clone()/>
        };
        Ok(server::frame(&access, server, Area::Panels, panel.settings.name, body))
    })
}

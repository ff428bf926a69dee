//! A member wants to open a ticket.

use domain::ids::PanelId;
use domain::panels::{ANSWER_LIMIT, Question, QuestionStyle};
use serde_json::{Value, json};
use wardesk_core::tickets::custom_id::{CustomId, question_input};
use wardesk_core::tickets::messages;
use wardesk_core::tickets::open::{self, Start, SubmitOpen};

use super::acting::Visit;
use super::answer::Answerer;
use super::{Desk, texts};

/// A panel's button was pressed, or the command named a panel: shows the form, or opens at once.
pub(super) async fn start(desk: &Desk, answerer: &Answerer, visit: Visit, panel: PanelId) {
    // A form has to be the first answer, so what decides about it is waited for, but not for ever.
    let decided = answerer.in_time(async {
        let access = visit.access(&desk.w).await?;
        Ok(open::start(&access, panel).await)
    });
    let text = match decided.await {
        Some(Ok(Ok(Start::Form { title, questions }))) => {
            return answerer.ask(form(panel, &title, &questions)).await;
        }
        Some(Ok(Ok(Start::Submit))) => {
            return submit(desk, answerer, visit, panel, Vec::new()).await;
        }
        Some(Ok(Err(refusal))) => messages::refusal(visit.words(&desk.w).await, refusal),
        Some(Err(error)) => texts::no_access(&desk.w, visit.words(&desk.w).await, &error),
        None => visit.words(&desk.w).await.bot_slow().to_owned(),
    };
    answerer.say(&text).await;
}

/// Accepts the wish. On success the outbox completes the answer, once the channel is there.
pub(super) async fn submit(
    desk: &Desk,
    answerer: &Answerer,
    visit: Visit,
    panel: PanelId,
    answers: Vec<String>,
) {
    // The answer has to be there before the outbox can complete it; and a wish whose answer Discord
    // no longer takes is not carried out behind the member's back.
    if !answerer.think().await {
        return;
    }
    let words = visit.words(&desk.w).await;
    let access = match visit.access(&desk.w).await {
        Ok(access) => access,
        Err(error) => return answerer.correct(&texts::no_access(&desk.w, words, &error)).await,
    };
    let wish = SubmitOpen {
        panel,
        answers,
        interaction: answerer.id(),
        token: answerer.token().clone(),
        opener: visit.member,
    };
    if let Err(error) = open::submit(&access, wish).await {
        answerer.correct(&texts::failure(&desk.w, words, &error)).await;
    }
}

/// The form of a panel as a modal.
fn form(panel: PanelId, title: &str, questions: &[Question]) -> Value {
    let rows: Vec<Value> = questions
        .iter()
        .enumerate()
        .map(|(index, question)| {
            let mut input = json!({
                "type": 4,
                "custom_id": question_input(index),
                "label": question.label,
                "style": match question.style { QuestionStyle::Short => 1, QuestionStyle::Paragraph => 2 },
                "required": question.required,
                "max_length": ANSWER_LIMIT,
            });
            if !question.placeholder.is_empty() {
                input["placeholder"] = json!(question.placeholder);
            }
            json!({ "type": 1, "components": [input] })
        })
        .collect();
    json!({ "custom_id": CustomId::Form(panel).to_string(), "title": title, "components": rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_to_discords_shape() {
        let panel: PanelId = "0193b3c4-5d6e-7f80-9123-456789abcdef".parse().unwrap();
        let question = |placeholder: &str, style| Question {
            label: "What?".into(),
            placeholder: placeholder.into(),
            style,
            required: true,
        };
        let questions =
            [question("", QuestionStyle::Short), question("…", QuestionStyle::Paragraph)];
        let modal = form(panel, "Help", &questions);
        assert_eq!(modal["components"].as_array().unwrap().len(), 2);
        assert_eq!(modal.pointer("/components/0/components/0/placeholder"), None);
        assert_eq!(modal.pointer("/components/1/components/0/style"), Some(&json!(2)));
        assert_eq!(modal.pointer("/components/1/components/0/custom_id"), Some(&json!("q1")));
    }
}

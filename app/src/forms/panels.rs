//! The forms of panels.

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::access::Capability;
use domain::ids::PanelId;
use domain::panels::{MAX_QUESTIONS, PanelSettings, Question, QuestionStyle};
use domain::validation::Problem;
use wardesk_core::Wardesk;
use wardesk_core::guilds::GuildAccess;
use wardesk_core::tickets::{TicketError, panels};
use words::Words;

use super::fields::Posted;
use super::{Asker, Draft, Fields, authorize, done, draft, problem, ticket_failed};

/// Whether the form has a field of this name.
fn is_known(name: &str) -> bool {
    let of_question = |rest: &str| {
        let (number, field) = rest.split_once('_')?;
        let known = matches!(field, "label" | "placeholder" | "paragraph" | "required");
        let number: u32 = number.parse().ok()?;
        Some(known && (1..=MAX_QUESTIONS).contains(&number))
    };
    match name.strip_prefix("question_") {
        Some(rest) => of_question(rest).unwrap_or(false),
        None => matches!(
            name,
            "revision"
                | "move"
                | "panel_name"
                | "panel_channel"
                | "panel_title"
                | "panel_text"
                | "panel_colour"
                | "panel_button_label"
                | "panel_button_emoji"
                | "panel_welcome"
                | "panel_support_roles"
        ),
    }
}

/// Reads the form. Questions without words are left out; the others move up.
pub fn read_panel(fields: &Fields) -> PanelSettings {
    let questions = (1..=MAX_QUESTIONS)
        .map(|n| Question {
            label: fields.get(&format!("question_{n}_label")).to_owned(),
            placeholder: fields.get(&format!("question_{n}_placeholder")).to_owned(),
            style: if fields.has(&format!("question_{n}_paragraph")) {
                QuestionStyle::Paragraph
            } else {
                QuestionStyle::Short
            },
            required: fields.has(&format!("question_{n}_required")),
        })
        .filter(|q| !q.label.is_empty())
        .collect();
    let colour = fields.get("panel_colour").trim_start_matches('#');
    PanelSettings {
        name: fields.get("panel_name").to_owned(),
        channel: fields.get("panel_channel").parse().ok(),
        title: fields.get("panel_title").to_owned(),
        text: fields.text("panel_text"),
        // Past the range, so that the check refuses what is no colour.
        colour: u32::from_str_radix(colour, 16).unwrap_or(u32::MAX),
        button_label: fields.get("panel_button_label").to_owned(),
        button_emoji: fields.get("panel_button_emoji").to_owned(),
        welcome: fields.text("panel_welcome"),
        questions,
        support_roles: fields.ids("panel_support_roles"),
    }
}

fn beginning(w: Words) -> PanelSettings {
    PanelSettings {
        name: w.panels_new_name().to_owned(),
        channel: None,
        title: w.panels_new_heading().to_owned(),
        text: w.panels_new_body().to_owned(),
        colour: 0x58_65_F2,
        button_label: w.panels_new_button().to_owned(),
        button_emoji: "🎫".to_owned(),
        welcome: w.panels_new_welcome().to_owned(),
        questions: Vec::new(),
        support_roles: Vec::new(),
    }
}

/// Makes a panel to be filled in, with words in the language of the server.
pub async fn create(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(guild): Path<String>,
) -> Result<Response, Response> {
    let access = authorize(&wardesk, &asker, &guild, Capability::Configure).await?;
    let locale = match wardesk_core::guilds::settings(&access).await {
        Ok(found) => found.settings.locale,
        Err(error) => return Err(super::guild_failed(&error)),
    };
    match panels::create(&access, beginning(Words::new(locale))).await {
        Ok(id) => Ok(done(&format!("/servers/{guild}/panels/{id}"), "created")),
        Err(TicketError::Invalid(_)) => {
            Err(problem(&format!("/servers/{guild}/panels"), "too_many"))
        }
        Err(error) => Err(ticket_failed(&error)),
    }
}

/// What every form of a panel begins with: the proof that the person may change it, and which it is.
async fn opened(
    wardesk: &Wardesk,
    asker: &Asker,
    guild: &str,
    panel: &str,
) -> Result<(GuildAccess, PanelId), Response> {
    let access = authorize(wardesk, asker, guild, Capability::Configure).await?;
    let id = panel.parse().map_err(|_| StatusCode::NOT_FOUND.into_response())?;
    Ok((access, id))
}

/// The numbers of the two questions that a pressed arrow exchanges: `2_up`, `1_down`.
fn move_wanted(pressed: &str) -> Option<(u32, u32)> {
    let (number, way) = pressed.split_once('_')?;
    let from: u32 = number.parse().ok()?;
    let to = match way {
        "up" => from.checked_sub(1)?,
        "down" => from.checked_add(1)?,
        _ => return None,
    };
    let known = 1..=MAX_QUESTIONS;
    (known.contains(&from) && known.contains(&to)).then_some((from, to))
}

/// Saves a panel.
pub async fn save(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path((guild, panel)): Path<(String, String)>,
    Posted { 0: mut fields }: Posted,
) -> Result<Response, Response> {
    let (access, id) = match opened(&wardesk, &asker, &guild, &panel).await {
        Ok(opened) => opened,
        Err(response) => {
            let path = format!("/servers/{guild}/panels/{panel}");
            return Err(draft::unless_down(&wardesk, &asker, &path, fields, response).await);
        }
    };
    if !fields.are_known(is_known) {
        return Err(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    }
    let path = format!("/servers/{guild}/panels/{id}");
    if let Some((one, other)) = move_wanted(fields.get("move")) {
        // Nothing is saved: the form comes back in the new order, and the person goes on.
        fields.swap(&format!("question_{one}_"), &format!("question_{other}_"));
        let draft = Draft { fields, ..Draft::default() };
        let place = format!("#question_{other}");
        return Ok(draft::back_to(&wardesk, &asker, &path, &draft, &place).await);
    }
    let revision = fields.get("revision").parse().unwrap_or(0);
    let (errors, conflict) = match panels::save(&access, id, revision, read_panel(&fields)).await {
        Ok(()) => return Ok(done(&path, "panel")),
        Err(TicketError::Invalid(errors)) => (errors, false),
        Err(TicketError::Conflict) => (Vec::new(), true),
        Err(error) => {
            let response = ticket_failed(&error);
            return Err(draft::unless_down(&wardesk, &asker, &path, fields, response).await);
        }
    };
    Ok(draft::back(&wardesk, &asker, &path, &Draft { fields, errors, conflict }).await)
}

/// Posts or edits the panel's message in Discord.
pub async fn publish(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path((guild, panel)): Path<(String, String)>,
) -> Result<Response, Response> {
    let (access, id) = opened(&wardesk, &asker, &guild, &panel).await?;
    let path = format!("/servers/{guild}/panels/{id}");
    match panels::publish(&access, id).await {
        Ok(()) => Ok(done(&path, "published")),
        Err(TicketError::Invalid(errors)) => {
            let code = match errors.first().map(|error| error.problem) {
                Some(Problem::Required) => "channel_none",
                Some(Problem::Gone) => "channel_gone",
                _ => "channel",
            };
            Err(problem(&path, code))
        }
        Err(error) => Err(ticket_failed(&error)),
    }
}

/// Removes a panel.
pub async fn remove(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path((guild, panel)): Path<(String, String)>,
) -> Result<Response, Response> {
    let (access, id) = opened(&wardesk, &asker, &guild, &panel).await?;
    match panels::remove(&access, id).await {
        Ok(()) => Ok(done(&format!("/servers/{guild}/panels"), "removed")),
        Err(error) => Err(ticket_failed(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::move_wanted;

    #[test]
    fn arrows_name_two_neighbours() {
        assert_eq!(move_wanted("2_up"), Some((2, 1)));
        assert_eq!(move_wanted("4_down"), Some((4, 5)));
        for nothing in ["", "1_up", "5_down", "0_down", "6_up", "x_up", "2_left"] {
            assert_eq!(move_wanted(nothing), None, "{nothing}");
        }
    }
}

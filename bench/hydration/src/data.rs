//! What the page shows: drawn on the server, and again in the browser, from the same values.

use domain::ids::ChannelId;
use domain::panels::PanelSettings;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A channel to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// Its category's name.
    pub parent: Option<String>,
}

/// A role to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its colour, `0xRRGGBB`.
    pub colour: u32,
}

/// All that the page of a panel shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelPage {
    /// The server's id.
    pub guild: String,
    /// The server's name.
    pub server: String,
    /// The panel's id.
    pub panel: String,
    /// Changes with each save.
    pub revision: i64,
    /// It stands in Discord.
    pub published: bool,
    /// It differs from what stands in Discord.
    pub outdated: bool,
    /// What is stored.
    pub settings: PanelSettings,
    /// Where its message may go.
    pub channels: Vec<Channel>,
    /// Who may be support.
    pub roles: Vec<Role>,
}

/// What the page shows; the browser asks for it when it comes from another page.
#[server]
pub async fn read_panel(guild: String, panel: String) -> Result<PanelPage, ServerFnError> {
    Ok(example(guild, panel))
}

/// A panel as the sandbox's example server has it. A question and a text without words are not among them: they are
/// drawn without a text node, which hydration would look for.
#[cfg(feature = "ssr")]
fn example(guild: String, panel: String) -> PanelPage {
    use domain::panels::{Question, QuestionStyle};

    let channel = |number: i64, name: &str, parent: &str| Channel {
        id: ChannelId::new(420_000_000_000_000_000 + number).unwrap_or_else(|_| unreachable!()),
        name: name.to_owned(),
        parent: Some(parent.to_owned()),
    };
    let role = |number: u32, name: &str, colour| Role {
        id: format!("{}", 410_000_000_000_000_000 + u64::from(number)),
        name: name.to_owned(),
        colour,
    };
    let channels = vec![
        channel(2, "welcome", "Information"),
        channel(3, "rules", "Information"),
        channel(4, "general", "Talk"),
        channel(5, "transcripts", "Staff"),
        channel(6, "support-log", "Staff"),
    ];
    PanelPage {
        guild,
        server: "Harbour Lights".to_owned(),
        panel,
        revision: 3,
        published: true,
        outdated: false,
        settings: PanelSettings {
            name: "Help".to_owned(),
            channel: channels.first().map(|channel| channel.id),
            title: "Need a hand?".to_owned(),
            text: "Press **the button**, and we come to you.".to_owned(),
            colour: 0x58_65_F2,
            button_label: "Open".to_owned(),
            button_emoji: String::new(),
            welcome: "Hello {user}! Tell us what happened.".to_owned(),
            questions: vec![Question {
                label: "What is it about?".to_owned(),
                placeholder: String::new(),
                style: QuestionStyle::Paragraph,
                required: true,
            }],
            support_roles: Vec::new(),
        },
        channels,
        roles: vec![
            role(1, "Support", 0x1a_bc_9c),
            role(2, "Moderator", 0xe6_7e_22),
            role(4, "Regular", 0),
        ],
    }
}

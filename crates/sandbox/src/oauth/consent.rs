//! The consent page: plain HTML, a form, links. No JavaScript.

use super::authorize::PERSON_PARAMETER;
use super::html::Html;
use super::request::{Query, Request};
use crate::control::people;
use crate::id::Id;
use crate::permissions;
use crate::world::World;
use crate::world::model::User;

/// Asks `person`. `problem` says what was wrong with the last answer; `path` is where the form goes.
pub(crate) fn ask(
    query: &Query,
    request: &Request,
    person: Id,
    problem: Option<&str>,
    path: &str,
    world: &World,
) -> String {
    let name = &request.application_name;
    Html::page(&format!("Authorize {name}"), |html| {
        html.element("h1", &[], |html| {
            html.line("strong", &[], name);
            html.text(if request.installs() {
                " wants to join a server"
            } else {
                " wants to know who you are"
            });
        });
        person_picker(html, query, person, path, world);
        html.element("form", &[("method", "post"), ("action", path)], |html| {
            for (name, value) in query.pairs() {
                html.open("input", &[("type", "hidden"), ("name", name), ("value", value)]);
            }
            html.open(
                "input",
                &[("type", "hidden"), ("name", "person"), ("value", &person.to_string())],
            );
            html.line("p", &[("class", "consent-label")], "This lets it");
            html.element("ul", &[("class", "consent-scopes")], |html| {
                for scope in &request.scopes {
                    html.element("li", &[], |html| {
                        html.text(scope.words());
                        html.text(" ");
                        html.line("code", &[], scope.name());
                    });
                }
            });
            if request.installs() {
                server_picker(html, request, person, world);
                bot_permissions(html, request);
            }
            if let Some(problem) = problem {
                html.line("p", &[("class", "consent-problem"), ("role", "alert")], problem);
            }
            html.element("div", &[("class", "consent-buttons")], |html| {
                let cancel = [("class", "button"), ("name", "decision"), ("value", "cancel")];
                html.line("button", &cancel, "Cancel");
                let authorize =
                    [("class", "button primary"), ("name", "decision"), ("value", "authorize")];
                html.line("button", &authorize, "Authorize");
            });
        });
        if let Some(wish) = &request.code {
            html.element("p", &[("class", "consent-note")], |html| {
                html.text("Afterwards you return to ");
                html.line("code", &[], &wish.redirect_uri);
            });
        }
    })
}

/// A row of links, one per person; a link shows the same page as that person.
fn person_picker(html: &mut Html, query: &Query, person: Id, path: &str, world: &World) {
    html.line("p", &[("class", "consent-label"), ("id", "who")], "You are");
    html.element("nav", &[("class", "consent-people"), ("aria-labelledby", "who")], |html| {
        for user in people::humans(world) {
            let mut link = url::form_urlencoded::Serializer::new(format!("{path}?"));
            link.extend_pairs(query.pairs());
            let address = link.append_pair(PERSON_PARAMETER, &user.id.to_string()).finish();
            let mut attributes = vec![("href", address.as_str())];
            if user.id == person {
                attributes.push(("aria-current", "true"));
            }
            html.element("a", &attributes, |html| {
                html.line("span", &[], shown_name(user));
                html.line("small", &[], &people::about(user, world));
            });
        }
    });
}

fn server_picker(html: &mut Html, request: &Request, person: Id, world: &World) {
    let servers: Vec<_> =
        world.guilds().filter(|guild| people::manages(world, guild.id, person)).collect();
    if !request.guild_fixed && !servers.is_empty() {
        html.line("label", &[("class", "consent-label"), ("for", "server")], "Server");
    } else {
        html.line("p", &[("class", "consent-label")], "Server");
    }
    if request.guild_fixed {
        let name = request.guild_id.and_then(|id| servers.iter().find(|guild| guild.id == id));
        let words =
            name.map_or("You do not manage the server that was asked for.", |guild| &guild.name);
        html.line("p", &[], words);
        return;
    }
    if servers.is_empty() {
        html.line("p", &[], "You manage no server. Be somebody else.");
        return;
    }
    html.element("select", &[("id", "server"), ("name", "server")], |html| {
        for guild in servers {
            let id = guild.id.to_string();
            let mut attributes = vec![("value", id.as_str())];
            if request.guild_id == Some(guild.id) {
                attributes.push(("selected", ""));
            }
            html.line("option", &attributes, &guild.name);
        }
    });
}

fn bot_permissions(html: &mut Html, request: &Request) {
    if request.permissions == 0 {
        return;
    }
    html.element("details", &[], |html| {
        html.line("summary", &[], "What it may do there");
        html.element("ul", &[("class", "consent-scopes")], |html| {
            for (name, bit) in permissions::NAMES {
                if request.permissions & bit != 0 {
                    html.line("li", &[], &permission_words(name));
                }
            }
        });
    });
}

/// `MANAGE_CHANNELS` as "Manage channels".
fn permission_words(name: &str) -> String {
    let lower = name.to_lowercase().replace('_', " ");
    let mut letters = lower.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn shown_name(user: &User) -> &str {
    user.global_name.as_deref().unwrap_or(&user.username)
}

/// A request that cannot be shown, in words for its developer.
pub(crate) fn error(words: &str) -> String {
    Html::page("Invalid request", |html| {
        html.line("h1", &[], "This sign-in cannot go on");
        html.line("p", &[("role", "alert")], words);
    })
}

/// The end of an invitation that was given.
pub(crate) fn added(request: &Request, server: &str) -> String {
    Html::page("Authorized", |html| {
        html.line("h1", &[], "Authorized");
        html.element("p", &[], |html| {
            html.line("strong", &[], &request.application_name);
            html.text(" was added to ");
            html.line("strong", &[], server);
            html.text(". You may close this page.");
        });
    })
}

/// The end of an invitation that was declined.
pub(crate) fn cancelled(request: &Request) -> String {
    Html::page("Cancelled", |html| {
        html.line("h1", &[], "Cancelled");
        html.line("p", &[], &format!("{} was not added to a server.", request.application_name));
    })
}

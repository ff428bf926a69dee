//! The control API: making worlds, acting as people, looking at what happened, breaking things.
//!
//! JSON under `/control`, documented with examples in `docs/SANDBOX.md`. The chat page is one of its clients.

mod acts;
mod clock;
mod events;
mod faults;
pub(crate) mod gateway;
pub(crate) mod guard;
mod interactions;
pub(crate) mod people;
pub(crate) mod reply;
mod servers;
mod settings;
mod state;
mod upload;
mod view;
pub(crate) mod wait;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch, post, put};

use crate::Shared;

/// Uploads of people: Discord's 10 MiB per file, ten files, and the form around them.
const LARGEST_BODY: usize = 101 * 1024 * 1024;

/// Every route under `/control`.
pub fn router(shared: Shared) -> Router {
    let routes = Router::new()
        .merge(people_routes())
        .merge(server_routes())
        .route("/state", get(state::world))
        .route("/channels/{channel}/messages", get(acts::all_messages).post(acts::place))
        .route("/interactions", get(interactions::list))
        .route("/interactions/{interaction}", get(interactions::one))
        .route("/journal", get(state::journal).delete(state::clear_journal))
        .route("/violations", get(state::violations).delete(state::clear_violations))
        .route("/events", get(state::recent_events))
        .route("/wait", get(wait::wait))
        .route("/clock", get(clock::read).post(clock::advance))
        .route("/faults", get(faults::list).post(faults::inject).delete(faults::clear))
        .route("/faults/{fault}", delete(faults::remove))
        .route("/application", get(gateway::application).patch(gateway::edit_application))
        .route("/gateway", get(gateway::sessions).post(gateway::act))
        .route("/replay", post(gateway::replay))
        .route("/settings", get(settings::read).patch(settings::change))
        .merge(crate::stripe::control::routes());
    Router::new()
        .nest("/control", routes)
        .layer(axum::middleware::from_fn(guard::same_machine))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
}

fn people_routes() -> Router<Shared> {
    Router::new()
        .route("/people", get(servers::people).post(servers::create_person))
        .route("/people/{person}", patch(servers::edit_person))
        .route("/people/{person}/guilds/{guild}", put(servers::join).delete(servers::leave))
        .route("/people/{person}/authorization", delete(servers::deauthorize))
        .route("/people/{person}/view", get(acts::view))
        .route("/people/{person}/events", get(acts::follow))
        .route("/people/{person}/dms", post(acts::open_dm))
        .route("/people/{person}/commands", get(interactions::commands))
        .route("/people/{person}/interactions", post(interactions::interact))
        .route("/people/{person}/channels/{channel}/messages", get(acts::messages).post(acts::send))
        .route(
            "/people/{person}/channels/{channel}/messages/{message}",
            patch(acts::edit).delete(acts::delete),
        )
        .route(
            "/people/{person}/channels/{channel}/messages/{message}/pin",
            put(acts::pin).delete(acts::unpin),
        )
        .route(
            "/people/{person}/channels/{channel}/messages/{message}/reactions/{emoji}",
            put(acts::react).delete(acts::unreact),
        )
}

fn server_routes() -> Router<Shared> {
    Router::new()
        .route("/guilds", post(servers::create_guild))
        .route("/guilds/{guild}", patch(servers::edit_guild).delete(servers::delete_guild))
        .route("/guilds/{guild}/outage", put(servers::set_outage))
        .route("/guilds/{guild}/bot", put(servers::add_bot).delete(servers::remove_bot))
        .route("/guilds/{guild}/roles", post(servers::create_role))
        .route(
            "/guilds/{guild}/roles/{role}",
            patch(servers::edit_role).delete(servers::delete_role),
        )
        .route(
            "/guilds/{guild}/members/{person}",
            patch(servers::edit_member).delete(servers::kick),
        )
        .route(
            "/guilds/{guild}/members/{person}/roles/{role}",
            put(servers::give_role).delete(servers::take_role),
        )
        .route("/guilds/{guild}/bans/{person}", put(servers::ban).delete(servers::unban))
        .route("/crowd", post(servers::add_crowd))
        .route("/guilds/{guild}/channels", post(servers::create_channel))
        .route(
            "/channels/{channel}",
            get(servers::channel).patch(servers::edit_channel).delete(servers::delete_channel),
        )
        .route(
            "/channels/{channel}/overwrites/{target}",
            put(servers::set_overwrite).delete(servers::delete_overwrite),
        )
}

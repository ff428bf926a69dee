//! REST, version 10. Each feature has a table of routes; [`drive`] runs every request the same way.

mod applications;
mod bans;
mod body;
pub(crate) mod call;
mod channels;
mod commands;
mod drive;
mod gateway;
mod guilds;
mod interactions;
mod members;
mod messages;
mod pins;
mod reactions;
mod roles;
mod threads;
mod users;
mod webhooks;

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::Shared;
use call::{Access, Handler};

/// One endpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub method: &'static str,
    /// As in Discord's description, without version.
    pub path: &'static str,
    pub access: Access,
    pub handler: Handler,
}

pub(crate) const fn bot(method: &'static str, path: &'static str, handler: Handler) -> Route {
    Route { method, path, access: Access::Bot, handler }
}

pub(crate) const fn open(method: &'static str, path: &'static str, handler: Handler) -> Route {
    Route { method, path, access: Access::Open, handler }
}

pub(crate) const fn scoped(
    method: &'static str,
    path: &'static str,
    scope: &'static str,
    handler: Handler,
) -> Route {
    Route { method, path, access: Access::Scope(scope), handler }
}

const TABLES: &[&[Route]] = &[
    applications::ROUTES,
    bans::ROUTES,
    channels::ROUTES,
    commands::ROUTES,
    gateway::ROUTES,
    guilds::ROUTES,
    interactions::ROUTES,
    members::ROUTES,
    messages::ROUTES,
    pins::ROUTES,
    reactions::ROUTES,
    roles::ROUTES,
    threads::ROUTES,
    users::ROUTES,
    webhooks::ROUTES,
];

/// Method and path of every endpoint that the sandbox serves, as in Discord's description.
pub fn endpoints() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.iter().flat_map(|table| table.iter()).map(|route| (route.method, route.path))
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "PATCH" => MethodFilter::PATCH,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

fn method_route(route: &'static Route) -> MethodRouter<Shared> {
    on(
        filter(route.method),
        move |State(shared): State<Shared>, params: RawPathParams, request: Request| {
            drive::answer(shared, route, params, request)
        },
    )
}

/// `/api/v10/…` and `/api/…`.
pub fn router(shared: Shared) -> Router {
    let mut router = Router::new();
    for prefix in ["/api/v10", "/api"] {
        for route in TABLES.iter().flat_map(|table| table.iter()) {
            router = router.route(&format!("{prefix}{}", route.path), method_route(route));
        }
        router = router.route(&format!("{prefix}/{{*rest}}"), axum::routing::any(unknown));
    }
    router.method_not_allowed_fallback(not_allowed).with_state(shared)
}

async fn unknown(State(shared): State<Shared>, request: Request) -> Response {
    drive::refuse_route(&shared, request.method(), request.uri().path(), false)
}

async fn not_allowed(State(shared): State<Shared>, request: Request) -> Response {
    drive::refuse_route(&shared, request.method(), request.uri().path(), true)
}

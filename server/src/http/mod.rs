//! The HTTP edge: routes, the layers around them, and what every page is given.

mod auth;
pub mod client;
mod context;
mod exports;
mod files;

mod guard;
mod headers;
pub mod listener;
mod live;
mod marks;
mod media;
mod observe;
mod own;
mod ranges;
mod rates;
mod readiness;
mod seats;
mod session;
mod shared;
mod stream;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use leptos::prelude::LeptosOptions;
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::services::{ServeDir, ServeFile};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};
use wardesk_core::Wardesk;

use live::Streams;
use media::Media;
use rates::{Meter, SharedMeters};
use session::Sessions;

/// How hard pages are packed: a tenth smaller than at the least, for a twentieth of the time that a list takes.
const QUALITY: CompressionLevel = CompressionLevel::Precise(3);

/// Pages and data. What people sent goes out as it came: most of it is packed already, and a file that is small only
/// as long as nobody unpacks it stays so.
fn worth_it() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/zip"))
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("audio/"))
        .and(NotForContentType::const_new("video/"))
}

/// What every handler can reach.
#[derive(Clone)]
pub struct AppState {
    /// The use-cases.
    pub wardesk: Wardesk,
    /// The run-time options of Leptos.
    pub leptos: LeptosOptions,
    /// Pictures of Discord, served as our own.
    media: Media,
    /// Pages that listen for changes.
    streams: Streams,
    /// Sign-ins of late.
    sign_ins: Meter,
    /// Requests about personal data that were made of late.
    requests: Meter,
    /// What signed-in people changed of late.
    writes: Meter,
    /// What the operator's mail service signs with; nothing where mail is not taken.
    mail_secrets: Arc<[SecretString]>,
    /// Share links that were opened of late.
    shared: SharedMeters,
    /// Ends when the program begins to stop: `/readyz` says so, balancers look elsewhere, and pages that
    /// listen for changes are let go.
    pub draining: CancellationToken,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

impl AppState {
    /// Gathers what handlers need.
    pub fn new(wardesk: Wardesk, leptos: LeptosOptions) -> Self {
        Self {
            wardesk,
            leptos,
            media: Media::default(),
            streams: live::streams(),
            sign_ins: Meter::sign_ins(),
            requests: Meter::requests(),
            writes: Meter::writes(),
            mail_secrets: Arc::default(),
            shared: SharedMeters::default(),
            draining: CancellationToken::new(),
        }
    }
}

impl AppState {
    /// Takes mails that are signed with one of these secrets.
    #[must_use]
    pub fn with_mail(mut self, secrets: &[SecretString]) -> Self {
        self.mail_secrets = secrets.into();
        self
    }
}

/// All routes with all layers.
pub fn router(state: AppState) -> Router {
    let sessions = SessionManagerLayer::new(Sessions(state.wardesk.clone()))
        .with_name(session::COOKIE)
        .with_same_site(SameSite::Strict)
        .with_secure(true)
        .with_http_only(true)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(
            wardesk_core::accounts::sessions::ABSOLUTE_SECONDS,
        )));
    let routes = generate_route_list(app::App);
    let options = state.leptos.clone();
    let sign_in = Router::new()
        .route("/auth/login", post(auth::login))
        .route("/auth/callback", get(auth::callback))
        .route_layer(from_fn_with_state(state.sign_ins.clone(), rates::sign_ins));
    let pages = Router::new()
        .merge(sign_in)
        .route("/auth/logout", post(auth::logout))
        .route("/media/{kind}/{id}/{hash}", get(media::picture))
        .route("/account/privacy/download", get(own::download))
        .route("/transcripts/{ticket}/files/{attachment}", get(files::attachment))
        .route("/shared/{link}/files/{attachment}", get(files::shared))
        .route("/transcripts/{ticket}/export", post(exports::export))
        .route("/transcripts/{ticket}/export/live", get(exports::progress))
        .route("/servers/{guild}/tickets/{ticket}/live", get(live::ticket))
        .merge(app::forms::routes())
        .leptos_routes_with_context(&state, routes, context::provider(state.wardesk.clone()), {
            move || app::shell(options.clone())
        })
        .fallback(context::not_found)
        .layer(from_fn_with_state(state.shared.clone(), rates::shared))
        .layer(from_fn_with_state(state.requests.clone(), rates::requests))
        .layer(from_fn_with_state(state.writes.clone(), rates::writes))
        .layer(from_fn_with_state(state.clone(), context::in_words))
        .layer(axum::Extension(state.wardesk.clone()))
        .layer(from_fn_with_state(state.clone(), session::identify))
        .layer(sessions)
        .layer(from_fn(session::take_back))
        // Pages hold no secret that a guess beside it could be compared with (BREACH): no tokens, and
        // requests from other sites come without the session. Live events and pictures stay as they are.
        .layer(CompressionLayer::new().quality(QUALITY).compress_when(worth_it()));
    Router::new()
        .merge(pages)
        .layer(from_fn_with_state(state.clone(), guard::check))
        .merge(assets(&state.leptos))
        // Outside the guard: whoever sends these has no page here.
        .merge(webhooks::routes())
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(from_fn(observe::request))
        .merge(readiness::routes())
        .layer(from_fn(shared::no_referrer))
        // Around everything: an answer to a panic has these headers too.
        .layer(from_fn(headers::secure))
        .with_state(state)
}

/// The built files: names carry a hash of the content, so a browser keeps them for ever.
fn assets(options: &LeptosOptions) -> Router<AppState> {
    let root = std::path::Path::new(options.site_root.as_ref());
    let package = root.join(options.site_pkg_dir.as_ref());
    let files = ServeDir::new(package).precompressed_br().precompressed_gzip();
    Router::new()
        .nest_service(&format!("/{}", options.site_pkg_dir), files)
        .route_service("/favicon.svg", ServeFile::new(root.join("favicon.svg")))
        .route_service("/robots.txt", ServeFile::new(root.join("robots.txt")))
        .route_service("/player/lottie.js", ServeFile::new(root.join("player/lottie.js")))
        .layer(from_fn(headers::lasting))
}

//! OAuth2: the consent page, codes, tokens, revocation.
//!
//! Stricter than Discord on purpose: `state` is required, PKCE with S256 is required, a code is good once
//! and for one minute, redirect addresses match byte by byte. A client that passes here has the protections
//! that RFC 9700 asks for; one that lacks them finds out at the first sign-in.

mod authorize;
mod consent;
mod disturb;
mod grants;
pub(crate) mod html;
mod me;
mod request;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::{get, post};

use crate::Shared;
use crate::control::guard;
use grants::Grants;
pub(crate) use grants::deauthorize;

/// What the handlers share. Locks are always taken in this order: grants, then world.
#[derive(Clone)]
struct OAuth {
    shared: Shared,
    grants: Arc<Mutex<Grants>>,
}

impl OAuth {
    fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The routes of OAuth2, under the three prefixes that Discord answers to.
pub fn router(shared: Shared) -> Router {
    let oauth = OAuth { shared, grants: Arc::default() };
    let mut pages = Router::new();
    for path in ["/oauth2/authorize", "/api/oauth2/authorize", "/api/v10/oauth2/authorize"] {
        pages = pages.route(path, get(authorize::show).post(authorize::decide));
    }
    // Only pages read cookies, so only they need protection against other sites.
    let pages = pages.layer(axum::middleware::from_fn(guard::same_machine));
    let mut tokens = Router::new();
    for prefix in ["/api", "/api/v10"] {
        tokens = tokens
            .route(&format!("{prefix}/oauth2/token"), post(token::exchange))
            .route(&format!("{prefix}/oauth2/token/revoke"), post(token::revoke))
            .route(&format!("{prefix}/oauth2/@me"), get(me::current_authorization));
    }
    let disturb = axum::middleware::from_fn_with_state(oauth.clone(), disturb::disturb);
    pages.merge(tokens.layer(disturb)).with_state(oauth)
}

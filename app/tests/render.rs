//! Pages rendered by the real router, without a browser and without a signed-in person.
#![cfg(feature = "ssr")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::context::{RequestMeta, Theme};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::locale::Locale;
use http_body_util::BodyExt;
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower::ServiceExt;

async fn get(path: &'static str, locale: Locale, theme: Theme) -> (StatusCode, String) {
    let options = LeptosOptions::builder().output_name("wardesk").build();
    let meta = RequestMeta { locale, theme, path: path.to_owned(), correlation: String::new() };
    let context = move || provide_context(meta.clone());
    let shell_options = options.clone();
    let fallback_options = options.clone();
    let router = Router::new()
        .leptos_routes_with_context(
            &options,
            generate_route_list(app::App),
            context.clone(),
            move || app::shell(shell_options.clone()),
        )
        .fallback(leptos_axum::render_app_async_with_context(context, move || {
            app::shell(fallback_options.clone())
        }))
        .with_state(options);
    let request = Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_start_page_ships_no_program_and_speaks_the_language() {
    let (status, html) = get("/", Locale::De, Theme::Dark).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("<html lang=\"de\" data-theme=\"dark\""), "{html}");
    assert!(html.contains("Mit Discord anmelden"));
    // Leptos writes its empty list of resources into every page; a program there is none.
    for program in [" src=", "modulepreload", "type=\"module\"", ".wasm"] {
        assert!(!html.contains(program), "{program} in {html}");
    }
}

#[tokio::test]
async fn what_does_not_exist_has_status_404_in_the_design() {
    let (status, html) = get("/no/such/page", Locale::En, Theme::System).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(html.contains("There is nothing here"));
    assert!(!html.contains("data-theme"));
}

#[tokio::test]
async fn the_design_page_has_islands_and_no_inline_style() {
    let (status, html) = get("/design", Locale::En, Theme::Light).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("<leptos-island"));
    assert!(html.contains("type=\"module\""));
    assert!(!html.contains(" style="), "{html}");
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/design.html"), html).unwrap();
}

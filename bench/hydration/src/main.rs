//! Serves the page of `bench-hydration` on loopback, so that a browser can show that it comes to life:
//! `bench-hydration SITE`, the folder in which `pkg` is. Prints its address.

use std::net::{Ipv4Addr, SocketAddr};

use hydration::{App, shell};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use tower_http::services::ServeDir;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[expect(clippy::disallowed_methods, reason = "a program of one argument")]
    let site = std::env::args().nth(1).ok_or("which folder?")?;
    let options = LeptosOptions::builder().output_name("hydration").site_root(site.clone()).build();
    let pages = {
        let options = options.clone();
        move || shell(options.clone())
    };
    let app = axum::Router::new()
        .leptos_routes(&options, generate_route_list(|| view! { <App/> }), pages)
        .fallback_service(ServeDir::new(site))
        .with_state(options);
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = tokio::net::TcpListener::bind(any).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

//! Logs and metrics. Logs are structured and hold no content, tokens or addresses.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging to standard output, one JSON object per line.
pub fn start_logs(filter: &str) {
    let mut filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // These write what people wrote into their lines; no setting may turn them on.
    for target in discord::MUTED_TARGETS {
        if let Ok(off) = format!("{target}=off").parse() {
            filter = filter.add_directive(off);
        }
    }
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(true);
    tracing_subscriber::registry().with(filter).with(lines).init();
}

/// A panic's own text may quote what a person wrote: from here on its place alone is told. Whoever wants to
/// do more about panics takes this hook and adds to it.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map(|at| (at.file(), at.line())).unwrap_or_default();
        if tracing::dispatcher::has_been_set() {
            tracing::error!(file, line, "panicked");
        } else {
            eprintln!("wardesk: panicked at {file}:{line}");
        }
    }));
}

/// Starts collecting metrics. They are read through the handle.
pub fn start_metrics() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    let seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0];
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds)?
        .install_recorder()
}

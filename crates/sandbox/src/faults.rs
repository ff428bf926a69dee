//! Faults on demand: what Discord and the network between do on bad days.

use serde::{Deserialize, Serialize};

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// 429 without effect.
    RateLimit {
        /// Seconds to wait, as the answer says.
        retry_after: f64,
        /// The limit of all routes.
        #[serde(default)]
        global: bool,
        /// The limit is shared with others (`X-RateLimit-Scope: shared`) and does not count as invalid.
        #[serde(default)]
        shared: bool,
        /// Leaves out `Retry-After` and the body's `retry_after`.
        #[serde(default)]
        without_retry_after: bool,
    },
    /// An answer of this status without effect; 5xx with an HTML body as proxies send it.
    Status {
        /// HTTP status.
        status: u16,
    },
    /// The answer comes late; the effect takes place before the wait.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The connection is cut before anything happened.
    CutBefore,
    /// The connection is cut after the effect took place.
    CutAfter,
    /// 200 with an HTML page, without effect.
    Html,
    /// 200 with JSON that breaks off, after the effect.
    BrokenJson,
}

/// A fault and when it strikes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Set by [`Faults::add`].
    #[serde(default)]
    pub id: u64,
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only this HTTP method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only this route: a template (`/channels/{channel_id}/messages`) or the beginning of one with `*`
    /// at its end (`/channels/*`).
    #[serde(default)]
    pub route: Option<String>,
    /// Only paths that contain this (an id, for example).
    #[serde(default)]
    pub path: Option<String>,
    /// How often it strikes; without end when absent.
    #[serde(default)]
    pub count: Option<u32>,
    /// How many matching requests pass unharmed before it strikes.
    #[serde(default)]
    pub after: u32,
    /// Until when, in milliseconds UTC of the sandbox's clock.
    #[serde(default)]
    pub until: Option<i64>,
}

impl Fault {
    /// A fault on every request, without end.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            id: 0,
            kind,
            method: None,
            route: None,
            path: None,
            count: None,
            after: 0,
            until: None,
        }
    }

    /// Only on this method and route.
    #[must_use]
    pub fn on(mut self, method: &str, route: &str) -> Self {
        self.method = Some(method.to_owned());
        self.route = Some(route.to_owned());
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    fn matches(&self, method: &str, route: &str, path: &str) -> bool {
        let fits = |wanted: &str| match wanted.strip_suffix('*') {
            Some(start) => route.starts_with(start),
            None => route == wanted,
        };
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.route.as_deref().is_none_or(fits)
            && self.path.as_deref().is_none_or(|part| path.contains(part))
    }
}

/// The faults that are waiting.
#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<Fault>,
    last: u64,
    /// The gateway answers no heartbeat (a zombie connection).
    pub mute_heartbeats: bool,
    /// The gateway accepts no connection.
    pub refuse_gateway: bool,
}

impl Faults {
    /// Adds a fault and returns its id.
    pub fn add(&mut self, mut fault: Fault) -> u64 {
        self.last += 1;
        fault.id = self.last;
        self.list.push(fault);
        self.last
    }

    /// Takes a fault away; whether it was there.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.list.len();
        self.list.retain(|fault| fault.id != id);
        self.list.len() < before
    }

    /// Takes all faults away, those of the gateway included.
    pub fn clear(&mut self) {
        self.list.clear();
        self.mute_heartbeats = false;
        self.refuse_gateway = false;
    }

    /// The faults that wait, oldest first.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// The faults that strike this request; counts them down.
    pub(crate) fn strike(
        &mut self,
        method: &str,
        route: &str,
        path: &str,
        now: i64,
    ) -> Vec<FaultKind> {
        self.list.retain(|fault| fault.until.is_none_or(|until| until > now));
        let mut struck = Vec::new();
        for fault in &mut self.list {
            if !fault.matches(method, route, path) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            if let Some(count) = &mut fault.count {
                *count = count.saturating_sub(1);
            }
            struck.push(fault.kind.clone());
        }
        self.list.retain(|fault| fault.count != Some(0));
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_its_route_and_only_so_often() {
        let mut faults = Faults::default();
        faults.add(Fault::new(FaultKind::CutAfter).on("POST", "/channels/*").times(1));
        assert!(faults.strike("GET", "/channels/{channel_id}", "/channels/1", 0).is_empty());
        assert_eq!(
            faults.strike("POST", "/channels/{channel_id}/messages", "/x", 0),
            [FaultKind::CutAfter]
        );
        assert!(faults.strike("POST", "/channels/{channel_id}/messages", "/x", 0).is_empty());
    }
}

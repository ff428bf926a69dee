//! Where a request comes from, for limits alone: it is neither logged nor kept.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;

/// Whose requests are counted together; `None` when that is not known. Put into every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(pub Option<IpAddr>);

/// Which peers stand in front of this program, for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxies {
    /// These, if any: their word for whom they speak counts.
    Named(Vec<IpAddr>),
    /// Every peer: they have no fixed addresses, so nobody's word counts, and nobody is known.
    Unnamed,
}

impl Proxies {
    fn names(&self, peer: IpAddr) -> bool {
        matches!(self, Self::Named(proxies) if proxies.contains(&peer))
    }

    /// Whether a peer speaks for any number of others, without saying for whom.
    fn hides(&self, peer: IpAddr) -> bool {
        peer.is_loopback() || *self == Self::Unnamed
    }

    /// Whose connections are counted together with those of a peer. `None`: they are not counted.
    pub fn counted(&self, peer: IpAddr) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        let counts = !self.hides(peer) && !self.names(peer);
        counts.then(|| network(peer))
    }
}

/// One IPv4 address, or the network that an IPv6 customer is given at the least.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        IpAddr::V4(address) => address.into(),
    }
}

/// The client of a request: who connected, or, where that is a proxy that the settings name, whom it names in
/// `X-Forwarded-For`. What stands in that header before is the client's own word. A proxy on this machine that
/// the settings do not name stands for everybody, so nobody is known.
pub fn of(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> Client {
    let peer = peer.to_canonical();
    if !proxies.names(peer) {
        return Client((!proxies.hides(peer)).then(|| network(peer)));
    }
    // Part by part: what the client wrote before may be anything, and must not spoil what the proxy wrote.
    let named: Vec<&[u8]> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .collect();
    for part in named.into_iter().rev() {
        let text = std::str::from_utf8(part).unwrap_or_default();
        let Ok(address) = text.trim().parse::<IpAddr>() else { return Client(None) };
        // One proxy behind another.
        if !proxies.names(address.to_canonical()) {
            return Client(Some(network(address)));
        }
    }
    Client(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&'static str], proxies: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let proxies = Proxies::Named(proxies.iter().map(|p| p.parse().unwrap()).collect());
        of(peer.parse().unwrap(), &headers, &proxies).0.map(|address| address.to_string())
    }

    #[test]
    fn only_a_named_proxy_is_believed() {
        let forged = ["203.0.113.1"];
        assert_eq!(client("198.51.100.7", &forged, &[]).unwrap(), "198.51.100.7");
        assert_eq!(client("198.51.100.7", &forged, &["10.0.0.2"]).unwrap(), "198.51.100.7");
        assert_eq!(client("127.0.0.1", &forged, &[]), None);
        assert_eq!(client("10.0.0.2", &forged, &["10.0.0.2"]).unwrap(), "203.0.113.1");
        assert_eq!(client("::ffff:10.0.0.2", &forged, &["10.0.0.2"]).unwrap(), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &forged, &["127.0.0.1"]).unwrap(), "203.0.113.1");
    }

    #[test]
    fn behind_proxies_without_addresses_nobody_is_known() {
        let peer: IpAddr = "198.51.100.7".parse().unwrap();
        assert_eq!(of(peer, &HeaderMap::new(), &Proxies::Unnamed), Client(None));
        assert_eq!(Proxies::Unnamed.counted(peer), None);
        assert_eq!(Proxies::Named(Vec::new()).counted(peer), Some(peer));
    }

    #[test]
    fn what_the_client_wrote_itself_does_not_count() {
        let proxies = ["127.0.0.1", "10.0.0.2"];
        let of = |forwarded: &[&'static str]| client("127.0.0.1", forwarded, &proxies);
        assert_eq!(of(&["192.0.2.1, 203.0.113.1"]).unwrap(), "203.0.113.1");
        assert_eq!(of(&["192.0.2.1", "203.0.113.1, 10.0.0.2"]).unwrap(), "203.0.113.1");
        assert_eq!(of(&["2001:db8:1:2:3::4"]).unwrap(), "2001:db8:1:2::");
        let mut headers = HeaderMap::new();
        let bytes = axum::http::HeaderValue::from_bytes(b"\xff, 203.0.113.9").unwrap();
        headers.insert("x-forwarded-for", bytes);
        let named = Proxies::Named(vec!["127.0.0.1".parse().unwrap()]);
        let known = super::of("127.0.0.1".parse().unwrap(), &headers, &named).0;
        assert_eq!(known, Some("203.0.113.9".parse().unwrap()), "a byte of the client's own");
        for unknown in [&[][..], &["10.0.0.2"], &["203.0.113.1, unknown"], &[""]] {
            assert_eq!(of(unknown), None, "{unknown:?}");
        }
    }
}

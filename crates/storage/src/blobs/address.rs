//! Where the blobs are, as an operator writes it.

use std::path::PathBuf;

use url::{Host, Url};

/// The region of stores that have none of their own.
const NO_REGION: &str = "us-east-1";

/// Where the blobs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobsAddress {
    /// `file:///absolute/folder`
    Folder(PathBuf),
    /// `s3://bucket/prefix?endpoint=…&region=…`
    Bucket(Bucket),
}

/// A bucket of an S3 store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What stands before the name of each object, without slashes at its ends; may be empty.
    pub prefix: String,
    /// The store, without a slash at the end; `None` for Amazon's own.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
}

impl Bucket {
    /// The host that is asked. Amazon's stores are asked by path. Source: Amazon S3 documentation, "Path-style
    /// requests".
    pub fn host(&self) -> String {
        let amazon = || format!("s3.{}.amazonaws.com", self.region);
        let endpoint = self.endpoint.as_deref().and_then(|endpoint| Url::parse(endpoint).ok());
        endpoint.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(amazon)
    }

    /// Whether it is asked without TLS: only ever on this machine.
    pub(super) fn is_plain(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"))
    }
}

/// What is wrong with an address. Each text continues the name of the setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// Another scheme, or no address at all.
    #[error("starts with file:// and names a folder, or with s3:// and names a bucket")]
    Unknown,
    /// `s3://key:secret@…`
    #[error("holds a name or a password: an address is shown, so keys have settings of their own")]
    Credentials,
    /// The name of the bucket. Source: Amazon S3 documentation, "Bucket naming rules".
    #[error("names no bucket: 3 to 63 of a-z, 0-9, . and -, with a letter or digit at both ends")]
    Bucket,
    /// What follows the bucket.
    #[error("has a prefix with more than letters, digits, . _ and - between its slashes")]
    Prefix,
    /// A parameter that there is not, or one that is there twice.
    #[error("takes endpoint and region once each, and has {0:?}")]
    Parameter(String),
    /// The endpoint.
    #[error("needs an endpoint with https:// and without a path; http:// is for loopback alone")]
    Endpoint,
    /// The region.
    #[error("needs a region, such as &region=eu-central-1: small letters, digits and -")]
    Region,
}

impl BlobsAddress {
    /// Reads an address; tells everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<AddressProblem>> {
        if let Some(folder) = text.strip_prefix("file://") {
            let named = !folder.is_empty();
            return if named {
                Ok(Self::Folder(folder.into()))
            } else {
                Err(vec![AddressProblem::Unknown])
            };
        }
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "s3");
        let Some(url) =
            url.filter(|url| url.has_host() && url.fragment().is_none() && url.port().is_none())
        else {
            return Err(vec![AddressProblem::Unknown]);
        };
        let mut problems = Vec::new();
        if !url.username().is_empty() || url.password().is_some() {
            problems.push(AddressProblem::Credentials);
        }
        let name = url.host_str().unwrap_or_default().to_owned();
        if !is_bucket_name(&name) {
            problems.push(AddressProblem::Bucket);
        }
        let prefix = url.path().trim_matches('/').to_owned();
        if !prefix.is_empty() && !prefix.split('/').all(is_part) {
            problems.push(AddressProblem::Prefix);
        }
        let (mut endpoint, mut region) = (None, None);
        for (key, value) in url.query_pairs() {
            let place = match &*key {
                "endpoint" => &mut endpoint,
                "region" => &mut region,
                _ => {
                    problems.push(AddressProblem::Parameter(key.into_owned()));
                    continue;
                }
            };
            if place.replace(value.into_owned()).is_some() {
                problems.push(AddressProblem::Parameter(key.into_owned()));
            }
        }
        if endpoint.as_deref().is_some_and(|endpoint| !is_endpoint(endpoint)) {
            problems.push(AddressProblem::Endpoint);
        }
        // Amazon's stores are in regions; others mostly ignore them.
        let region = region.or_else(|| endpoint.as_ref().map(|_| NO_REGION.to_owned()));
        let region = region.unwrap_or_default();
        if !is_region(&region) {
            problems.push(AddressProblem::Region);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let endpoint = endpoint.map(|endpoint| endpoint.trim_end_matches('/').to_owned());
        Ok(Self::Bucket(Bucket { name, prefix, endpoint, region }))
    }
}

fn is_bucket_name(name: &str) -> bool {
    let is_end = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(b))
        && !name.contains("..")
}

fn is_part(part: &str) -> bool {
    let known = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    known && !part.is_empty() && part != "." && part != ".."
}

fn is_endpoint(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let scheme_ok = match url.scheme() {
        "https" => url.has_host(),
        "http" => match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        },
        _ => false,
    };
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    scheme_ok && bare && url.username().is_empty() && url.password().is_none()
}

fn is_region(region: &str) -> bool {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !region.is_empty() && region.len() <= 64 && region.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(text: &str) -> Bucket {
        match BlobsAddress::parse(text) {
            Ok(BlobsAddress::Bucket(bucket)) => bucket,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn folders_and_buckets_are_told_apart() {
        let folder = BlobsAddress::parse("file:///srv/blobs").unwrap();
        assert_eq!(folder, BlobsAddress::Folder("/srv/blobs".into()));
        let amazon = bucket("s3://my-bucket/desk/blobs/?region=eu-central-1");
        assert_eq!((amazon.name.as_str(), amazon.prefix.as_str()), ("my-bucket", "desk/blobs"));
        assert_eq!((amazon.endpoint, amazon.region.as_str()), (None, "eu-central-1"));
        let other = bucket("s3://abc?endpoint=https://s3.example:9000/");
        assert_eq!(other.endpoint.as_deref(), Some("https://s3.example:9000"));
        assert_eq!((other.prefix.as_str(), other.region.as_str()), ("", "us-east-1"));
        assert!(bucket("s3://abc?endpoint=http://127.0.0.1:9000").is_plain());
        assert!(bucket("s3://abc?endpoint=http%3A%2F%2F%5B%3A%3A1%5D%3A9000").is_plain());
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let problems = |text: &str| BlobsAddress::parse(text).unwrap_err();
        let all =
            problems("s3://id:secret@AB/a//b?endpoint=http://s3.example&region=&zone=1&zone=2");
        let zone = || AddressProblem::Parameter("zone".into());
        let expected = [
            AddressProblem::Credentials,
            AddressProblem::Bucket,
            AddressProblem::Prefix,
            zone(),
            zone(),
            AddressProblem::Endpoint,
            AddressProblem::Region,
        ];
        assert_eq!(all, expected);
        assert!(all.iter().all(|problem| !problem.to_string().contains("secret@")));
        assert_eq!(problems("s3://abc"), [AddressProblem::Region]);
        for unknown in ["", "file://", "ftp://abc", "/srv", "s3:abc", "s3://abc:9000?region=x"] {
            assert_eq!(problems(unknown).len(), 1, "{unknown}");
        }
        for endpoint in ["https://", "https://h/path", "https://u@h", "http://10.0.0.1", "h:9000"] {
            let text = format!("s3://abc?endpoint={endpoint}");
            assert_eq!(problems(&text), [AddressProblem::Endpoint], "{endpoint}");
        }
    }
}

//! Form-encoded parameters with brackets: `items[0][price]=…`, `expand[]=…`.

use std::collections::BTreeMap;

use super::error::StripeError;

/// Deepest nesting read; Stripe's own parameters go less deep.
const DEEPEST: usize = 8;

/// Parameters of one level, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Params {
    fields: Vec<(String, Param)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Param {
    Text(String),
    Group(Params),
}

impl Params {
    /// Reads a query or body.
    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, StripeError> {
        let mut all = Self::default();
        for (key, value) in url::form_urlencoded::parse(encoded) {
            let path = path(&key).ok_or_else(|| StripeError::unknown_param(&key))?;
            all.put(&path, value.into_owned()).ok_or_else(|| {
                StripeError::invalid(format!(
                    "Invalid parameters: {key} is both a value and a group of values."
                ))
            })?;
        }
        Ok(all)
    }

    fn put(&mut self, path: &[&str], value: String) -> Option<()> {
        let (first, rest) = path.split_first()?;
        // `x[]` means the next item.
        let name =
            if first.is_empty() { self.fields.len().to_string() } else { (*first).to_owned() };
        let place = self.fields.iter().position(|(known, _)| *known == name);
        if rest.is_empty() {
            match place {
                Some(place) => self.fields[place].1 = Param::Text(value),
                None => self.fields.push((name, Param::Text(value))),
            }
            return Some(());
        }
        let place = place.unwrap_or_else(|| {
            self.fields.push((name, Param::Group(Self::default())));
            self.fields.len() - 1
        });
        match &mut self.fields[place].1 {
            Param::Group(group) => group.put(rest, value),
            Param::Text(_) => None,
        }
    }

    /// Refuses what the request does not take.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), StripeError> {
        let unknown = self
            .fields
            .iter()
            .find(|(name, _)| name != "expand" && !known.contains(&name.as_str()));
        unknown.map_or(Ok(()), |(name, _)| Err(StripeError::unknown_param(name)))
    }

    fn get(&self, name: &str) -> Option<&Param> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, param)| param)
    }

    /// A value that is there and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.given(name).filter(|text| !text.is_empty())
    }

    /// A value that is there; an empty one unsets, with Stripe.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Param::Text(text) => Some(text),
            Param::Group(_) => None,
        }
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, StripeError> {
        self.text(name).ok_or_else(|| StripeError::missing_param(name))
    }

    pub(crate) fn group(&self, name: &str) -> Option<&Self> {
        match self.get(name)? {
            Param::Group(group) => Some(group),
            Param::Text(_) => None,
        }
    }

    /// The groups in a group, by their names: `currency_options[usd][unit_amount]`.
    pub(crate) fn groups(&self, name: &str) -> impl Iterator<Item = (&str, &Self)> {
        self.group(name).into_iter().flat_map(|group| &group.fields).filter_map(|(name, param)| {
            match param {
                Param::Group(group) => Some((name.as_str(), group)),
                Param::Text(_) => None,
            }
        })
    }

    /// The items of a list.
    pub(crate) fn items(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.groups(name).map(|(_, item)| item)
    }

    /// The values of a list.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let fields = self.group(name).into_iter().flat_map(|group| &group.fields);
        fields
            .filter_map(|(_, param)| match param {
                Param::Text(text) => Some(text.as_str()),
                Param::Group(_) => None,
            })
            .collect()
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, StripeError> {
        let parse = |text: &str| text.parse().map_err(|_| StripeError::invalid_integer(name, text));
        self.text(name).map(parse).transpose()
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, StripeError> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                Err(StripeError::invalid(format!("Invalid boolean: {other} (parameter {name})")))
            }
        }
    }

    /// Whether `name[enabled]` is true.
    pub(crate) fn enabled(&self, name: &str) -> Result<bool, StripeError> {
        let group = self.group(name).map(|group| group.boolean("enabled")).transpose()?;
        Ok(group.flatten().unwrap_or(false))
    }

    /// Lays `metadata[…]` over what is there: an empty value takes a key away, `metadata=` takes all.
    /// At most 50 keys of 40 characters with values of 500.
    pub(crate) fn metadata(&self, known: &mut BTreeMap<String, String>) -> Result<(), StripeError> {
        if self.given("metadata") == Some("") {
            known.clear();
        }
        let Some(group) = self.group("metadata") else { return Ok(()) };
        for (key, param) in &group.fields {
            let Param::Text(value) = param else {
                return Err(StripeError::invalid("Metadata values are texts."));
            };
            if key.chars().count() > 40 || value.chars().count() > 500 {
                return Err(StripeError::invalid(
                    "Metadata keys have up to 40 characters and values up to 500.",
                ));
            }
            if value.is_empty() {
                known.remove(key);
            } else {
                known.insert(key.clone(), value.clone());
            }
        }
        if known.len() > 50 {
            return Err(StripeError::invalid("Metadata may have up to 50 keys."));
        }
        Ok(())
    }

    /// Metadata of something new.
    pub(crate) fn new_metadata(&self) -> Result<BTreeMap<String, String>, StripeError> {
        let mut metadata = BTreeMap::new();
        self.metadata(&mut metadata)?;
        Ok(metadata)
    }
}

/// `a[b][]` as `a`, `b` and an empty name.
fn path(key: &str) -> Option<Vec<&str>> {
    let (first, rest) =
        key.split_once('[').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let mut path = vec![first];
    if let Some(rest) = rest {
        path.extend(rest.strip_suffix(']')?.split("]["));
    }
    (!first.is_empty() && path.len() <= DEEPEST).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_nest() {
        let text = "mode=payment&items%5B0%5D%5Bprice%5D=p1&items[1][price]=p2&items[1][n]=2\
                    &expand[]=a.b&expand[]=c&metadata[guild]=1&lookup_keys[0]=x&empty=";
        let params = Params::parse(text.as_bytes()).unwrap();
        assert_eq!(params.text("mode"), Some("payment"));
        let prices: Vec<_> = params.items("items").map(|item| item.text("price")).collect();
        assert_eq!(prices, [Some("p1"), Some("p2")]);
        assert_eq!(params.texts("expand"), ["a.b", "c"]);
        assert_eq!(params.texts("lookup_keys"), ["x"]);
        assert_eq!(params.new_metadata().unwrap()["guild"], "1");
        assert_eq!(params.groups("metadata").count(), 0);
        let items: Vec<_> = params.groups("items").map(|(name, _)| name).collect();
        assert_eq!(items, ["0", "1"]);
        assert_eq!((params.text("empty"), params.given("empty")), (None, Some("")));
        assert!(params.only(&["mode"]).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["a=1&a[b]=2", "[x]=1", "a[b=1", "a[b][c][d][e][f][g][h][i]=1"] {
            assert!(Params::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}

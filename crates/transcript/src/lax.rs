//! Reading that does not give up: a field of an unexpected shape reads as its default, its neighbours stay.
//!
//! The archive is Discord's own JSON, which grows and now and then changes. A transcript that fails because one
//! field became a number is worse than one that lacks that field.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Writes the visitor methods that answer the default for shapes that were not expected.
macro_rules! otherwise_default {
    ($type:ty; $($shape:ident),*) => {
        $($crate::lax::otherwise_default!(@$shape $type);)*
    };
    (@bool $type:ty) => {
        fn visit_bool<E>(self, _: bool) -> Result<$type, E> { Ok(Default::default()) }
    };
    (@i64 $type:ty) => {
        fn visit_i64<E>(self, _: i64) -> Result<$type, E> { Ok(Default::default()) }
    };
    (@u64 $type:ty) => {
        fn visit_u64<E>(self, _: u64) -> Result<$type, E> { Ok(Default::default()) }
    };
    (@f64 $type:ty) => {
        fn visit_f64<E>(self, _: f64) -> Result<$type, E> { Ok(Default::default()) }
    };
    (@str $type:ty) => {
        fn visit_str<E>(self, _: &str) -> Result<$type, E> { Ok(Default::default()) }
    };
    (@unit $type:ty) => {
        fn visit_unit<E>(self) -> Result<$type, E> { Ok(Default::default()) }
    };
    (@seq $type:ty) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<$type, A::Error> {
            while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
    (@map $type:ty) => {
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$type, A::Error> {
            while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
}
pub(crate) use otherwise_default;

/// Text; a number is taken as its digits, anything else as empty.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Text;
    impl<'de> Visitor<'de> for Text {
        type Value = String;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text")
        }
        fn visit_str<E>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
        fn visit_string<E>(self, text: String) -> Result<String, E> {
            Ok(text)
        }
        fn visit_i64<E>(self, value: i64) -> Result<String, E> {
            Ok(value.to_string())
        }
        fn visit_u64<E>(self, value: u64) -> Result<String, E> {
            Ok(value.to_string())
        }
        fn visit_f64<E>(self, value: f64) -> Result<String, E> {
            Ok(value.to_string())
        }
        otherwise_default!(String; bool, unit, seq, map);
    }
    deserializer.deserialize_any(Text)
}

/// A whole number of at least zero, also when written as text or with a fraction; anything else is `None`.
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    struct Count;
    impl<'de> Visitor<'de> for Count {
        type Value = Option<u64>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a count")
        }
        fn visit_u64<E>(self, value: u64) -> Result<Option<u64>, E> {
            Ok(Some(value))
        }
        fn visit_i64<E>(self, value: i64) -> Result<Option<u64>, E> {
            Ok(u64::try_from(value).ok())
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked"
        )]
        fn visit_f64<E>(self, value: f64) -> Result<Option<u64>, E> {
            Ok((0.0..9e15).contains(&value).then_some(value as u64))
        }
        fn visit_str<E>(self, text: &str) -> Result<Option<u64>, E> {
            Ok(text.parse().ok())
        }
        otherwise_default!(Option<u64>; bool, unit, seq, map);
    }
    deserializer.deserialize_any(Count)
}

/// True only for `true`.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    struct Flag;
    impl<'de> Visitor<'de> for Flag {
        type Value = bool;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a flag")
        }
        fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
            Ok(value)
        }
        otherwise_default!(bool; i64, u64, f64, str, unit, seq, map);
    }
    deserializer.deserialize_any(Flag)
}

/// A list; elements are themselves read leniently. Anything else is empty.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut all = Vec::new();
            while let Some(Lax(element)) = seq.next_element::<Lax<T>>()? {
                all.extend(element);
            }
            Ok(all)
        }
        otherwise_default!(Vec<T>; bool, i64, u64, f64, str, unit, map);
    }
    deserializer.deserialize_any(List(PhantomData))
}

/// A list of ids.
pub fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<crate::Snowflake>, D::Error> {
    struct Ids;
    impl<'de> Visitor<'de> for Ids {
        type Value = Vec<crate::Snowflake>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("ids")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(id) = seq.next_element::<crate::Snowflake>()? {
                if id.is_known() {
                    all.push(id);
                }
            }
            Ok(all)
        }
        otherwise_default!(Vec<crate::Snowflake>; bool, i64, u64, f64, str, unit, map);
    }
    deserializer.deserialize_any(Ids)
}

/// A list of texts.
pub fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Texts;
    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("texts")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(Text(text)) = seq.next_element()? {
                all.push(text);
            }
            Ok(all)
        }
        otherwise_default!(Vec<String>; bool, i64, u64, f64, str, unit, map);
    }
    deserializer.deserialize_any(Texts)
}

/// An object, or `None` for anything else.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Lax::deserialize(deserializer).map(|Lax(value)| value)
}

macro_rules! by_type {
    ($($(#[$doc:meta])* $name:ident($type:ty) = $read:path;)*) => {$(
        $(#[$doc])*
        pub struct $name(pub $type);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $read(deserializer).map(Self)
            }
        }
    )*};
}

// The functions above as types, for objects that are read field by field.
by_type! {
    /// See [`text`].
    Text(String) = text;
    /// See [`count`].
    Count(Option<u64>) = count;
    /// See [`flag`].
    Flag(bool) = flag;
}

/// The name of a field, without a copy where the text has none of JSON's escapes.
pub struct Key<'de>(pub Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// See [`list`].
pub struct List<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        list(deserializer).map(Self)
    }
}

/// See [`object`].
pub struct Object<T>(pub Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

/// An object whose own fields are lenient, or nothing.
struct Lax<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lax<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        ObjectOf(Fields(PhantomData)).deserialize(deserializer).map(Lax)
    }
}

/// An object that is read by a visitor, or `None` for anything else.
pub struct ObjectOf<V>(pub V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for ObjectOf<V> {
    type Value = Option<V::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for ObjectOf<V> {
    type Value = Option<V::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.0.visit_map(map).map(Some)
    }

    otherwise_default!(Option<V::Value>; bool, i64, u64, f64, str, unit, seq);
}

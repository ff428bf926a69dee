//! Components of messages and modals: Discord's limits, and the form in which they come back.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::embeds::check_url;
use super::fields;
use crate::error::FormErrors;

/// Components of a message made of version 2 components, nested ones counted.
const MOST_COMPONENTS: usize = 40;
/// Characters over all text displays of a message.
const MOST_TEXT: usize = 4_000;

/// Discord's component types.
pub mod component_type {
    /// Holds buttons or one select.
    pub const ACTION_ROW: i64 = 1;
    /// A button.
    pub const BUTTON: i64 = 2;
    /// A select with own options.
    pub const STRING_SELECT: i64 = 3;
    /// A text field of a modal.
    pub const TEXT_INPUT: i64 = 4;
    /// The last select type: user 5, role 6, mentionable 7, channel 8.
    pub const CHANNEL_SELECT: i64 = 8;
    /// Texts with an accessory.
    pub const SECTION: i64 = 9;
    /// Markdown text.
    pub const TEXT_DISPLAY: i64 = 10;
    /// A small picture.
    pub const THUMBNAIL: i64 = 11;
    /// Pictures.
    pub const MEDIA_GALLERY: i64 = 12;
    /// A file.
    pub const FILE: i64 = 13;
    /// A line or space.
    pub const SEPARATOR: i64 = 14;
    /// A box around others.
    pub const CONTAINER: i64 = 17;
    /// Label and description around a modal's field.
    pub const LABEL: i64 = 18;
    /// A file field of a modal.
    pub const FILE_UPLOAD: i64 = 19;
}

use component_type as t;

/// Checks the components of a message and numbers them.
pub(crate) fn read(list: &[Value], version2: bool, form: &mut FormErrors) -> Vec<Value> {
    let mut reader =
        Reader { form, version2, next: 1, count: 0, text: 0, custom_ids: HashSet::new() };
    if !version2 && list.len() > 5 {
        reader.form.add("components", "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length.");
    }
    let allowed: &[i64] = if version2 {
        &[
            t::ACTION_ROW,
            t::SECTION,
            t::TEXT_DISPLAY,
            t::MEDIA_GALLERY,
            t::FILE,
            t::SEPARATOR,
            t::CONTAINER,
        ]
    } else {
        &[t::ACTION_ROW]
    };
    let out = reader.children(list, "components", allowed);
    if reader.count > MOST_COMPONENTS {
        let message = "The total number of components cannot exceed 40";
        reader.form.add("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message);
    }
    if reader.text > MOST_TEXT {
        let message = "The total displayable text size cannot exceed 4000";
        reader.form.add("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message);
    }
    out
}

struct Reader<'a> {
    form: &'a mut FormErrors,
    version2: bool,
    next: i64,
    count: usize,
    text: usize,
    custom_ids: HashSet<String>,
}

impl Reader<'_> {
    fn children(&mut self, list: &[Value], path: &str, allowed: &[i64]) -> Vec<Value> {
        list.iter()
            .enumerate()
            .map(|(index, child)| self.one(child, &format!("{path}.{index}"), allowed))
            .collect()
    }

    fn one(&mut self, given: &Value, path: &str, allowed: &[i64]) -> Value {
        self.count += 1;
        let kind = fields::int(given, "type").unwrap_or(0);
        if !allowed.contains(&kind) {
            let names: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            let message = format!("Value of field \"type\" must be one of ({}).", names.join(", "));
            self.form.add(&format!("{path}.type"), "UNION_TYPE_CHOICES", &message);
            return Value::Null;
        }
        let id = fields::int(given, "id").filter(|id| *id > 0).unwrap_or(self.next);
        self.next = self.next.max(id) + 1;
        let mut out = Map::new();
        out.insert("type".into(), json!(kind));
        out.insert("id".into(), json!(id));
        match kind {
            t::ACTION_ROW => self.row(given, path, &mut out),
            t::BUTTON => self.button(given, path, &mut out),
            t::STRING_SELECT..=t::CHANNEL_SELECT => self.select(kind, given, path, &mut out),
            t::SECTION => self.section(given, path, &mut out),
            t::TEXT_DISPLAY => {
                let content = fields::text(given, "content").unwrap_or("");
                self.text += content.chars().count();
                self.form.length(&format!("{path}.content"), content, 1, MOST_TEXT);
                out.insert("content".into(), json!(content));
            }
            t::THUMBNAIL => self.media("media", given, path, &mut out),
            t::MEDIA_GALLERY => self.gallery(given, path, &mut out),
            t::FILE => {
                self.media("file", given, path, &mut out);
                out.remove("description");
                out.insert("name".into(), Value::Null);
                out.insert("size".into(), Value::Null);
            }
            t::SEPARATOR => {
                out.insert("divider".into(), json!(fields::flag(given, "divider").unwrap_or(true)));
                out.insert("spacing".into(), json!(fields::int(given, "spacing").unwrap_or(1)));
            }
            _ => self.container(given, path, &mut out),
        }
        Value::Object(out)
    }

    fn row(&mut self, given: &Value, path: &str, out: &mut Map<String, Value>) {
        let list = fields::list(given, "components");
        let path = format!("{path}.components");
        if list.is_empty() || list.len() > 5 {
            self.form.add(&path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
        }
        let selects =
            list.iter().filter(|child| fields::int(child, "type") != Some(t::BUTTON)).count();
        if selects > 0 && list.len() > 1 {
            let message = "A select must be alone in its row";
            self.form.add(&path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message);
        }
        let allowed = [t::BUTTON, t::STRING_SELECT, 5, 6, 7, t::CHANNEL_SELECT];
        out.insert("components".into(), Value::Array(self.children(list, &path, &allowed)));
    }

    fn custom_id(&mut self, given: &Value, path: &str, out: &mut Map<String, Value>) {
        let path = format!("{path}.custom_id");
        let Some(custom_id) = fields::text(given, "custom_id") else {
            self.form.required(&path);
            return;
        };
        self.form.length(&path, custom_id, 1, 100);
        if !self.custom_ids.insert(custom_id.to_owned()) {
            let message = "Component custom id cannot be duplicated";
            self.form.add(&path, "COMPONENT_CUSTOM_ID_DUPLICATED", message);
        }
        out.insert("custom_id".into(), json!(custom_id));
    }

    fn button(&mut self, given: &Value, path: &str, out: &mut Map<String, Value>) {
        let style = fields::int(given, "style").unwrap_or(0);
        if !(1..=6).contains(&style) {
            let message = "Value must be one of {1, 2, 3, 4, 5, 6}.";
            self.form.add(&format!("{path}.style"), "BASE_TYPE_CHOICES", message);
        }
        out.insert("style".into(), json!(style));
        let label = fields::text(given, "label").filter(|label| !label.is_empty());
        if let Some(label) = label {
            self.form.length(&format!("{path}.label"), label, 0, 80);
            out.insert("label".into(), json!(label));
        }
        let emoji = given.get("emoji").filter(|emoji| emoji.is_object());
        if let Some(emoji) = emoji {
            out.insert("emoji".into(), shown_emoji(emoji));
        }
        if label.is_none() && emoji.is_none() && style != 6 {
            let message = "A button must have a label or emoji";
            self.form.add(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message);
        }
        if style == 5 {
            match fields::text(given, "url") {
                Some(url) => {
                    check_url(&format!("{path}.url"), url, false, self.form);
                    out.insert("url".into(), json!(url));
                }
                None => self.form.required(&format!("{path}.url")),
            }
        } else if style != 6 {
            self.custom_id(given, path, out);
        }
        if let Some(disabled) = fields::flag(given, "disabled") {
            out.insert("disabled".into(), json!(disabled));
        }
    }

    fn select(&mut self, kind: i64, given: &Value, path: &str, out: &mut Map<String, Value>) {
        self.custom_id(given, path, out);
        if let Some(text) = fields::text(given, "placeholder") {
            self.form.length(&format!("{path}.placeholder"), text, 0, 150);
            out.insert("placeholder".into(), json!(text));
        }
        let (min, max) = (
            fields::int(given, "min_values").unwrap_or(1),
            fields::int(given, "max_values").unwrap_or(1),
        );
        if !(0..=25).contains(&min) || !(1..=25).contains(&max) || min > max {
            self.form.add(
                &format!("{path}.min_values"),
                "NUMBER_TYPE_MAX",
                "int value should be less than or equal to 25.",
            );
        }
        out.insert("min_values".into(), json!(min));
        out.insert("max_values".into(), json!(max));
        for key in ["disabled", "channel_types", "default_values"] {
            if let Some(value) = given.get(key).filter(|value| !value.is_null()) {
                out.insert(key.into(), value.clone());
            }
        }
        if kind == t::STRING_SELECT {
            let options = options(given, path, self.form);
            out.insert("options".into(), options);
        }
    }

    fn section(&mut self, given: &Value, path: &str, out: &mut Map<String, Value>) {
        let list = fields::list(given, "components");
        let inner = format!("{path}.components");
        if list.is_empty() || list.len() > 3 {
            self.form.add(&inner, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 3 in length.");
        }
        let texts = self.children(list, &inner, &[t::TEXT_DISPLAY]);
        out.insert("components".into(), Value::Array(texts));
        match given.get("accessory") {
            Some(accessory) => {
                let path = format!("{path}.accessory");
                let shown = self.one(accessory, &path, &[t::BUTTON, t::THUMBNAIL]);
                out.insert("accessory".into(), shown);
            }
            None => self.form.required(&format!("{path}.accessory")),
        }
    }

    fn gallery(&mut self, given: &Value, path: &str, out: &mut Map<String, Value>) {
        let list = fields::list(given, "items");
        if list.is_empty() || list.len() > 10 {
            let message = "Must be between 1 and 10 in length.";
            self.form.add(&format!("{path}.items"), "BASE_TYPE_BAD_LENGTH", message);
        }
        let items = list
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let mut shown = Map::new();
                self.media("media", item, &format!("{path}.items.{index}"), &mut shown);
                Value::Object(shown)
            })
            .collect();
        out.insert("items".into(), Value::Array(items));
    }

    fn media(&mut self, key: &str, given: &Value, path: &str, out: &mut Map<String, Value>) {
        let url = given.get(key).and_then(|media| fields::text(media, "url"));
        match url {
            Some(url) => {
                check_url(&format!("{path}.{key}.url"), url, true, self.form);
                out.insert(
                    key.into(),
                    json!({"id": "0", "url": url, "proxy_url": url,
                    "width": null, "height": null}),
                );
            }
            None => self.form.required(&format!("{path}.{key}.url")),
        }
        let description = fields::text(given, "description");
        if let Some(text) = description {
            self.form.length(&format!("{path}.description"), text, 0, 1_024);
        }
        out.insert("description".into(), json!(description));
        out.insert("spoiler".into(), json!(fields::flag(given, "spoiler").unwrap_or(false)));
    }

    fn container(&mut self, given: &Value, path: &str, out: &mut Map<String, Value>) {
        debug_assert!(self.version2, "containers are refused before");
        let list = fields::list(given, "components");
        let allowed =
            [t::ACTION_ROW, t::SECTION, t::TEXT_DISPLAY, t::MEDIA_GALLERY, t::FILE, t::SEPARATOR];
        let children = self.children(list, &format!("{path}.components"), &allowed);
        out.insert("components".into(), Value::Array(children));
        out.insert("accent_color".into(), json!(fields::int(given, "accent_color")));
        out.insert("spoiler".into(), json!(fields::flag(given, "spoiler").unwrap_or(false)));
    }
}

fn shown_emoji(emoji: &Value) -> Value {
    let mut shown = json!({"name": fields::text(emoji, "name").unwrap_or("_")});
    if let Some(id) = fields::id(emoji, "id") {
        shown["id"] = json!(id);
        shown["animated"] = json!(fields::flag(emoji, "animated").unwrap_or(false));
    }
    shown
}

fn options(given: &Value, path: &str, form: &mut FormErrors) -> Value {
    let list = fields::list(given, "options");
    let path = format!("{path}.options");
    if list.is_empty() || list.len() > 25 {
        form.add(&path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.");
    }
    let mut values = HashSet::new();
    let mut out = Vec::with_capacity(list.len());
    for (index, option) in list.iter().enumerate() {
        let path = format!("{path}.{index}");
        let (label, value) = (
            fields::text(option, "label").unwrap_or(""),
            fields::text(option, "value").unwrap_or(""),
        );
        form.length(&format!("{path}.label"), label, 1, 100);
        form.length(&format!("{path}.value"), value, 1, 100);
        if !values.insert(value) {
            let message = "The specified option value is already used";
            form.add(&format!("{path}.value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
        let mut shown = json!({"label": label, "value": value});
        if let Some(text) = fields::text(option, "description") {
            form.length(&format!("{path}.description"), text, 0, 100);
            shown["description"] = json!(text);
        }
        if let Some(emoji) = option.get("emoji").filter(|emoji| emoji.is_object()) {
            shown["emoji"] = shown_emoji(emoji);
        }
        if let Some(default) = fields::flag(option, "default") {
            shown["default"] = json!(default);
        }
        out.push(shown);
    }
    Value::Array(out)
}

/// The component with this `custom_id`, wherever it is nested.
pub(crate) fn find<'a>(components: &'a [Value], custom_id: &str) -> Option<&'a Value> {
    components.iter().find_map(|component| {
        if fields::text(component, "custom_id") == Some(custom_id) {
            return Some(component);
        }
        let inner = find(fields::list(component, "components"), custom_id);
        inner.or_else(|| {
            ["accessory", "component"]
                .iter()
                .filter_map(|key| component.get(*key))
                .find_map(|one| find(std::slice::from_ref(one), custom_id))
        })
    })
}

/// Checks a modal: `custom_id`, `title` and one to five fields.
pub(crate) fn check_modal(modal: &Value, form: &mut FormErrors) {
    form.length("data.custom_id", fields::text(modal, "custom_id").unwrap_or(""), 1, 100);
    form.length("data.title", fields::text(modal, "title").unwrap_or(""), 1, 45);
    let list = fields::list(modal, "components");
    if list.is_empty() || list.len() > 5 {
        form.add("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    let mut custom_ids = HashSet::new();
    for (index, component) in list.iter().enumerate() {
        let path = format!("data.components.{index}");
        match fields::int(component, "type") {
            Some(t::ACTION_ROW) => {
                for (index, child) in fields::list(component, "components").iter().enumerate() {
                    let path = format!("{path}.components.{index}");
                    if fields::int(child, "type") != Some(t::TEXT_INPUT) {
                        let message = "Value of field \"type\" must be one of (4,).";
                        form.add(&format!("{path}.type"), "UNION_TYPE_CHOICES", message);
                    }
                    form.length(
                        &format!("{path}.label"),
                        fields::text(child, "label").unwrap_or(""),
                        1,
                        45,
                    );
                    check_field(child, &path, &mut custom_ids, form);
                }
            }
            Some(t::LABEL) => {
                let label = fields::text(component, "label").unwrap_or("");
                form.length(&format!("{path}.label"), label, 1, 45);
                if let Some(text) = fields::text(component, "description") {
                    form.length(&format!("{path}.description"), text, 0, 100);
                }
                match component.get("component") {
                    Some(child) => {
                        check_field(child, &format!("{path}.component"), &mut custom_ids, form);
                    }
                    None => form.required(&format!("{path}.component")),
                }
            }
            Some(t::TEXT_DISPLAY) => {}
            _ => {
                let message = "Value of field \"type\" must be one of (1, 10, 18).";
                form.add(&format!("{path}.type"), "UNION_TYPE_CHOICES", message);
            }
        }
    }
}

fn check_field(field: &Value, path: &str, custom_ids: &mut HashSet<String>, form: &mut FormErrors) {
    let custom_id = fields::text(field, "custom_id").unwrap_or("");
    form.length(&format!("{path}.custom_id"), custom_id, 1, 100);
    if !custom_ids.insert(custom_id.to_owned()) {
        let message = "Component custom id cannot be duplicated";
        form.add(&format!("{path}.custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message);
    }
    match fields::int(field, "type") {
        Some(t::TEXT_INPUT) => {
            if let Some(text) = fields::text(field, "placeholder") {
                form.length(&format!("{path}.placeholder"), text, 0, 100);
            }
            if let Some(text) = fields::text(field, "value") {
                form.length(&format!("{path}.value"), text, 0, 4_000);
            }
            if !matches!(fields::int(field, "style"), Some(1 | 2)) {
                let message = "Value must be one of {1, 2}.";
                form.add(&format!("{path}.style"), "BASE_TYPE_CHOICES", message);
            }
        }
        Some(t::STRING_SELECT) => {
            options(field, path, form);
        }
        _ => {}
    }
}

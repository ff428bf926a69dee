//! Refusals in Discord's own words: HTTP status, JSON error code, body.

use serde_json::{Map, Value, json};

/// A refusal with a fixed text: HTTP status, JSON error code, message.
/// The table is Discord's "Opcodes and Status Codes" page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fail(pub u16, pub u32, pub &'static str);

macro_rules! fails {
    ($($name:ident = $status:literal, $code:literal, $message:literal;)*) => {
        $(#[doc = concat!("`", $code, "` ", $message)]
        pub const $name: Fail = Fail($status, $code, $message);)*
    };
}

fails! {
    UNAUTHORIZED = 401, 0, "401: Unauthorized";
    NOT_FOUND = 404, 0, "404: Not Found";
    METHOD_NOT_ALLOWED = 405, 0, "405: Method Not Allowed";
    UNKNOWN_CHANNEL = 404, 10003, "Unknown Channel";
    UNKNOWN_GUILD = 404, 10004, "Unknown Guild";
    UNKNOWN_INVITE = 404, 10006, "Unknown Invite";
    UNKNOWN_MEMBER = 404, 10007, "Unknown Member";
    UNKNOWN_MESSAGE = 404, 10008, "Unknown Message";
    UNKNOWN_OVERWRITE = 404, 10009, "Unknown Permission Overwrite";
    UNKNOWN_ROLE = 404, 10011, "Unknown Role";
    UNKNOWN_USER = 404, 10013, "Unknown User";
    UNKNOWN_EMOJI = 400, 10014, "Unknown Emoji";
    UNKNOWN_WEBHOOK = 404, 10015, "Unknown Webhook";
    UNKNOWN_BAN = 404, 10026, "Unknown Ban";
    UNKNOWN_APPLICATION = 404, 10002, "Unknown Application";
    UNKNOWN_INTERACTION = 404, 10062, "Unknown interaction";
    UNKNOWN_COMMAND = 404, 10063, "Unknown application command";
    MAX_PINS = 400, 30003, "Maximum number of pins reached for the channel (250)";
    MAX_ROLES = 400, 30005, "Maximum number of server roles reached (250)";
    MAX_WEBHOOKS = 400, 30007, "Maximum number of webhooks reached (15)";
    MAX_REACTIONS = 400, 30010, "Maximum number of reactions reached (20)";
    MAX_CHANNELS = 400, 30013, "Maximum number of server channels reached (500)";
    MAX_COMMANDS = 400, 30032, "Maximum number of application commands reached (100)";
    ENTITY_TOO_LARGE = 413, 40005, "Request entity too large";
    USER_BANNED = 403, 40007, "The user is banned from this guild.";
    ALREADY_ACKNOWLEDGED = 400, 40060, "Interaction has already been acknowledged.";
    MISSING_ACCESS = 403, 50001, "Missing Access";
    DM_CHANNEL = 403, 50003, "Cannot execute action on a DM channel";
    NOT_THE_AUTHOR = 403, 50005, "Cannot edit a message authored by another user";
    EMPTY_MESSAGE = 400, 50006, "Cannot send an empty message";
    DM_REFUSED = 403, 50007, "Cannot send messages to this user";
    NON_TEXT_CHANNEL = 400, 50008, "Cannot send messages in a non-text channel";
    MISSING_PERMISSIONS = 403, 50013, "Missing Permissions";
    INVALID_TOKEN = 401, 50014, "Invalid authentication token provided";
    BULK_DELETE_COUNT = 400, 50016, "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete.";
    PIN_OTHER_CHANNEL = 400, 50019, "A message can only be pinned to the channel it was sent in.";
    SYSTEM_MESSAGE = 403, 50021, "Cannot execute action on a system message";
    WRONG_CHANNEL_TYPE = 400, 50024, "Cannot execute action on this channel type";
    INVALID_WEBHOOK_TOKEN = 401, 50027, "Invalid Webhook Token";
    INVALID_ROLE = 400, 50028, "Invalid Role";
    INVALID_RECIPIENT = 400, 50033, "Invalid Recipient(s)";
    TOO_OLD_TO_BULK_DELETE = 400, 50034, "You can only bulk delete messages that are under 14 days old.";
    INVALID_FORM = 400, 50035, "Invalid Form Body";
    THREAD_ARCHIVED = 400, 50083, "Thread is archived";
    INVALID_JSON = 400, 50109, "The request body contains invalid JSON.";
    OWNER_ONLY = 403, 50013, "Missing Permissions";
    NO_MUTUAL_GUILD = 403, 50278, "Cannot send messages to this user due to having no mutual guilds";
    REPLY_WITHOUT_HISTORY = 400, 160_002, "Cannot reply without permission to read message history";
    THREAD_EXISTS = 400, 160_004, "A thread has already been created for this message";
    THREAD_LOCKED = 400, 160_005, "Thread is locked";
    REACTION_BLOCKED = 403, 90001, "Reaction was blocked";
}

/// An answer that refuses: what the client reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Discord's JSON error code, 0 for general errors.
    pub code: u32,
    /// The text beside the code.
    pub message: String,
    /// The nested field errors of code 50035.
    pub errors: Option<Value>,
}

impl ApiError {
    /// The JSON body.
    pub fn body(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }

    /// A 50035 with one field error. `path` is dotted ("embeds.0.title"), `code` Discord's word for the rule.
    pub fn field(path: &str, code: &str, message: &str) -> Self {
        let mut form = FormErrors::default();
        form.add(path, code, message);
        form.into_error()
    }
}

impl From<Fail> for ApiError {
    fn from(Fail(status, code, message): Fail) -> Self {
        Self { status, code, message: message.to_owned(), errors: None }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.message)?;
        self.errors.as_ref().map_or(Ok(()), |errors| write!(f, " {errors}"))
    }
}

impl std::error::Error for ApiError {}

/// Gathers the field errors of one form, nested by path as Discord nests them.
#[derive(Debug, Default)]
pub struct FormErrors {
    root: Map<String, Value>,
}

impl FormErrors {
    /// Adds an error at a dotted path; an empty path is the form itself.
    pub fn add(&mut self, path: &str, code: &str, message: &str) {
        let mut at = &mut self.root;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let next = at.entry(part).or_insert_with(|| Value::Object(Map::new()));
            if !next.is_object() {
                *next = Value::Object(Map::new());
            }
            let Value::Object(map) = next else { return };
            at = map;
        }
        let list = at.entry("_errors").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(json!({ "code": code, "message": message }));
        }
    }

    /// "This field is required".
    pub fn required(&mut self, path: &str) {
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    /// Checks a text's length in characters and adds Discord's error when it is outside `min..=max`.
    pub fn length(&mut self, path: &str, text: &str, min: usize, max: usize) {
        let length = text.chars().count();
        if length < min {
            if length == 0 {
                self.required(path);
            } else {
                let message = format!("Must be between {min} and {max} in length.");
                self.add(path, "BASE_TYPE_BAD_LENGTH", &message);
            }
        } else if length > max {
            if min == 0 {
                let message = format!("Must be {max} or fewer in length.");
                self.add(path, "BASE_TYPE_MAX_LENGTH", &message);
            } else {
                let message = format!("Must be between {min} and {max} in length.");
                self.add(path, "BASE_TYPE_BAD_LENGTH", &message);
            }
        }
    }

    /// Whether nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.root.is_empty()
    }

    /// The 50035 answer.
    pub fn into_error(self) -> ApiError {
        let mut error = ApiError::from(INVALID_FORM);
        error.errors = Some(Value::Object(self.root));
        error
    }

    /// `Ok` when nothing was wrong, the 50035 answer otherwise.
    pub fn check(self) -> Result<(), ApiError> {
        if self.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_errors_nest_as_discord_nests_them() {
        let error = ApiError::field(
            "embeds.0.title",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 256 or fewer in length.",
        );
        assert_eq!(
            error.body(),
            json!({"message": "Invalid Form Body", "code": 50035, "errors": {"embeds": {"0": {"title": {
                "_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length."}]}}}}})
        );
    }
}

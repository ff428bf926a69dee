//! Message objects as Discord's REST API answers them. Source: Discord API reference, "Message Object".

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::random::Random;
use super::{server, words};

/// The first message's time: 14 March 2026, 10:00 UTC, in milliseconds since 1970.
const START_MS: u64 = 1_773_482_400_000;
/// The first millisecond of 2015, from which snowflakes count.
const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;
/// Messages that can still be answered.
const NEAR: usize = 60;

/// Writes one message after the other.
#[derive(Debug)]
pub struct Messages {
    random: Random,
    at_ms: u64,
    number: u64,
    author: usize,
    near: VecDeque<Value>,
}

impl Messages {
    /// Begins a ticket.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            at_ms: START_MS,
            number: 0,
            author: 0,
            near: VecDeque::new(),
        }
    }

    fn id(&mut self) -> String {
        self.number += 1;
        ((self.at_ms - DISCORD_EPOCH_MS) << 22 | (self.number & 0xfff)).to_string()
    }

    fn iso(ms: u64) -> String {
        // Days since 1970 to a date by counting: years of a ticket are few.
        let (days, rest) = (ms / 86_400_000, ms % 86_400_000);
        let (mut year, mut left) = (1970, days);
        let leap = |year: u64| {
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
        };
        while left >= 365 + u64::from(leap(year)) {
            left -= 365 + u64::from(leap(year));
            year += 1;
        }
        let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while left >= lengths[month] {
            left -= lengths[month];
            month += 1;
        }
        format!(
            "{year}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}000+00:00",
            month + 1,
            left + 1,
            rest / 3_600_000,
            rest / 60_000 % 60,
            rest / 1000 % 60,
            rest % 1000
        )
    }

    fn blank(&mut self, kind: u64, content: &str) -> Value {
        let random = &mut self.random;
        // Half of the messages follow within a minute; now and then a night passes.
        self.at_ms += match random.below(100) {
            0..60 => random.between(2_000, 60_000),
            60..95 => random.between(60_000, 900_000),
            95..99 => random.between(900_000, 7_200_000),
            _ => random.between(20_000_000, 60_000_000),
        };
        if random.often(550) {
            let crowd = server::PEOPLE.len() as u64;
            // The opener and the staff say most.
            self.author = usize::try_from(match random.below(10) {
                0..4 => 5,
                4..8 => random.between(1, 4),
                _ => random.between(1, crowd - 1),
            })
            .unwrap_or(1);
        }
        let id = self.id();
        json!({
            "type": kind, "content": content, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
            "timestamp": Self::iso(self.at_ms), "edited_timestamp": null, "flags": 0, "components": [], "id": id,
            "channel_id": server::channel(), "author": server::user(self.author), "pinned": false, "mention_everyone": false, "tts": false,
        })
    }

    fn mentions(message: &mut Value) {
        let text = message["content"].as_str().unwrap_or_default();
        let named = (0..server::PEOPLE.len())
            .filter(|person| text.contains(&format!("<@{}>", server::person_id(*person))))
            .map(server::user)
            .collect::<Vec<_>>();
        let roles = (0..server::ROLES.len())
            .map(server::role_id)
            .filter(|role| text.contains(&format!("<@&{role}>")))
            .collect::<Vec<_>>();
        message["mentions"] = named.into();
        message["mention_roles"] = roles.into();
    }

    /// The next message.
    pub fn next(&mut self) -> Value {
        let content = words::text(&mut self.random);
        let mut message = match self.random.below(1000) {
            0..120 => self.reply(&content),
            120..190 => self.with_files(&content),
            190..230 => self.of_the_bot(),
            230..255 => self.with_preview(&content),
            255..263 => self.sticker(),
            263..267 => self.poll(),
            267..271 => self.forward(),
            271..279 => self.layout(),
            279..289 => self.system(),
            289..294 => self.voice(),
            _ => self.blank(0, &content),
        };
        Self::mentions(&mut message);
        if self.random.often(60) {
            message["reactions"] = self.reactions();
        }
        if self.random.often(30) {
            message["edited_timestamp"] = Self::iso(self.at_ms + 40_000).into();
        }
        // Answers quote what was said, never the quote within it.
        let mut copy = message.clone();
        if let Some(fields) = copy.as_object_mut() {
            fields.remove("referenced_message");
        }
        if matches!(message["type"].as_u64(), Some(0 | 19)) {
            self.near.push_back(copy);
        }
        if self.near.len() > NEAR {
            self.near.pop_front();
        }
        message
    }

    fn reply(&mut self, content: &str) -> Value {
        if self.near.is_empty() {
            return self.blank(0, content);
        }
        let at = usize::try_from(self.random.below(self.near.len() as u64)).unwrap_or(0);
        let answered = self.near[at].clone();
        let mut message = self.blank(19, content);
        message["message_reference"] = json!({
            "type": 0, "channel_id": server::channel(), "guild_id": server::guild(), "message_id": answered["id"],
        });
        message["referenced_message"] = answered;
        message
    }

    fn file(&mut self, name: &str, kind: &str, size: u64, pixels: Option<(u64, u64)>) -> Value {
        let id = self.id();
        let query = format!(
            "ex=69{}&is=69{}&hm={}",
            self.random.hex(6),
            self.random.hex(6),
            self.random.hex(64)
        );
        let path = format!("attachments/{}/{id}/{name}?{query}&", server::channel());
        let mut file = json!({
            "id": id, "filename": name, "size": size, "url": format!("https://cdn.discordapp.com/{path}"),
            "proxy_url": format!("https://media.discordapp.net/{path}"), "content_type": kind, "content_scan_version": 4,
        });
        if let Some((width, height)) = pixels {
            file["width"] = width.into();
            file["height"] = height.into();
            file["placeholder"] = self.random.hex(28).into();
            file["placeholder_version"] = 1.into();
        }
        file
    }

    fn with_files(&mut self, content: &str) -> Value {
        let mut message = self.blank(0, content);
        let count = if self.random.often(200) { self.random.between(2, 4) } else { 1 };
        let files: Vec<Value> = (0..count)
            .map(|_| {
                let size = self.random.between(2_000, 6_000_000);
                match self.random.below(10) {
                    0..7 => self.file("screenshot.png", "image/png", size, Some((1280, 720))),
                    7 => self.file("recording.mp4", "video/mp4", size, Some((1920, 1080))),
                    8 => self.file("log.txt", "text/plain; charset=utf-8", size, None),
                    _ => self.file("invoice-2026-03.pdf", "application/pdf", size, None),
                }
            })
            .collect();
        message["attachments"] = files.into();
        message
    }

    fn of_the_bot(&mut self) -> Value {
        self.author = 0;
        let mut message = self.blank(0, "");
        message["author"] = server::user(0);
        let field =
            |name: &str, value: String| json!({ "name": name, "value": value, "inline": true });
        message["embeds"] = json!([{
            "type": "rich", "title": "Billing", "description": words::text(&mut self.random), "color": 0x0058_65f2, "content_scan_version": 4,
            "fields": [
                field("Order", format!("`A-{}`", self.random.between(1000, 9999))),
                field("Since", format!("<t:{}:R>", 1_773_482_400 + self.random.below(900_000))),
                field("Staff", format!("<@{}>", server::person_id(2))),
            ],
            "footer": { "text": "Answers within a day" }, "timestamp": Self::iso(self.at_ms),
            "author": { "name": "Wardesk", "url": "https://wardesk.example" },
        }]);
        message["components"] = json!([{ "type": 1, "id": 1, "components": [
            { "type": 2, "id": 2, "style": 1, "label": "Claim", "custom_id": "claim", "emoji": { "name": "🙋" } },
            { "type": 2, "id": 3, "style": 4, "label": "Close", "custom_id": "close" },
            { "type": 2, "id": 4, "style": 5, "label": "Help page", "url": "https://help.example" },
        ] }]);
        message
    }

    fn with_preview(&mut self, content: &str) -> Value {
        let number = self.random.below(server::PICTURES);
        let address = format!("https://news.example/articles/{number}");
        let mut message = self.blank(0, &format!("{content} {address}"));
        let picture = server::picture(number);
        message["embeds"] = json!([{
            "type": "article", "url": address, "title": words::sentence(&mut self.random), "description": words::sentence(&mut self.random),
            "provider": { "name": "News" }, "content_scan_version": 4,
            "thumbnail": { "url": picture, "proxy_url": picture, "width": 1200, "height": 630, "flags": 0 },
        }]);
        message
    }

    fn sticker(&mut self) -> Value {
        let mut message = self.blank(0, "");
        message["sticker_items"] =
            json!([{ "id": "900000000000000500", "name": "High five", "format_type": 1 }]);
        message
    }

    fn poll(&mut self) -> Value {
        let mut message = self.blank(0, "");
        let (first, second) = (self.random.below(40), self.random.below(40));
        message["poll"] = json!({
            "question": { "text": "How shall we pay it back?" }, "allow_multiselect": false, "layout_type": 1, "expiry": Self::iso(self.at_ms + 86_400_000),
            "answers": [
                { "answer_id": 1, "poll_media": { "text": "To the card", "emoji": { "id": null, "name": "💳" } } },
                { "answer_id": 2, "poll_media": { "text": "As credit" } },
            ],
            "results": { "is_finalized": true, "answer_counts": [
                { "id": 1, "count": first, "me_voted": false }, { "id": 2, "count": second, "me_voted": false },
            ] },
        });
        message
    }

    fn forward(&mut self) -> Value {
        let content = words::text(&mut self.random);
        let mut message = self.blank(0, "");
        message["message_reference"] = json!({
            "type": 1, "channel_id": server::channel_id(1), "guild_id": server::guild(), "message_id": "900000000000000600",
        });
        message["message_snapshots"] = json!([{ "message": {
            "type": 0, "content": content, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "components": [],
            "timestamp": Self::iso(self.at_ms - 86_400_000), "edited_timestamp": null, "flags": 0,
        } }]);
        message
    }

    fn layout(&mut self) -> Value {
        self.author = 0;
        let content = words::text(&mut self.random);
        let mut message = self.blank(0, "");
        message["author"] = server::user(0);
        message["flags"] = 32768.into();
        message["components"] = json!([{ "type": 17, "id": 1, "accent_color": 0x00e9_1e63, "spoiler": false, "components": [
            { "type": 10, "id": 2, "content": format!("## Refund\n{content}") },
            { "type": 14, "id": 3, "divider": true, "spacing": 1 },
            { "type": 9, "id": 4, "components": [{ "type": 10, "id": 5, "content": "**19.00 €**" }],
              "accessory": { "type": 2, "id": 6, "style": 3, "label": "Confirm", "custom_id": "confirm", "disabled": true } },
            { "type": 1, "id": 7, "components": [{ "type": 3, "id": 8, "custom_id": "reason", "placeholder": "Reason", "min_values": 1, "max_values": 1,
              "options": [{ "label": "Double charge", "value": "double", "default": true }, { "label": "Other", "value": "other", "description": "say which" }] }] },
        ] }]);
        message
    }

    fn system(&mut self) -> Value {
        if self.near.is_empty() || self.random.often(400) {
            return self.blank(7, "");
        }
        let at = usize::try_from(self.random.below(self.near.len() as u64)).unwrap_or(0);
        let pinned = self.near[at]["id"].clone();
        let mut message = self.blank(6, "");
        message["message_reference"] = json!({
            "type": 0, "channel_id": server::channel(), "guild_id": server::guild(), "message_id": pinned,
        });
        message
    }

    fn voice(&mut self) -> Value {
        let mut message = self.blank(0, "");
        message["flags"] = 8192.into();
        let mut file = self.file("voice-message.ogg", "audio/ogg", 21_000, None);
        file["duration_secs"] = 7.4.into();
        file["waveform"] =
            "AAMJGSo7TF1uf5ChsqGQf25dTDsqGQkDAAMJGSo7TF1uf5ChsqGQf25dTDsqGQkD".into();
        message["attachments"] = json!([file]);
        message
    }

    fn reactions(&mut self) -> Value {
        let count = self.random.between(1, 3);
        let one = |random: &mut Random, at: u64| {
            let custom = usize::try_from(random.below(server::EMOJIS.len() as u64)).unwrap_or(0);
            // Two of one kind would not be two: custom first, then others.
            let emoji = match at {
                0 => json!({ "id": null, "name": words::emoji(random) }),
                1 => {
                    json!({ "id": server::emoji_id(custom), "name": server::EMOJIS[custom].0, "animated": server::EMOJIS[custom].1 })
                }
                _ => json!({ "id": null, "name": "🫡" }),
            };
            let people = random.between(1, 9);
            json!({
                "emoji": emoji, "count": people, "count_details": { "burst": 0, "normal": people }, "burst_colors": [],
                "me_burst": false, "burst_me": false, "me": false, "burst_count": 0,
            })
        };
        (0..count).map(|at| one(&mut self.random, at)).collect()
    }
}

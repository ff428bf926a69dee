//! Where people are in the database: every place that holds a person's id, and what becomes of it when the person is
//! erased. Erasure, the page that shows what is held, the download and the replay after a restore all walk this one
//! table; a test holds it against `data_inventory.toml`, so that no column is forgotten.

/// Kinds of data that are held, as people see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// The account with its choices.
    Account,
    /// Where somebody is signed in.
    Sessions,
    /// Forms that were refused, for some minutes.
    Drafts,
    /// Tickets that they opened.
    Tickets,
    /// What they said in tickets.
    Words,
    /// Their files and pictures.
    Files,
    /// Their reactions.
    Reactions,
    /// The names under which they were seen.
    Names,
    /// Tickets that they were let into.
    Members,
    /// What they did with tickets.
    Deeds,
    /// Entries of audit logs.
    Audit,
    /// Links to transcripts that they made or may use.
    Links,
    /// Their data as a customer.
    Customer,
    /// What they did as an operator of the service.
    Operator,
    /// Their requests and choices about their data.
    Requests,
}

impl Held {
    /// Each of them, in the order in which they are shown.
    pub const ALL: [Self; 15] = [
        Self::Account,
        Self::Sessions,
        Self::Drafts,
        Self::Customer,
        Self::Requests,
        Self::Operator,
        Self::Tickets,
        Self::Words,
        Self::Files,
        Self::Reactions,
        Self::Names,
        Self::Members,
        Self::Deeds,
        Self::Links,
        Self::Audit,
    ];

    /// The word for it in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Sessions => "sessions",
            Self::Drafts => "drafts",
            Self::Tickets => "tickets",
            Self::Words => "words",
            Self::Files => "files",
            Self::Reactions => "reactions",
            Self::Names => "names",
            Self::Members => "members",
            Self::Deeds => "deeds",
            Self::Audit => "audit",
            Self::Links => "links",
            Self::Customer => "customer",
            Self::Operator => "operator",
            Self::Requests => "requests",
        }
    }
}

/// What becomes of a row in an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes.
    Delete,
    /// It goes, and the object that its column `blob` names is asked to be removed.
    DeleteWithBlob,
    /// It stays for others, with this done to it; the pseudonym is `$4`.
    Change(&'static str),
    /// The digits of the id are written over wherever they are a whole number in the text of the column.
    Digits,
    /// As [`Fate::Digits`], and the chain of hashes is made anew: [`crate::audit::pseudonymise`].
    Chain,
    /// The end of the customer takes care of it: `licences::end_customer`.
    Customer,
    /// The erasure itself, and what holds until it is over; its steps and its end take care of it.
    Job,
}

/// One column that holds the id of a person.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What its rows are to people.
    pub held: Held,
    /// What becomes of its rows.
    pub fate: Fate,
    /// The columns that name a row.
    pub(super) key: &'static str,
    /// The table as `old`, with what it must be joined with.
    pub(super) from: &'static str,
    /// Which rows are a person's, who is `$1`.
    pub(super) whose: &'static str,
    /// The server of a row; `0` for what belongs to the service itself.
    pub(super) guild: &'static str,
    /// When a row was made; empty where nothing says it.
    pub(super) since: &'static str,
}

macro_rules! place {
    ($table:literal.$column:literal, $held:ident, $fate:expr, $key:literal, service $(, $since:literal)?) => {
        place!(@ $table, $column, $held, $fate, $key, concat!($table, " old"),
               concat!("old.", $column, " = $1"), "CAST(0 AS BIGINT)", concat!($($since)?))
    };
    ($table:literal.$column:literal, $held:ident, $fate:expr, $key:literal, guild $(, $since:literal)?) => {
        place!(@ $table, $column, $held, $fate, $key, concat!($table, " old"),
               concat!("old.", $column, " = $1"), "old.guild_id", concat!($($since)?))
    };
    ($table:literal.$column:literal, $held:ident, $fate:expr, $key:literal, ticket $(, $since:literal)?) => {
        place!(@ $table, $column, $held, $fate, $key,
               concat!($table, " old JOIN tickets t ON t.id = old.ticket_id"),
               concat!("old.", $column, " = $1"), "t.guild_id", concat!($($since)?))
    };
    (@ $table:expr, $column:expr, $held:ident, $fate:expr, $key:expr, $from:expr, $whose:expr, $guild:expr,
     $since:expr) => {
        Place {
            table: $table,
            column: $column,
            held: Held::$held,
            fate: $fate,
            key: $key,
            from: $from,
            whose: $whose,
            guild: $guild,
            since: $since,
        }
    };
}

use Fate::{Chain, Change, Customer, Delete, DeleteWithBlob, Digits, Job};

/// Every place. An erasure takes them in this order: what goes is found by what stays, so it goes first.
pub const PLACES: &[Place] = &[
    // What the person said, sent and was called.
    // First what moves into chunks, so that nothing comes after them. That there was a message stays, for those who
    // answered it.
    place!("archive_messages"."subject_id", Words, Change("subject_id = $4, body = substr(body, 1, 0)"),
           "ticket_id, message_id, version", ticket, "t.created_at"),
    place!("attachments"."subject_id", Files, DeleteWithBlob, "ticket_id, attachment_id", ticket, "t.created_at"),
    place!("transcript_terms"."subject_id", Words, Delete, "ticket_id, chunk, part", ticket, "old.at"),
    place!("transcript_parts"."subject_id", Words, Delete, "ticket_id, chunk, part", ticket, "t.created_at"),
    place!("transcript_reactions"."subject_id", Reactions, Delete, "ticket_id, message_id, number", ticket, "old.at"),
    place!("transcript_people"."user_id", Names, Delete, "ticket_id, user_id", ticket, "t.created_at"),
    place!("ticket_people"."user_id", Names, Delete, "guild_id, user_id", guild, "old.seen_at"),
    place!("ticket_members"."user_id", Members, Delete, "ticket_id, user_id", ticket, "old.added_at"),
    Place {
        table: "share_link_people",
        column: "user_id",
        held: Held::Links,
        fate: Delete,
        key: "link_id, user_id",
        from: "share_link_people old JOIN share_links l ON l.id = old.link_id JOIN tickets t ON t.id = l.ticket_id",
        whose: "old.user_id = $1",
        guild: "t.guild_id",
        since: "l.made_at",
    },
    Place {
        table: "transcript_looks",
        column: "message_id",
        held: Held::Tickets,
        fate: Delete,
        key: "ticket_id",
        from: "transcript_looks old JOIN tickets t ON t.id = old.ticket_id",
        whose: "t.opener_id = $1",
        guild: "t.guild_id",
        since: "t.created_at",
    },
    // What others need to make sense of what is theirs.
    place!("tickets"."opener_id", Tickets, Change("opener_id = $4, answers = NULL"), "id", guild, "old.created_at"),
    place!("tickets"."claimed_by", Deeds, Change("claimed_by = $4"), "id", guild, "old.created_at"),
    place!("tickets"."closed_by", Deeds, Change("closed_by = $4, reason = NULL"), "id", guild, "old.closing_at"),
    place!("ticket_members"."added_by", Deeds, Change("added_by = $4"), "ticket_id, user_id", ticket, "old.added_at"),
    place!("domain_events"."actor_id", Deeds, Change("actor_id = $4"), "guild_id, seq", guild, "old.at"),
    place!("domain_events"."payload", Deeds, Digits, "guild_id, seq", guild, "old.at"),
    place!("legal_holds"."placed_by", Deeds, Change("placed_by = $4"), "ticket_id, hold", ticket, "old.placed_at"),
    place!("legal_holds"."lifted_by", Deeds, Change("lifted_by = $4"), "ticket_id, hold", ticket, "old.lifted_at"),
    place!("redactions"."made_by", Deeds, Change("made_by = $4"), "ticket_id, redaction", ticket, "old.made_at"),
    place!("share_links"."made_by", Links, Change("made_by = $4"), "id", ticket, "old.made_at"),
    place!("share_links"."revoked_by", Links, Change("revoked_by = $4"), "id", ticket, "old.revoked_at"),
    place!("guild_alerts"."alert", Deeds, Digits, "guild_id, subject", guild, "old.first_at"),
    place!("outbox"."payload", Deeds, Digits, "id", guild, "old.created_at"),
    place!("audit_log"."actor_id", Audit, Chain, "guild_id, seq", guild, "old.at"),
    place!("audit_log"."target", Audit, Chain, "guild_id, seq", guild, "old.at"),
    place!("audit_log"."before", Audit, Chain, "guild_id, seq", guild, "old.at"),
    place!("audit_log"."after", Audit, Chain, "guild_id, seq", guild, "old.at"),
    // What the service itself keeps of them.
    place!("payment_customers"."user_id", Customer, Customer, "user_id, live", service, "old.made_at"),
    place!("payment_subscriptions"."user_id", Customer, Customer, "subscription_id", service),
    place!("payment_wishes"."user_id", Customer, Customer, "id", service, "old.created_at"),
    place!("licences"."contact_id", Customer, Customer, "id", service, "old.issued_at"),
    place!("operator_log"."actor_id", Operator, Change("actor_id = $4"), "id", service, "old.at"),
    place!("operator_log"."before", Operator, Digits, "id", service, "old.at"),
    place!("operator_log"."after", Operator, Digits, "id", service, "old.at"),
    place!("operator_log"."about", Operator, Digits, "id", service, "old.at"),
    place!("token_revocations"."user_id", Sessions, Delete, "id_hash", service),
    place!("form_drafts"."user_id", Drafts, Delete, "id_hash", service),
    Place {
        table: "privacy_request_words",
        column: "said",
        held: Held::Requests,
        fate: Delete,
        key: "request_id",
        from: "privacy_request_words old JOIN privacy_requests r ON r.id = old.request_id",
        whose: "r.user_id = $1",
        guild: "CAST(0 AS BIGINT)",
        since: "r.made_at",
    },
    // That there was a request, and how it was answered, stays; whose it was goes by `requests::forget`, and of the
    // one that is answered by the erasure at its end.
    place!("privacy_requests"."user_id", Requests, Job, "id", service, "old.made_at"),
    // What waits for the end of a hold stays restricted until then.
    place!("restricted_people"."user_id", Requests, Job, "user_id", service, "old.since"),
    place!("objections"."user_id", Requests, Job, "request_id", service, "old.since"),
    place!("person_downloads"."user_id", Requests, DeleteWithBlob, "id", service, "old.asked_at"),
    place!("document_acceptances"."user_id", Account, Delete, "user_id, document, version", service, "old.at"),
    place!("sessions"."user_id", Sessions, Delete, "id_hash", service, "old.created_at"),
    place!("accounts"."user_id", Account, Delete, "user_id", service, "old.created_at"),
    place!("erasures"."user_id", Requests, Job, "user_id", service, "old.asked_at"),
    place!("erasure_parts"."user_id", Requests, Job, "user_id, guild_id", service),
];

/// Columns left alone in rows that stay: without the columns above they identify nobody. They are ids of our own and of
/// messages, times, numbers, and what is sealed under a key that is destroyed.
pub const STAYS: &[(&str, &[&str])] = &[
    ("tickets", &["id", "answers", "reason", "created_at", "opened_at", "closing_at", "closed_at"]),
    ("ticket_members", &["ticket_id", "added_at"]),
    ("ticket_live", &["ticket_id", "interaction_token"]),
    ("inbox", &["ticket_id"]),
    ("domain_events", &["ticket_id"]),
    ("archive_messages", &["ticket_id", "message_id", "version", "body"]),
    ("archive_deletions", &["ticket_id", "message_id", "at"]),
    ("transcripts", &["ticket_id"]),
    ("transcript_chunks", &["ticket_id", "first_message_id", "last_message_id", "entries"]),
    ("transcript_looks", &["ticket_id"]),
    ("legal_holds", &["ticket_id"]),
    ("redactions", &["ticket_id", "message_id", "words"]),
    ("redacted_messages", &["ticket_id", "message_id"]),
    // It names nobody without the key store, and goes with the ticket's channel.
    ("ticket_erasures", &["ticket_id", "mark", "erased_at"]),
    ("share_links", &["id", "ticket_id", "token_hash"]),
    // The customer's end takes it out of the row.
    ("payment_events", &["object_id"]),
    ("payment_subscriptions", &["subscription_id", "customer_id"]),
    (
        "licences",
        &[
            "id",
            "plan",
            "source",
            "status",
            "held_at",
            "issued_at",
            "expires_at",
            "grace_until",
            "seats",
        ],
    ),
    ("licence_seats", &["licence_id"]),
    ("operator_log", &["at", "licence_id"]),
    ("privacy_requests", &["id", "token_hash", "kind", "via", "state", "made_at", "reason"]),
    ("privacy_request_steps", &["request_id"]),
    // An address of a file says nothing of whose it is, and the file goes with it.
    ("blob_removals", &["blob"]),
    // The register of what was given out by law stays as long as the law wants, sealed.
    ("disclosures", &["details"]),
    // What stays on purpose: it names nobody without the key store.
    ("erased_people", &["discord_mark", "roblox_mark", "marker", "erased_at"]),
];

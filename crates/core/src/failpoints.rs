//! The places at which a test can stop the program, to see that nothing is lost or done twice.
//!
//! With the feature `failpoints`, `fail::cfg` (or the environment variable `FAILPOINTS`, once
//! `fail::FailScenario::setup` was called) says what happens at a place; without it nothing is compiled in.
//! Every transaction of a ticket's life has a place before and after its commit, every effect one before
//! and after its call to Discord.

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*

        /// Every place, in the order of a ticket's life.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

points! {
    /// The ticket is written, not yet committed.
    OPEN_BEFORE_COMMIT = "open.before_commit";
    /// The ticket is accepted; the worker is not woken yet.
    OPEN_AFTER_COMMIT = "open.after_commit";
    /// The claim is written, not yet committed.
    CLAIM_BEFORE_COMMIT = "claim.before_commit";
    /// The claim is committed.
    CLAIM_AFTER_COMMIT = "claim.after_commit";
    /// The close is written, not yet committed.
    CLOSE_BEFORE_COMMIT = "close.before_commit";
    /// The close is committed.
    CLOSE_AFTER_COMMIT = "close.after_commit";
    /// An added or removed member is written, not yet committed.
    MEMBERS_BEFORE_COMMIT = "members.before_commit";
    /// An added or removed member is committed.
    MEMBERS_AFTER_COMMIT = "members.after_commit";
    /// A ticket's priority is written, not yet committed.
    PRIORITY_BEFORE_COMMIT = "priority.before_commit";
    /// A ticket's priority is committed.
    PRIORITY_AFTER_COMMIT = "priority.after_commit";
    /// A move to another panel is written, not yet committed.
    MOVE_BEFORE_COMMIT = "move.before_commit";
    /// A move to another panel is committed; its channel is as before.
    MOVE_AFTER_COMMIT = "move.after_commit";
    /// A channel that was deleted by hand is noted, not yet committed.
    CHANNEL_GONE_BEFORE_COMMIT = "channel_gone.before_commit";
    /// Effects are claimed, not yet committed.
    OUTBOX_BEFORE_CLAIM = "outbox.before_claim";
    /// Effects are claimed; none is begun.
    OUTBOX_AFTER_CLAIM = "outbox.after_claim";
    /// About to make the ticket's channel.
    CREATE_CHANNEL_BEFORE_CALL = "create_channel.before_call";
    /// The channel is made; we have not noted it.
    CREATE_CHANNEL_AFTER_CALL = "create_channel.after_call";
    /// About to post the welcome message.
    WELCOME_BEFORE_CALL = "welcome.before_call";
    /// The welcome message is posted; we have not noted it.
    WELCOME_AFTER_CALL = "welcome.after_call";
    /// About to answer the member's interaction.
    INTERACTION_BEFORE_CALL = "interaction.before_call";
    /// The interaction is answered; we have not noted it.
    INTERACTION_AFTER_CALL = "interaction.after_call";
    /// About to change an overwrite.
    OVERWRITE_BEFORE_CALL = "overwrite.before_call";
    /// The overwrite is changed; we have not noted it.
    OVERWRITE_AFTER_CALL = "overwrite.after_call";
    /// About to let the staff of another panel into a channel, and those of the old one out.
    MOVE_BEFORE_CALL = "move.before_call";
    /// The channel is the other panel's; we have not noted it.
    MOVE_AFTER_CALL = "move.after_call";
    /// About to change the buttons of the welcome message.
    BUTTONS_BEFORE_CALL = "buttons.before_call";
    /// The buttons are changed; we have not noted it.
    BUTTONS_AFTER_CALL = "buttons.after_call";
    /// About to post a notice.
    NOTICE_BEFORE_CALL = "notice.before_call";
    /// The notice is posted; we have not noted it.
    NOTICE_AFTER_CALL = "notice.after_call";
    /// About to take the right to write in a channel whose ticket closes.
    LOCK_BEFORE_CALL = "lock.before_call";
    /// Nobody but staff may write any more; we have not noted it.
    LOCK_AFTER_CALL = "lock.after_call";
    /// About to complete the archive and store the transcript.
    TRANSCRIPT_BEFORE_CALL = "transcript.before_call";
    /// A page of the channel was compared with the archive.
    TRANSCRIPT_AFTER_PAGE = "transcript.after_page";
    /// About to copy an attachment.
    ATTACHMENT_BEFORE_COPY = "attachment.before_copy";
    /// The attachment's bytes are stored; we have not noted it.
    ATTACHMENT_AFTER_COPY = "attachment.after_copy";
    /// A chunk of the transcript is stored.
    TRANSCRIPT_AFTER_CHUNK = "transcript.after_chunk";
    /// The transcript is marked as stored and the ticket as closed, not yet committed.
    TRANSCRIPT_BEFORE_COMMIT = "transcript.before_commit";
    /// The transcript is stored; the effect is not yet done.
    TRANSCRIPT_AFTER_CALL = "transcript.after_call";
    /// About to post the summary.
    SUMMARY_BEFORE_CALL = "summary.before_call";
    /// The summary is posted; we have not noted it.
    SUMMARY_AFTER_CALL = "summary.after_call";
    /// About to write to the opener.
    DM_BEFORE_CALL = "dm.before_call";
    /// The opener is written to; we have not noted it.
    DM_AFTER_CALL = "dm.after_call";
    /// About to remove the channel.
    DELETE_CHANNEL_BEFORE_CALL = "delete_channel.before_call";
    /// What came after the transcript was stored is added to it; the channel is still there.
    DELETE_CHANNEL_AFTER_LATE = "delete_channel.after_late";
    /// The channel is gone; we have not noted it.
    DELETE_CHANNEL_AFTER_CALL = "delete_channel.after_call";
    /// About to post or edit a panel.
    PANEL_BEFORE_CALL = "panel.before_call";
    /// The panel is posted; we have not noted it.
    PANEL_AFTER_CALL = "panel.after_call";
    /// About to tell staff that something went wrong.
    ALERT_BEFORE_CALL = "alert.before_call";
    /// Staff are told; we have not noted it.
    ALERT_AFTER_CALL = "alert.after_call";
    /// An effect's result is written, not yet committed.
    OUTBOX_BEFORE_SETTLE = "outbox.before_settle";
    /// An effect's result is committed.
    OUTBOX_AFTER_SETTLE = "outbox.after_settle";
}

/// The places in parts that run as long as the program does, where such a part can be made to end or to panic.
/// They are no places of a ticket's life: nothing is killed there.
pub mod parts {
    /// The outbox worker looks for effects.
    pub const OUTBOX: &str = "part.outbox";
    /// Old things are looked for.
    pub const RETENTION: &str = "part.retention";
    /// Files to copy are looked for.
    pub const ATTACHMENTS: &str = "part.attachments";
    /// Message events are archived.
    pub const ARCHIVE: &str = "part.archive";
    /// Payments are reconciled.
    pub const PAYMENTS: &str = "part.payments";
}

/// The places in the note that somebody left a server, or came back to it, while a ticket of theirs is open.
pub mod presence {
    /// It is written, not yet committed.
    pub const BEFORE_COMMIT: &str = "presence.before_commit";
    /// It is committed; the worker is not woken yet.
    pub const AFTER_COMMIT: &str = "presence.after_commit";
    /// All of them.
    pub const ALL: &[&str] = &[BEFORE_COMMIT, AFTER_COMMIT];
}

/// The places in the removal of what is past its time, and in redaction. They come after a ticket's life.
pub mod keeping {
    /// A part of a ticket is removed, not yet committed.
    pub const REMOVE_BEFORE_COMMIT: &str = "remove.before_commit";
    /// A part of a ticket is removed.
    pub const REMOVE_AFTER_COMMIT: &str = "remove.after_commit";
    /// The bytes of a file are gone; we have not noted it.
    pub const BLOB_AFTER_DELETE: &str = "blob.after_delete";
    /// A redaction is noted; nothing is written over yet.
    pub const REDACT_AFTER_NOTE: &str = "redact.after_note";
    /// A chunk is written over, not yet committed.
    pub const REDACT_BEFORE_COMMIT: &str = "redact.before_commit";
    /// A chunk is done.
    pub const REDACT_AFTER_CHUNK: &str = "redact.after_chunk";
    /// All of them.
    pub const ALL: &[&str] = &[
        REMOVE_BEFORE_COMMIT,
        REMOVE_AFTER_COMMIT,
        BLOB_AFTER_DELETE,
        REDACT_AFTER_NOTE,
        REDACT_BEFORE_COMMIT,
        REDACT_AFTER_CHUNK,
    ];
}

/// The places in the hourly sweep between its parts. What it removes has places of its own: [`keeping`] and
/// [`clearing`].
pub mod sweeping {
    /// This process is to sweep; nothing is removed yet.
    pub const AFTER_LEASE: &str = "sweep.after_lease";
    /// What a rule says is removed; the next rules are not carried out.
    pub const AFTER_RULE: &str = "sweep.after_rule";
    /// Transcripts whose time is over are removed; their files are there.
    pub const AFTER_EXPIRED: &str = "sweep.after_expired";
    /// Everything is removed; that the sweep is over is not noted.
    pub const BEFORE_END: &str = "sweep.before_end";
    /// All of them.
    pub const ALL: &[&str] = &[AFTER_LEASE, AFTER_RULE, AFTER_EXPIRED, BEFORE_END];
}

/// The places in the life of a subscription.
pub mod payments {
    /// A wish is written down; the provider is not asked yet.
    pub const AFTER_WISH: &str = "payment.after_wish";
    /// The provider has answered; we have not noted it.
    pub const AFTER_CALL: &str = "payment.after_call";
    /// The provider's customer is written down, not yet committed.
    pub const BEFORE_CUSTOMER: &str = "payment.before_customer";
    /// The provider's customer is known; no page is asked for yet.
    pub const AFTER_CUSTOMER: &str = "payment.after_customer";
    /// The provider's page is noted; nobody was sent there.
    pub const AFTER_PAGE: &str = "payment.after_page";
    /// A webhook is written, not yet committed.
    pub const BEFORE_RECEIVED: &str = "payment.before_received";
    /// A webhook is kept; it is not answered, and nobody is woken.
    pub const AFTER_RECEIVED: &str = "payment.after_received";
    /// A reading is begun; the provider is not asked yet.
    pub const AFTER_BEGIN: &str = "payment.after_begin";
    /// The provider has shown everything; nothing of it is written.
    pub const AFTER_READ: &str = "payment.after_read";
    /// What was read is written, not yet committed.
    pub const BEFORE_COMMIT: &str = "payment.before_commit";
    /// What was read is committed; nobody is told.
    pub const AFTER_COMMIT: &str = "payment.after_commit";
    /// What events told of was read; they are not done yet.
    pub const BEFORE_DONE: &str = "payment.before_done";
    /// Events are done.
    pub const AFTER_DONE: &str = "payment.after_done";
    /// The provider has ended a subscription that nobody wants; we have not noted it.
    pub const AFTER_CANCEL: &str = "payment.after_cancel";
    /// That it is ended is noted; it was not read again.
    pub const AFTER_ENDED: &str = "payment.after_ended";
    /// About to write to the holder of a licence.
    pub const BEFORE_DM: &str = "payment.before_dm";
    /// The holder is written to; we have not noted it.
    pub const AFTER_DM: &str = "payment.after_dm";
    /// All of them.
    pub const ALL: &[&str] = &[
        AFTER_WISH,
        AFTER_CALL,
        BEFORE_CUSTOMER,
        AFTER_CUSTOMER,
        AFTER_PAGE,
        BEFORE_RECEIVED,
        AFTER_RECEIVED,
        AFTER_BEGIN,
        AFTER_READ,
        BEFORE_COMMIT,
        AFTER_COMMIT,
        BEFORE_DONE,
        AFTER_DONE,
        AFTER_CANCEL,
        AFTER_ENDED,
        BEFORE_DM,
        AFTER_DM,
    ];
}

/// The places in the removal of what belongs to a server that the bot left.
pub mod clearing {
    /// A part of a ticket is removed, not yet committed.
    pub const TICKET_BEFORE_COMMIT: &str = "clear.ticket_before_commit";
    /// A part of a ticket is removed.
    pub const TICKET_AFTER_COMMIT: &str = "clear.ticket_after_commit";
    /// Rows of a table are removed, not yet committed.
    pub const ROWS_BEFORE_COMMIT: &str = "clear.rows_before_commit";
    /// Rows of a table are removed.
    pub const ROWS_AFTER_COMMIT: &str = "clear.rows_after_commit";
    /// The keys are gone; the server is still known.
    pub const KEYS_AFTER_DESTROY: &str = "clear.keys_after_destroy";
    /// The server is forgotten, not yet committed.
    pub const FINISH_BEFORE_COMMIT: &str = "clear.finish_before_commit";
    /// All of them.
    pub const ALL: &[&str] = &[
        TICKET_BEFORE_COMMIT,
        TICKET_AFTER_COMMIT,
        ROWS_BEFORE_COMMIT,
        ROWS_AFTER_COMMIT,
        KEYS_AFTER_DESTROY,
        FINISH_BEFORE_COMMIT,
    ];
}

/// The places in the life of a request about personal data.
pub mod requests {
    /// A request is written, not yet committed.
    pub const BEFORE_COMMIT: &str = "request.before_commit";
    /// A request is committed; nobody is told.
    pub const AFTER_COMMIT: &str = "request.after_commit";
    /// About to write to an operator.
    pub const BEFORE_DM: &str = "request.before_dm";
    /// The operator is written to; we have not noted it.
    pub const AFTER_DM: &str = "request.after_dm";
}

/// The places in telling somebody that their download is ready.
pub mod downloads {
    /// About to write to the person.
    pub const BEFORE_DM: &str = "download.before_dm";
    /// The person is written to; we have not noted it.
    pub const AFTER_DM: &str = "download.after_dm";
}

/// The places in the announcement of a document.
pub mod documents {
    /// About to announce a version.
    pub const BEFORE_ANNOUNCE: &str = "documents.before_announce";
    /// A version is announced; we have not noted it.
    pub const AFTER_ANNOUNCE: &str = "documents.after_announce";
}

/// The places in an erasure.
pub mod erasing {
    /// It is asked for, not yet committed.
    pub const ASK_BEFORE_COMMIT: &str = "erase.ask_before_commit";
    /// Its parts are found, not yet committed.
    pub const LIST_BEFORE_COMMIT: &str = "erase.list_before_commit";
    /// Its parts are known.
    pub const LIST_AFTER_COMMIT: &str = "erase.list_after_commit";
    /// The key store knows that the person is erased; the database does not yet.
    pub const NOTE_AFTER_KEYS: &str = "erase.note_after_keys";
    /// A ticket of the person is closed, not yet committed.
    pub const CLOSE_BEFORE_COMMIT: &str = "erase.close_before_commit";
    /// About to destroy a key.
    pub const BEFORE_DESTROY: &str = "erase.before_destroy";
    /// A key is destroyed; the rows are all there.
    pub const AFTER_DESTROY: &str = "erase.after_destroy";
    /// A part of the rows is taken away, not yet committed.
    pub const ROWS_BEFORE_COMMIT: &str = "erase.rows_before_commit";
    /// A part of the rows is taken away.
    pub const ROWS_AFTER_COMMIT: &str = "erase.rows_after_commit";
    /// The audit log of a server is written anew, not yet committed.
    pub const CHAIN_BEFORE_COMMIT: &str = "erase.chain_before_commit";
    /// A server is done.
    pub const CHAIN_AFTER_COMMIT: &str = "erase.chain_after_commit";
    /// All of it is done, not yet committed.
    pub const END_BEFORE_COMMIT: &str = "erase.end_before_commit";
    /// All of it is done; the write-ahead log may still have it.
    pub const END_AFTER_COMMIT: &str = "erase.end_after_commit";
    /// All of them but the first.
    pub const ALL: &[&str] = &[
        LIST_BEFORE_COMMIT,
        LIST_AFTER_COMMIT,
        NOTE_AFTER_KEYS,
        CLOSE_BEFORE_COMMIT,
        BEFORE_DESTROY,
        AFTER_DESTROY,
        ROWS_BEFORE_COMMIT,
        ROWS_AFTER_COMMIT,
        CHAIN_BEFORE_COMMIT,
        CHAIN_AFTER_COMMIT,
        END_BEFORE_COMMIT,
        END_AFTER_COMMIT,
    ];
}

/// The places in the end of a customer.
pub mod licences {
    /// A licence is buried; its row still says that it counts.
    pub const END_AFTER_BURIAL: &str = "licence.end_after_burial";
    /// The licence's row is erased, not yet committed.
    pub const END_BEFORE_COMMIT: &str = "licence.end_before_commit";
    /// The licence is erased; what is kept of the customer's payments is there.
    pub const END_AFTER_COMMIT: &str = "licence.end_after_commit";
    /// What is kept of the customer's payments is removed, not yet committed.
    pub const FORGET_BEFORE_COMMIT: &str = "licence.forget_before_commit";
    /// All of them.
    pub const ALL: &[&str] =
        &[END_AFTER_BURIAL, END_BEFORE_COMMIT, END_AFTER_COMMIT, FORGET_BEFORE_COMMIT];
}

/// What a chunk is made of is opened, and not sealed again: an erasure may come between. No place to stop at.
pub const CHUNK_OPENED: &str = "chunk.opened";

#[cfg(test)]
mod tests {
    #[test]
    fn every_place_has_a_name_of_its_own() {
        let mut names = super::ALL.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), super::ALL.len());
    }
}

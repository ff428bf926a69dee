//! Whom the program may contact, for what, and with which data. The page of recipients and the guard around every
//! connection are made of the same list (P17).

/// A service that the program makes connections to. What for, and which data that is, is said in words by pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// What the bot asks of Discord and does there.
    DiscordApi,
    /// The lasting connection by which Discord reports messages.
    DiscordGateway,
    /// Signing in.
    DiscordSignIn,
    /// Where files and pictures that were sent in Discord are.
    DiscordFiles,
    /// Payments.
    Payments,
    /// An object store with the sealed files of tickets.
    FileStore,
    /// A PostgreSQL with everything but keys and files.
    Database,
    /// A PostgreSQL with the data keys.
    KeyStore,
    /// The clock of the sandbox.
    SandboxClock,
}

impl Service {
    /// All of them, in the order of a page.
    pub const ALL: [Self; 9] = [
        Self::DiscordApi,
        Self::DiscordGateway,
        Self::DiscordSignIn,
        Self::DiscordFiles,
        Self::Payments,
        Self::FileStore,
        Self::Database,
        Self::KeyStore,
        Self::SandboxClock,
    ];

    /// The word in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DiscordApi => "discord_api",
            Self::DiscordGateway => "discord_gateway",
            Self::DiscordSignIn => "discord_sign_in",
            Self::DiscordFiles => "discord_files",
            Self::Payments => "payments",
            Self::FileStore => "file_store",
            Self::Database => "database",
            Self::KeyStore => "key_store",
            Self::SandboxClock => "sandbox_clock",
        }
    }
}

/// One service and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Which.
    pub service: Service,
    /// Names or addresses of its hosts, without ports. One that begins with `*.` stands for every host below it.
    pub hosts: Vec<String>,
    /// Whether all of them are this machine: nothing leaves it then.
    pub is_local: bool,
}

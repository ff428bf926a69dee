//! guilds

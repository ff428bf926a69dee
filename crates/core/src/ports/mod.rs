//! What the use-cases need from the outside, as traits. Adapters implement them: `discord`,
//! `payments`; tests bring their own.

mod clock;
mod discord;
mod identity;
mod payments;

pub use clock::{Clock, Random, SystemClock, SystemRandom};
pub use discord::{
    AttachmentSource, ChannelFacts, ChannelKind, Discord, DiscordError, GuildFacts, GuildMember,
    NewChannel, NewMessage, RoleFacts,
};
pub use identity::{AccessToken, Identity, IdentityError, OwnGuild, Profile};
pub use payments::{
    Charge, Checkout, CheckoutStatus, DisputeStatus, Invoice, InvoiceStatus, Money, NewCheckout,
    Page, Payable, PaymentError, Payments, PendingUpdate, Preview, Price, PriceChange, Purchase,
    Subscription, SubscriptionStatus,
};

//! How long a transcript is kept, and the legal hold on it.

use domain::transcripts::HOLD_REASON_LIMIT;
use leptos::prelude::*;
use wardesk_core::transcripts::hold::Hold;
use wardesk_core::transcripts::keeping::Kept;
use words::Words;

use crate::ui::{Alert, Button, ButtonKind, Dialog, DialogButton, TextArea, Time, Tone};

/// How long, in words.
pub fn kept(w: Words, kept: Kept, zone: &str) -> impl IntoView + use<> {
    match kept {
        Kept::Until(at) => {
            view! { {w.transcripts_kept_until()}<Time at=at zone=zone.to_owned()/> }.into_any()
        }
        Kept::AfterClosing(days) => w.transcripts_kept_after_closing(days).into_any(),
        Kept::ForEver => w.transcripts_kept_for_ever().into_any(),
        Kept::Held => w.transcripts_kept_held().into_any(),
    }
}

/// The hold, for those who manage the server: why there is one and the way out, or the way to place one.
pub fn hold(w: Words, hold: Option<Hold>, path: &str, zone: &str) -> impl IntoView + use<> {
    let (action, zone) = (format!("{path}/hold"), zone.to_owned());
    match hold {
        None => view! {
            <DialogButton target="hold">{w.transcripts_hold_place()}</DialogButton>
            <Dialog id="hold" title=w.transcripts_hold_title()>
                <form method="post" action=action class="stack">
                    <p>{w.transcripts_hold_text()}</p>
                    <TextArea name="reason" label=w.transcripts_hold_reason() limit=HOLD_REASON_LIMIT strict=true/>
                    <Button kind=ButtonKind::Primary name="action" value="place">{w.transcripts_hold_place()}</Button>
                </form>
            </Dialog>
        }
        .into_any(),
        Some(hold) => {
            let name = hold.by_name.unwrap_or_else(|| super::number_of(w, hold.by));
            view! {
                <Alert tone=Tone::Info title=w.transcripts_hold_title()>
                    <p class="wrap-anywhere">{w.transcripts_hold_by(name)}{hold.reason}" ("<Time at=hold.at zone=zone/>")"</p>
                    <DialogButton target="hold">{w.transcripts_hold_lift()}</DialogButton>
                </Alert>
                <Dialog id="hold" title=w.transcripts_hold_lift()>
                    <form method="post" action=action class="stack">
                        <p>{w.transcripts_hold_lift_text()}</p>
                        <TextArea name="reason" label=w.transcripts_hold_lift_reason() limit=HOLD_REASON_LIMIT strict=true/>
                        <Button kind=ButtonKind::Danger name="action" value="lift">{w.transcripts_hold_lift()}</Button>
                    </form>
                </Dialog>
            }
            .into_any()
        }
    }
}

//! What reading has beside the messages, where scripts run: a picture in full size, and the keys.

use leptos::prelude::*;
use words::Words;

use crate::ui::{Dialog, Icon, IconName};

/// Both, hidden until they are asked for. The island `Reader` fills them.
pub fn helpers(w: Words) -> impl IntoView {
    let keys = [
        ("j", w.transcripts_key_next()),
        ("k", w.transcripts_key_previous()),
        ("c", w.transcripts_key_copy()),
        ("/", w.transcripts_key_search()),
        ("?", w.transcripts_key_help()),
    ];
    let keys = keys
        .into_iter()
        .map(|(key, words)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{words}</dd></div> })
        .collect_view();
    view! {
        <dialog class="lightbox" id="lightbox" aria-label=w.transcripts_picture()>
            <div class="lightbox-picture" id="lightbox-picture"></div>
            <div class="lightbox-foot">
                <p class="wrap-anywhere"><strong id="lightbox-name"></strong>" "<span id="lightbox-words"></span></p>
                <div class="row">
                    <button type="button" class="button button-plain button-small" id="lightbox-previous">{w.transcripts_picture_previous()}</button>
                    <span class="num" id="lightbox-count" role="status"></span>
                    <button type="button" class="button button-plain button-small" id="lightbox-next">{w.transcripts_picture_next()}</button>
                    <a class="button button-plain button-small" id="lightbox-original" href="#messages">{w.transcripts_picture_original()}</a>
                    <button type="button" class="button button-primary button-small" id="lightbox-close" autofocus=true>
                        <Icon name=IconName::Close/>{w.common_close()}
                    </button>
                </div>
            </div>
        </dialog>
        <Dialog id="keys" title=w.transcripts_keys()>
            <dl class="keys">{keys}</dl>
        </Dialog>
    }
}

use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::privacy::contacts::{Contact, Service};
use words::Words;

use super::wardesk;
use crate::context::words;
use crate::pages::load::loaded;
use crate::ui::Table;

/// What a service is called, what for, which data it gets, and who it is.
fn said(w: Words, service: Service) -> [&'static str; 4] {
    match service {
        Service::DiscordApi => [
            w.documents_service_discord_api(),
            w.documents_for_discord_api(),
            w.documents_data_discord_api(),
            w.documents_who_discord(),
        ],
        Service::DiscordGateway => [
            w.documents_service_discord_gateway(),
            w.documents_for_discord_gateway(),
            w.documents_data_discord_gateway(),
            w.documents_who_discord(),
        ],
        Service::DiscordSignIn => [
            w.documents_service_discord_sign_in(),
            w.documents_for_discord_sign_in(),
            w.documents_data_discord_sign_in(),
            w.documents_who_discord(),
        ],
        Service::DiscordFiles => [
            w.documents_service_discord_files(),
            w.documents_for_discord_files(),
            w.documents_data_discord_files(),
            w.documents_who_discord(),
        ],
        Service::Payments => [
            w.documents_service_payments(),
            w.documents_for_payments(),
            w.documents_data_payments(),
            w.documents_who_payments(),
        ],
        Service::FileStore => [
            w.documents_service_file_store(),
            w.documents_for_file_store(),
            w.documents_data_file_store(),
            w.documents_who_operator(),
        ],
        Service::Database => [
            w.documents_service_database(),
            w.documents_for_database(),
            w.documents_data_database(),
            w.documents_who_operator(),
        ],
        Service::KeyStore => [
            w.documents_service_key_store(),
            w.documents_for_key_store(),
            w.documents_data_key_store(),
            w.documents_who_operator(),
        ],
        Service::SandboxClock => [
            w.documents_service_sandbox_clock(),
            w.documents_for_sandbox_clock(),
            w.documents_data_sandbox_clock(),
            w.documents_who_own(),
        ],
    }
}

/// The page `/privacy/processors`: the services of this installation, from the list that the program keeps to.
#[component]
pub fn Processors() -> impl IntoView {
    loaded(async move {
        let wardesk = wardesk()?;
        let w = words();
        let contacts = wardesk.imprint().contacts.clone();
        let list = if contacts.is_empty() {
            view! { <p>{w.documents_none_contacted()}</p> }.into_any()
        } else {
            table(w, contacts).into_any()
        };
        Ok(view! {
            <Title text=w.documents_processors()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.documents_processors()}</h1><p class="lede">{w.documents_processors_text()}</p></div></div>
                {list}
            </div>
        })
    })
}

fn table(w: Words, contacts: Vec<Contact>) -> impl IntoView {
    let columns = [
        w.documents_recipient(),
        w.documents_what_for(),
        w.documents_which_data(),
        w.documents_who(),
        w.documents_hosts(),
    ];
    let lines = contacts.into_iter().map(move |contact| {
        let [service, what_for, data, who] = said(w, contact.service);
        let local = contact.is_local;
        let who = if local { w.documents_who_own() } else { who };
        let hosts = contact.hosts.into_iter().map(|host| view! { <li><code>{host}</code></li> });
        view! {
            <tr>
                <td data-label=columns[0]><strong>{service}</strong></td>
                <td data-label=columns[1]>{what_for}</td>
                <td data-label=columns[2]>{data}</td>
                <td data-label=columns[3]>{who}</td>
                <td data-label=columns[4]>
                    <div>
                        <ul class="document-hosts">{hosts.collect_view()}</ul>
                        {local.then(|| view! { <p class="muted">{w.documents_local()}</p> })}
                    </div>
                </td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    view! {
        <Table caption=w.documents_processors() columns=columns.map(str::to_owned).to_vec()>{lines}</Table>
    }
}

//! The pages, by feature, and the frame around them.

mod account;
mod audit;
mod design;
mod documents;
mod donate;
mod errors;
mod export;
mod flash;
mod frame;
mod held;
mod licences;
mod links;
mod load;
mod operator;
mod overview;
mod own;
mod panel;
mod panels;
mod picker;
mod problems;
mod query;
mod reading;
mod redact;
mod requests;
mod search;
mod server;
mod settings;
mod shared;
mod start;
mod status;
mod subscription;
mod ticket;
mod ticket_people;
mod ticket_rows;
mod ticket_sort;
mod tickets;
mod transcript;
mod transcript_keeping;
mod transcripts;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::context::words;
use crate::ui::raw_text;
use documents::Notices;
use frame::{Footer, TopBar};

/// The title of a page with the product's name. Names of servers and panels are in it.
fn whole_title(title: String) -> String {
    if title.is_empty() { "Wardesk".to_owned() } else { format!("{} · Wardesk", raw_text(&title)) }
}

/// The whole of the web pages. Every page is rendered completely before its first byte leaves, so that
/// status and redirects can still be decided.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let w = words();
    view! {
        <Title formatter=whole_title/>
        <a class="skip-link" href="#content">{w.common_skip_to_content()}</a>
        <Router>
            <TopBar/>
            <main class="page" id="content" tabindex="-1">
                <Notices/>
                <FlatRoutes fallback=errors::Fallback>
                    <Route path=path!("") view=start::Start ssr=SsrMode::Async/>
                    <Route path=path!("design") view=design::Design ssr=SsrMode::Async/>
                    <Route path=path!("status") view=status::StatusPage ssr=SsrMode::Async/>
                    <Route path=path!("privacy") view=documents::PrivacyPage ssr=SsrMode::Async/>
                    <Route path=path!("privacy/changes") view=documents::Changes ssr=SsrMode::Async/>
                    <Route path=path!("privacy/processors") view=documents::Processors ssr=SsrMode::Async/>
                    <Route path=path!("privacy/versions/:version") view=documents::PrivacyVersion ssr=SsrMode::Async/>
                    <Route path=path!("terms") view=documents::TermsPage ssr=SsrMode::Async/>
                    <Route path=path!("terms/versions/:version") view=documents::TermsVersion ssr=SsrMode::Async/>
                    <Route path=path!("privacy/request") view=requests::RequestForm ssr=SsrMode::Async/>
                    <Route path=path!("privacy/requests/:token") view=requests::RequestStatus ssr=SsrMode::Async/>
                    <Route path=path!("account/requests/:request") view=requests::OwnRequest ssr=SsrMode::Async/>
                    <Route path=path!("operator/privacy") view=requests::RequestsDesk ssr=SsrMode::Async/>
                    <Route path=path!("operator/privacy/:request") view=requests::DeskRequest ssr=SsrMode::Async/>
                    <Route path=path!("operator/disclosures") view=requests::Disclosures ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/privacy") view=requests::ServerRequests ssr=SsrMode::Async/>
                    <Route path=path!("account") view=account::Account ssr=SsrMode::Async/>
                    <Route path=path!("account/privacy") view=own::OwnData ssr=SsrMode::Async/>
                    <Route path=path!("account/privacy/erase") view=own::EraseOwn ssr=SsrMode::Async/>
                    <Route path=path!("account/licences") view=licences::Licences ssr=SsrMode::Async/>
                    <Route path=path!("donate") view=donate::Donate ssr=SsrMode::Async/>
                    <Route path=path!("donate/thanks/:donation") view=donate::Thanks ssr=SsrMode::Async/>
                    <Route path=path!("operator/licences") view=operator::OperatorLicences ssr=SsrMode::Async/>
                    <Route path=path!("operator/licences/:licence") view=operator::OperatorLicencePage ssr=SsrMode::Async/>
                    <Route path=path!("transcripts") view=transcripts::Transcripts ssr=SsrMode::Async/>
                    <Route path=path!("transcripts/:ticket") view=transcript::Transcript ssr=SsrMode::Async/>
                    <Route path=path!("transcripts/:ticket/export") view=export::Export ssr=SsrMode::Async/>
                    <Route path=path!("transcripts/:ticket/redact") view=redact::Redact ssr=SsrMode::Async/>
                    <Route path=path!("transcripts/:ticket/links") view=links::Links ssr=SsrMode::Async/>
                    <Route path=path!("shared/:link") view=shared::Shared ssr=SsrMode::Async/>
                    <Route path=path!("servers") view=picker::Servers ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild") view=overview::Overview ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/settings") view=settings::Settings ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/panels") view=panels::Panels ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/panels/:panel") view=panel::Panel ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/tickets") view=tickets::Tickets ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/tickets/:ticket") view=ticket::Ticket ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/search") view=search::Search ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/subscription") view=subscription::Subscription ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/subscription/change") view=subscription::Change ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/audit") view=audit::Audit ssr=SsrMode::Async/>
                    <Route path=path!("servers/:guild/held") view=held::Held ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
        </Router>
        <Footer/>
    }
}

/// The number of somebody whose name is not known; of somebody who was erased it would lead to nobody.
fn number_of(w: words::Words, id: domain::ids::UserId) -> String {
    if id.is_pseudonym() { w.privacy_erased_person().to_owned() } else { id.to_string() }
}

/// What stands for somebody who has no name here.
fn nameless(w: words::Words, id: domain::ids::UserId) -> String {
    let erased = id.is_pseudonym();
    if erased { w.privacy_erased_person() } else { w.common_unknown_person() }.to_owned()
}

/// What an error summary lists: the id of each refused field, its name, and what is wrong with it.
fn summary(
    w: words::Words,
    errors: &[domain::validation::FieldError],
    names: &[(&str, &str)],
) -> Vec<(String, String, String)> {
    let label_of = |field: &str| names.iter().find(|(id, _)| *id == field).map(|(_, name)| *name);
    // `question_2_label` belongs to question 2.
    let question_of = |field: &str| {
        let number = field.strip_prefix("question_")?.split('_').next()?;
        Some(w.panels_question(number))
    };
    errors
        .iter()
        .map(|error| {
            let known = label_of(&error.field).map(str::to_owned);
            let name = known.or_else(|| question_of(&error.field));
            let name = name.unwrap_or_else(|| error.field.clone());
            (error.field.clone(), name, problems::text(w, error))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::whole_title;

    #[test]
    fn a_title_cannot_end_its_element() {
        let title = whole_title("</title><script>x</script> & co".to_owned());
        assert_eq!(title, "&lt;/title&gt;&lt;script&gt;x&lt;/script&gt; &amp; co · Wardesk");
        assert_eq!(whole_title(String::new()), "Wardesk");
    }
}

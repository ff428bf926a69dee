//! `/privacy` was invoked: where people see, change and erase what is kept of them.

use wardesk_core::Wardesk;
use words::Words;

use super::answer::Answerer;

/// Answers with the ways there, seen by whoever asked alone. Nothing is looked up: the answer says nothing of them.
pub(super) async fn invoked(w: &Wardesk, answerer: &Answerer, words: Words) {
    answerer.say(&text(words, w.public_url())).await;
}

fn text(words: Words, site: &str) -> String {
    format!(
        "{} {site}/account/privacy\n{} {site}/privacy/request\n{} {site}/privacy",
        words.requests_command_text(),
        words.requests_command_form(),
        words.requests_command_policy(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::locale::Locale;

    #[test]
    fn every_language_leads_to_the_same_pages() {
        for locale in Locale::ALL {
            let text = text(Words::new(locale), "https://desk.example");
            for path in ["/account/privacy", "/privacy/request", "/privacy"] {
                assert!(text.contains(&format!("https://desk.example{path}")), "{text}");
            }
            // Source: Discord API documentation, "Create Message": 2000 characters.
            assert!(text.chars().count() < 2000);
        }
    }
}

//! What people say in tickets: sentences put together from pieces, with the markdown that they use.

use super::random::Random;
use super::server;

const SENTENCES: [&str; 64] = [
    "I was charged twice this month and I do not know why.",
    "Could you have a look at it when you find the time?",
    "It worked until yesterday evening.",
    "Now it says \"payment declined\" & nothing else.",
    "I have already tried to sign out and in again.",
    "That did not help.",
    "Thanks for the quick answer!",
    "Let me check that for you.",
    "One moment please.",
    "I can see two charges on your account.",
    "The second one should not be there.",
    "I have asked the people who look after the payments.",
    "It usually takes two or three days.",
    "You will get the money back to the same card.",
    "Is there anything else that I can do for you?",
    "no, that is all",
    "ok",
    "yes please",
    "hm, strange",
    "wait, I think I found it",
    "The number is on the second page of the invoice.",
    "Which of the two did you order first?",
    "I ordered the small one, and then changed my mind.",
    "Sorry for the trouble, that was my mistake.",
    "No worries, it happens all the time.",
    "Can you send me a picture of what you see?",
    "Here it is.",
    "It looks different on my phone.",
    "Have you tried another browser?",
    "Same in Firefox and in Chrome.",
    "Then it must be on our side.",
    "I will write down what you told me & pass it on.",
    "Ich habe das gleiche Problem seit gestern Abend.",
    "Können Sie mir bitte die Bestellnummer schicken?",
    "Das dauert leider ein bisschen länger als gewöhnlich.",
    "Vielen Dank für Ihre Geduld!",
    "My friend has the same problem, by the way.",
    "If x < 3 the form is refused, and if x > 5 as well.",
    "There is a line break at the end, could that be it?",
    "The button does nothing when I press it.",
    "It only happens when I am not at home.",
    "Did you get an e-mail about it?",
    "Yes, it is from the day before yesterday.",
    "Please do not share your password with anybody, not even with us.",
    "I never did.",
    "Good.",
    "Then let us try it together.",
    "First open the settings, and then choose the last entry.",
    "I do not have that entry.",
    "What do you see instead?",
    "Only three entries: account, privacy and language.",
    "In that case your account is not linked yet.",
    "How do I link it?",
    "There is a page about it in the help.",
    "That page says that I need an administrator.",
    "I am one, I will do it for you.",
    "Done, please try again.",
    "It works now, thank you so much!",
    "You are welcome.",
    "Have a nice day!",
    "これでうまくいきました。ありがとうございます!",
    "Спасибо, теперь всё работает.",
    "merci beaucoup, c'est parfait",
    "I'll close the ticket then, just open another one if it comes back.",
];

const EMOJIS: [&str; 14] =
    ["😀", "😅", "🎉", "👍", "🙏", "❤️", "🤔", "👀", "🚀", "✅", "😟", "🇩🇪", "👩‍💻", "💯"];

const CODE: [(&str, &str); 4] = [
    (
        "rust",
        "let charges = invoices.iter().filter(|one| one.paid).count();\nassert_eq!(charges, 1); // was 2",
    ),
    (
        "json",
        "{\n  \"order\": \"A-1042\",\n  \"paid\": true,\n  \"amount\": 19.00,\n  \"tags\": [\"monthly\", null]\n}",
    ),
    ("", "Error: payment declined (code 402)\n    at charge (billing:42)\n    at order (shop:7)"),
    ("py", "def refund(order):\n    # the second charge only\n    return order.charges[1].undo()"),
];

/// An emoji of Unicode.
pub fn emoji(random: &mut Random) -> &'static str {
    random.one(&EMOJIS)
}

/// One sentence.
pub fn sentence(random: &mut Random) -> String {
    random.one(&SENTENCES).to_owned()
}

/// Something in a sentence that is more than its words.
fn marked(random: &mut Random) -> String {
    let person = usize::try_from(random.below(server::PEOPLE.len() as u64)).unwrap_or(0);
    let words = random.one(&["important", "order number", "twice", "not yet", "two days"]);
    match random.below(20) {
        0..=3 => format!("**{words}**"),
        4 => format!("*{words}*"),
        5 => format!("__{words}__"),
        6 => format!("~~{words}~~"),
        7 => format!("||{words}||"),
        8 | 9 => format!("`{words}`"),
        10..=12 => format!("<@{}>", server::person_id(person)),
        13 => format!("<#{}>", server::channel_id(person % server::CHANNELS.len())),
        14 => format!("<@&{}>", server::role_id(1)),
        15 => {
            format!("https://help.example/articles/{}?from=ticket&step=2", random.between(1, 900))
        }
        16 => format!("[the guide](https://help.example/guide/{})", random.between(1, 90)),
        17 => format!(
            "<t:{}:{}>",
            1_773_482_400 + random.below(9_000_000),
            random.one(&["R", "f", "D", "t"])
        ),
        18 => {
            let at = person % server::EMOJIS.len();
            let (name, animated) = server::EMOJIS[at];
            format!("<{}:{name}:{}>", if animated { "a" } else { "" }, server::emoji_id(at))
        }
        _ => emoji(random).to_owned(),
    }
}

/// A text of several lines with headings, lists, quotes or code.
fn structured(random: &mut Random) -> String {
    match random.below(5) {
        0 => format!(
            "# Steps\n1. {}\n2. {}\n3. {}",
            sentence(random),
            sentence(random),
            sentence(random)
        ),
        1 => format!("- {}\n- {}\n  - {}", sentence(random), marked(random), sentence(random)),
        2 => format!("> {}\n{}", sentence(random), sentence(random)),
        3 => format!(
            "### {}\n{}\n-# {}",
            random.one(&["Answer", "What we know", "Next"]),
            sentence(random),
            sentence(random)
        ),
        _ => {
            let (language, code) = CODE[usize::try_from(random.below(4)).unwrap_or(0)];
            format!("{}\n```{language}\n{code}\n```", sentence(random))
        }
    }
}

/// What a message says.
pub fn text(random: &mut Random) -> String {
    match random.below(1000) {
        0..30 => emoji(random).repeat(usize::try_from(random.between(1, 4)).unwrap_or(1)),
        30..110 => structured(random),
        _ => {
            // Most are one sentence, few are long.
            let count = match random.below(100) {
                0..55 => 1,
                55..80 => 2,
                80..95 => 4,
                _ => 9,
            };
            let mut text = String::new();
            for at in 0..count {
                if at > 0 {
                    text.push(if random.often(150) { '\n' } else { ' ' });
                }
                text.push_str(&sentence(random));
                if random.often(280) {
                    text.push(' ');
                    text.push_str(&marked(random));
                }
            }
            text
        }
    }
}

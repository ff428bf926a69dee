//! One example per rule, and the bounds.

use super::{Block, Inline, Token, parse};

fn text(words: &str) -> Inline {
    Inline::Text(words.into())
}

fn one(source: &str) -> Vec<Inline> {
    match parse(source).as_slice() {
        [Block::Paragraph(run)] => run.clone(),
        other => panic!("{source:?} is {other:?}"),
    }
}

#[test]
fn marks() {
    assert_eq!(one("**a**"), [Inline::Bold(vec![text("a")])]);
    assert_eq!(one("*a*"), [Inline::Italic(vec![text("a")])]);
    assert_eq!(one("_a_"), [Inline::Italic(vec![text("a")])]);
    assert_eq!(one("__a__"), [Inline::Underline(vec![text("a")])]);
    assert_eq!(one("~~a~~"), [Inline::Strike(vec![text("a")])]);
    assert_eq!(one("||a||"), [Inline::Spoiler(vec![text("a")])]);
    assert_eq!(one("***a***"), [Inline::Italic(vec![Inline::Bold(vec![text("a")])])]);
    assert_eq!(
        one("**a *b* c**"),
        [Inline::Bold(vec![text("a "), Inline::Italic(vec![text("b")]), text(" c")])]
    );
    assert_eq!(one("__*a*__"), [Inline::Underline(vec![Inline::Italic(vec![text("a")])])]);
}

#[test]
fn marks_that_are_none() {
    for plain in [
        "2 * 3 * 4",
        "snake_case_name",
        "**a",
        "x * a*",
        "||a",
        "~~a",
        "`a",
        "a_b_",
        "[a](javascript:x)",
        "[a] (x)",
        "5 ** 6",
    ] {
        assert_eq!(one(plain), [text(plain)], "{plain}");
    }
}

#[test]
fn escapes() {
    assert_eq!(one("\\*a\\*"), [text("*a*")]);
    assert_eq!(one("\\a"), [text("\\a")]);
    // The escaped star is none of the closing pair, which leaves one for italics.
    assert_eq!(one("**a\\**"), [text("*"), Inline::Italic(vec![text("a*")])]);
    assert_eq!(one("¯\\_(ツ)_/¯"), [text("¯\\_(ツ)_/¯")]);
    assert_eq!(one("\\<@1>"), [text("<@1>")]);
}

#[test]
fn code() {
    assert_eq!(one("`**a**`"), [Inline::Code("**a**".into())]);
    assert_eq!(one("`` a`b ``"), [Inline::Code(" a`b ".into())]);
    assert_eq!(
        parse("```rust\nlet a = 1;\n```"),
        [Block::Code { language: "rust".into(), text: "let a = 1;".into() }]
    );
    assert_eq!(
        parse("```no language```"),
        [Block::Code { language: String::new(), text: "no language".into() }]
    );
    let around = parse("a ```b``` c");
    assert_eq!(around.len(), 3, "{around:?}");
    assert!(
        matches!(one("||```a```||").as_slice(), [Inline::Spoiler(inner)] if matches!(inner.as_slice(), [Inline::CodeBlock { .. }]))
    );
    assert_eq!(
        parse("```\n# a\n> b\n```"),
        [Block::Code { language: String::new(), text: "# a\n> b".into() }]
    );
}

#[test]
fn blocks() {
    assert_eq!(parse("# a"), [Block::Heading { level: 1, content: vec![text("a")] }]);
    assert_eq!(parse("### a\nb").len(), 2);
    assert_eq!(one("#### a"), [text("#### a")]);
    assert_eq!(one("#a"), [text("#a")]);
    assert_eq!(parse("-# a"), [Block::Subtext(vec![text("a")])]);
    assert_eq!(
        parse("> a\n> b\nc"),
        [
            Block::Quote(vec![Block::Paragraph(vec![text("a\nb")])]),
            Block::Paragraph(vec![text("c")])
        ]
    );
    assert_eq!(parse(">>> a\nb"), [Block::Quote(vec![Block::Paragraph(vec![text("a\nb")])])]);
    assert_eq!(one(">a"), [text(">a")]);
    assert_eq!(one("a > b"), [text("a > b")]);
    // No quotes within quotes.
    assert_eq!(parse("> > a"), [Block::Quote(vec![Block::Paragraph(vec![text("> a")])])]);
}

#[test]
fn lists() {
    let item = |words: &str| Block::Paragraph(vec![text(words)]);
    assert_eq!(
        parse("- a\n  - b\n- c"),
        [Block::List {
            start: None,
            items: vec![
                vec![item("a"), Block::List { start: None, items: vec![vec![item("b")]] }],
                vec![item("c")]
            ],
        }]
    );
    assert_eq!(
        parse("3. a\n4. b"),
        [Block::List { start: Some(3), items: vec![vec![item("a")], vec![item("b")]] }]
    );
    assert_eq!(
        parse("- a\n  b\nc"),
        [Block::List { start: None, items: vec![vec![item("a\nb")]] }, item("c")]
    );
    assert_eq!(parse("- a\n1. b").len(), 2);
}

#[test]
fn links() {
    assert!(
        matches!(one("[a **b**](https://x.example)").as_slice(), [Inline::Link { url, content, .. }] if url.as_str() == "https://x.example" && content.len() == 2)
    );
    assert!(
        matches!(one("[a](<https://x.example/(b)> \"t\")").as_slice(), [Inline::Link { url, title, .. }] if url.as_str() == "https://x.example/(b)" && title == "t")
    );
    assert!(matches!(one("<https://x.example>").as_slice(), [Inline::Url(_)]));
    assert!(
        matches!(one("(see https://x.example/a_(b)).").as_slice(), [Inline::Text(_), Inline::Url(url), Inline::Text(end)] if url.as_str() == "https://x.example/a_(b)" && end == ").")
    );
    assert!(
        matches!(one("<ann@mail.example>").as_slice(), [Inline::Link { url, content, .. }] if url.as_str() == "mailto:ann@mail.example" && content == &[text("ann@mail.example")])
    );
    for none in [
        "<ann@>",
        "<@mail.example>",
        "<a b@c.d>",
        "<+49123456>",
        "<tel:+49123>",
        "ann@mail.example",
    ] {
        assert_eq!(one(none), [text(none)], "{none}");
    }
    // A label that claims another address stays text; both addresses are shown, each as what it is.
    let urls = one("[https://bank.example](https://evil.example)");
    let urls = urls
        .iter()
        .filter_map(|i| if let Inline::Url(url) = i { Some(url.as_str()) } else { None });
    assert_eq!(urls.collect::<Vec<_>>(), ["https://bank.example", "https://evil.example"]);
    assert!(
        !one("[https://bank.example](https://evil.example)")
            .iter()
            .any(|i| matches!(i, Inline::Link { .. }))
    );
}

#[test]
fn tokens() {
    let token = |source: &str| match one(source).as_slice() {
        [Inline::Token { token, source: kept }] if kept == source => token.clone(),
        other => panic!("{source} is {other:?}"),
    };
    assert!(matches!(token("<@1>"), Token::User(_)));
    assert!(matches!(token("<@!1>"), Token::User(_)));
    assert!(matches!(token("<@&1>"), Token::Role(_)));
    assert!(matches!(token("<#1>"), Token::Channel(_)));
    assert!(matches!(token("@everyone"), Token::Everyone));
    assert!(matches!(token("@here"), Token::Here));
    assert!(matches!(token("</ticket open:12>"), Token::Command(name) if name == "ticket open"));
    assert!(matches!(token("</a b c:12>"), Token::Command(name) if name == "a b c"));
    for place in ["customize", "browse", "guide", "linked-roles", "linked-roles:7"] {
        assert!(matches!(token(&format!("<id:{place}>")), Token::Navigation(_)), "{place}");
    }
    assert!(matches!(token("<:a_1:2>"), Token::Emoji { animated: false, .. }));
    assert!(matches!(token("<a:b:2>"), Token::Emoji { animated: true, .. }));
    for style in ["", ":t", ":T", ":d", ":D", ":f", ":F", ":s", ":S", ":R"] {
        assert!(
            matches!(
                token(&format!("<t:1618953630{style}>")),
                Token::Time { ms: 1_618_953_630_000, .. }
            ),
            "{style}"
        );
    }
    for none in [
        "<@>",
        "<@a>",
        "<t:1:x>",
        "<t:>",
        "<id:else>",
        "<id:linked-roles:x>",
        "<script>",
        "<:a b:1>",
        "</:1>",
        "<t:1",
    ] {
        assert_eq!(one(none), [text(none)], "{none}");
    }
}

#[test]
fn jumbo() {
    for large in ["😀", "😀 😀", "<:a:1>", "👨‍👩‍👧‍👦", "🇩🇪", "❤️"]
    {
        assert!(super::is_jumbo(&parse(large)), "{large}");
    }
    for normal in ["a 😀", "", "1", &"😀".repeat(31)] {
        assert!(!super::is_jumbo(&parse(normal)), "{normal}");
    }
}

/// Nodes and the deepest nesting of a tree.
fn measure(blocks: &[Block], depth: usize) -> (usize, usize) {
    fn run(all: &[Inline], depth: usize) -> (usize, usize) {
        all.iter().fold((0, depth), |(nodes, deepest), inline| {
            let (more, inner) = match inline {
                Inline::Bold(c)
                | Inline::Italic(c)
                | Inline::Underline(c)
                | Inline::Strike(c)
                | Inline::Spoiler(c)
                | Inline::Link { content: c, .. } => run(c, depth + 1),
                _ => (0, depth),
            };
            (nodes + 1 + more, deepest.max(inner))
        })
    }
    blocks.iter().fold((0, depth), |(nodes, deepest), block| {
        let (more, inner) = match block {
            Block::Paragraph(c) | Block::Subtext(c) | Block::Heading { content: c, .. } => {
                run(c, depth + 1)
            }
            Block::Quote(c) => measure(c, depth + 1),
            Block::Code { .. } => (0, depth),
            Block::List { items, .. } => items.iter().fold((0, depth), |(n, d), item| {
                let (m, i) = measure(item, depth + 1);
                (n + m, d.max(i))
            }),
        };
        (nodes + 1 + more, deepest.max(inner))
    })
}

/// Pieces of which the worst inputs are made.
const WORST: [&str; 46] = [
    "*",
    "**",
    "_",
    "__",
    "***a",
    "~~",
    "||",
    "`",
    "``a",
    "[",
    "[a](",
    "](",
    "<",
    "<@",
    "> ",
    ">>> ",
    "- a\n",
    "```",
    "```a\n",
    "http://",
    "https://a)",
    "\\",
    "*a ",
    "_a*",
    "**_",
    "  - a\n",
    "1. a\n",
    "||```a",
    "<<",
    "[[a](",
    "*_~~",
    "a_",
    "\\```",
    "``` ```",
    "# a\n",
    "-# a\n",
    "> a\n\n",
    "||a",
    "[a](<",
    "<a@b",
    "(((",
    "h",
    "<t:1:",
    "[a](http://b \"",
    "@everyone",
    "999999999. a\n",
];

#[test]
fn hostile_input_is_bounded() {
    for piece in WORST {
        let source = piece.repeat(64_000 / piece.len());
        let (nodes, deepest) = measure(&parse(&source), 0);
        assert!(nodes <= source.len() + 1, "{piece:?}: {nodes} nodes");
        assert!(deepest <= 2 * usize::from(super::MAX_DEPTH) + 4, "{piece:?}: {deepest} deep");
    }
    let nested: Vec<String> = (0..100).map(|depth| format!("{}- a", "  ".repeat(depth))).collect();
    let nested = nested.join("\n");
    assert!(measure(&parse(&nested), 0).1 <= 40);
}

/// What the parser may look at for each byte of a text: one budget for searches, and every nested run once.
const STEPS_PER_BYTE: usize = 80;

fn steps(source: &str) -> usize {
    super::steps::of(|| drop(parse(source)))
}

#[test]
fn steps_are_linear_in_the_input() {
    // Every piece alone and every pair of them, in the length of the longest message.
    let pairs = WORST.iter().flat_map(|one| WORST.iter().map(move |other| format!("{one}{other}")));
    let mut worst = (0, String::new());
    for piece in WORST.iter().map(|one| (*one).to_owned()).chain(pairs) {
        let source = piece.repeat(4000 / piece.len() + 1);
        worst = worst.max((steps(&source) / source.len(), piece));
    }
    assert!(worst.0 <= STEPS_PER_BYTE, "{worst:?}");
    // Twice the text takes twice the steps, and not four times.
    for piece in WORST.iter().copied().chain([worst.1.as_str()]) {
        let of = |bytes: usize| steps(&piece.repeat(bytes / piece.len()));
        let (once, twice) = (of(32_000), of(64_000));
        assert!(twice <= once * 5 / 2 + 4096, "{piece:?}: {once} and {twice}");
    }
}

proptest::proptest! {
    #[test]
    fn steps_are_linear_in_any_input(
        pieces in proptest::collection::vec(proptest::sample::select(&WORST[..]), 0..400),
    ) {
        let source = pieces.concat();
        proptest::prop_assert!(steps(&source) <= (source.len() + 64) * STEPS_PER_BYTE);
    }
}

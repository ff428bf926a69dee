use super::{Kind, paints, tokens};
use proptest::prelude::*;

fn kinds<'a>(language: &str, code: &'a str) -> Vec<(Kind, &'a str)> {
    let mut all = tokens(language, code).unwrap_or_default();
    all.retain(|(kind, _)| *kind != Kind::Plain);
    all
}

#[test]
fn code_is_cut_by_its_language() {
    assert_eq!(
        kinds("rust", "fn main<'a>() { let x: Vec<u8> = \"a\\\"b\"; /* c */ 0x1f } // end"),
        [
            (Kind::Keyword, "fn"),
            (Kind::Keyword, "let"),
            (Kind::Type, "Vec"),
            (Kind::Keyword, "u8"),
            (Kind::Text, "\"a\\\"b\""),
            (Kind::Comment, "/* c */"),
            (Kind::Number, "0x1f"),
            (Kind::Comment, "// end")
        ]
    );
    assert_eq!(
        kinds("json", "{\"a\": [1, true, \"b\"]}"),
        [
            (Kind::Name, "\"a\""),
            (Kind::Number, "1"),
            (Kind::Constant, "true"),
            (Kind::Text, "\"b\"")
        ]
    );
    assert_eq!(
        kinds("py", "@dec\ndef f(self): # no\n  '''a\nb'''"),
        [
            (Kind::Name, "@dec"),
            (Kind::Keyword, "def"),
            (Kind::Function, "f"),
            (Kind::Constant, "self"),
            (Kind::Comment, "# no"),
            (Kind::Text, "'''a\nb'''")
        ]
    );
    assert_eq!(kinds("SQL", "SELECT 1 -- x").len(), 3);
    assert_eq!(kinds("bash", "echo \"$HOME\" $PATH").last(), Some(&(Kind::Name, "$PATH")));
    assert_eq!(kinds("c", "#include <a>\nint x;")[0], (Kind::Meta, "#include <a>"));
    assert!(tokens("no-such-language", "x").is_none());
}

#[test]
fn lines_decide_in_changes_and_settings() {
    assert_eq!(
        kinds("diff", "@@ -1 +1 @@\n-old\n+new\n same"),
        [(Kind::Meta, "@@ -1 +1 @@"), (Kind::Removed, "-old"), (Kind::Added, "+new")]
    );
    assert_eq!(
        kinds("ini", "[a]\nb = 1\n; c"),
        [(Kind::Meta, "[a]"), (Kind::Name, "b"), (Kind::Number, "1"), (Kind::Comment, "; c")]
    );
    assert_eq!(
        kinds("yaml", "- a: yes # b\n  c: \"d: e\""),
        [
            (Kind::Name, "a"),
            (Kind::Constant, "yes"),
            (Kind::Comment, "# b"),
            (Kind::Name, "c"),
            (Kind::Text, "\"d: e\"")
        ]
    );
    assert_eq!(
        kinds("html", "<a href=\"x\">&amp;</a><!-- c -->"),
        [
            (Kind::Keyword, "<a"),
            (Kind::Name, "href"),
            (Kind::Text, "\"x\""),
            (Kind::Keyword, ">"),
            (Kind::Constant, "&amp;"),
            (Kind::Keyword, "</a"),
            (Kind::Keyword, ">"),
            (Kind::Comment, "<!-- c -->")
        ]
    );
}

#[test]
fn terminals_colours_are_read() {
    let all = paints("a\u{1b}[1;31mred\u{1b}[4m line\u{1b}[0m plain\u{1b}[2J");
    assert_eq!(all.iter().map(|(_, text)| *text).collect::<String>(), "ared line plain");
    assert!(all[1].0.bold && all[1].0.letters == Some(1) && !all[1].0.underline);
    assert!(all[2].0.underline && all[3].0 == super::Paint::default());
}

const NAMES: [&str; 24] = [
    "rust", "js", "json", "py", "c", "cs", "java", "kt", "swift", "go", "php", "dart", "css", "rb",
    "sh", "ps1", "sql", "lua", "hs", "lisp", "tex", "diff", "ini", "yaml",
];

proptest! {
    #[test]
    fn no_byte_is_lost(
        name in proptest::sample::select(&NAMES[..]),
        code in "([a-zA-Z0-9_ \n\t]|[\"'`#/*\\\\<>&;:@$%={}\\[\\]+-]|ü|😀){0,200}",
    ) {
        let all = tokens(name, &code).unwrap();
        prop_assert_eq!(all.iter().map(|(_, text)| *text).collect::<String>(), code.clone());
        let all = tokens("html", &code).unwrap();
        prop_assert_eq!(all.iter().map(|(_, text)| *text).collect::<String>(), code);
    }
}

//! Text for the two places where the renderer writes it into the page as it is.

/// Escapes text for an element whose content browsers read as text with character references
/// (`title`, `textarea`): `leptos_meta` and `tachys` write those without escaping.
/// Source: HTML Living Standard, 13.1.2, "escapable raw text elements".
pub fn raw_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::raw_text;

    #[test]
    fn text_cannot_end_its_element_and_keeps_its_references() {
        assert_eq!(raw_text("</title><b> &lt;"), "&lt;/title&gt;&lt;b&gt; &amp;lt;");
    }
}

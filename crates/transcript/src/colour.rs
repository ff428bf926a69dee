//! Colours of roles, embeds and containers.
//!
//! The pages' policy allows no inline styles, so a colour is a class (`c-5865f2`), and the page emits one
//! `<style>` with the rules of the classes that occur.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A colour, 0xRRGGBB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Colour(u32);

impl Colour {
    /// By number; bits above 24 are dropped. Zero is Discord's "no colour".
    pub const fn new(rgb: u32) -> Option<Self> {
        match rgb & 0x00ff_ffff {
            0 => None,
            rgb => Some(Self(rgb)),
        }
    }

    /// As Discord writes it in texts: six digits, perhaps after `#`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        let fits = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| u32::from_str_radix(digits, 16).ok()).flatten().and_then(Self::new)
    }

    /// The number, 0xRRGGBB.
    pub const fn rgb(self) -> u32 {
        self.0
    }

    /// Writes it as six digits, without the machinery of formats: most names have a colour.
    pub(crate) fn write_hex(self, out: &mut String) {
        for shift in [20, 16, 12, 8, 4, 0] {
            out.push(char::from(b"0123456789abcdef"[(self.0 >> shift & 0xf) as usize]));
        }
    }
}

/// The colours that occur in a rendered piece.
pub type ColourSet = BTreeSet<Colour>;

/// Backgrounds that text in a colour must be readable on: the lightest and the darkest surface it can stand on.
const LIGHT: u32 = 0x00ee_f0f3;
const DARK: u32 = 0x0033_353c;

/// The contrast that WCAG 2.2 (1.4.3) asks of text is 4.5; a mention stands on a tenth of its own colour besides.
const CONTRAST: f64 = 5.3;

/// Style rules for the classes of these colours and nothing else: `.c-rrggbb{color:#rrggbb}`, shifted towards black
/// in the light theme and towards white in the dark one until text is readable.
pub fn colours_css(colours: &ColourSet) -> String {
    let mut css = String::new();
    let mut chosen = String::new();
    let mut system = String::new();
    for colour in colours {
        let name = colour.0;
        let on_dark = readable(name, DARK);
        // Writing to a `String` cannot fail.
        let _ = write!(css, ".c-{name:06x}{{color:#{:06x}}}", readable(name, LIGHT));
        let _ = write!(chosen, "[data-theme=dark] .c-{name:06x}{{color:#{on_dark:06x}}}");
        let _ =
            write!(system, ":root:not([data-theme=light]) .c-{name:06x}{{color:#{on_dark:06x}}}");
    }
    if !colours.is_empty() {
        // Paper is white.
        let _ = write!(
            css,
            "@media screen{{{chosen}}}@media screen and (prefers-color-scheme:dark){{{system}}}"
        );
    }
    css
}

/// The nearest mixture with black or white that is readable on a background.
fn readable(rgb: u32, background: u32) -> u32 {
    let towards = if luminance(background) > 0.5 { 0.0 } else { 255.0 };
    (0..=20)
        .map(|step| mix(rgb, towards, f64::from(step) / 20.0))
        .find(|mixed| contrast(*mixed, background) >= CONTRAST)
        .unwrap_or(if towards > 0.0 { 0x00ff_ffff } else { 0 })
}

fn channels(rgb: u32) -> [f64; 3] {
    [rgb >> 16, rgb >> 8, rgb].map(|part| f64::from(part & 0xff))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, and within 0 to 255"
)]
fn mix(rgb: u32, towards: f64, share: f64) -> u32 {
    channels(rgb).into_iter().fold(0, |mixed, part| {
        mixed << 8 | (part + (towards - part) * share).round().clamp(0.0, 255.0) as u32
    })
}

/// Relative luminance. Source: WCAG 2.2, definition.
fn luminance(rgb: u32) -> f64 {
    let [red, green, blue] = channels(rgb).map(|part| {
        let part = part / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_is_readable_in_both_themes() {
        for rgb in (0..0x0100_0000).step_by(9973).chain([1, 0x00ff_ffff, 0x0058_65f2, 0x00ff_ff00])
        {
            assert!(contrast(readable(rgb, LIGHT), LIGHT) >= 4.5, "{rgb:06x}");
            assert!(contrast(readable(rgb, DARK), DARK) >= 4.5, "{rgb:06x}");
        }
    }

    #[test]
    fn digits_are_as_formats_write_them() {
        for rgb in (1..0x0100_0000).step_by(65_521).chain([1, 0x00ff_ffff]) {
            let mut digits = String::new();
            Colour::new(rgb).unwrap().write_hex(&mut digits);
            assert_eq!(digits, format!("{rgb:06x}"));
        }
    }

    #[test]
    fn the_sheet_holds_colour_rules_only() {
        let set: ColourSet =
            [0x00ff_0000, 0x0058_65f2].into_iter().filter_map(Colour::new).collect();
        let css = colours_css(&set);
        assert!(css.starts_with(".c-5865f2{color:#"), "{css}");
        assert!(css.chars().all(|c| c.is_ascii() && c != '<' && c != '&'), "{css}");
        assert_eq!(colours_css(&ColourSet::new()), "");
        assert_eq!(Colour::new(0xff00_0000), None);
    }
}

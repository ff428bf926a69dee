//! Lottie animations of made-up stickers. Source: the Lottie specification, "Animation", "Shape Layer".

use serde_json::{Value, json};

/// A filled circle that goes up and down for two seconds, in a colour of its own for each seed.
pub fn animate(seed: &str) -> Value {
    let hue = seed.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let part = |shift: u32| f64::from((hue >> shift) & 0x7f) / 255.0 + 0.25;
    let still = |value: Value| json!({"a": 0, "k": value});
    let at = |time: u32, y: u32| json!({"t": time, "s": [160, y, 0], "i": {"x": 0.5, "y": 1}, "o": {"x": 0.5, "y": 0}});
    json!({
        "v": "5.5.7", "fr": 30, "ip": 0, "op": 60, "w": 320, "h": 320, "nm": seed, "ddd": 0, "assets": [],
        "layers": [{
            "ddd": 0, "ind": 1, "ty": 4, "nm": "ball", "sr": 1, "ip": 0, "op": 60, "st": 0, "bm": 0,
            "ks": {
                "o": still(json!(100)), "r": still(json!(0)), "a": still(json!([0, 0, 0])), "s": still(json!([100, 100, 100])),
                "p": {"a": 1, "k": [at(0, 90), at(30, 230), at(60, 90)]},
            },
            "shapes": [{
                "ty": "gr", "nm": "group",
                "it": [
                    {"ty": "el", "nm": "circle", "d": 1, "p": still(json!([0, 0])), "s": still(json!([140, 140]))},
                    {"ty": "fl", "nm": "fill", "r": 1, "o": still(json!(100)), "c": still(json!([part(0), part(7), part(14), 1]))},
                    {"ty": "tr", "p": still(json!([0, 0])), "a": still(json!([0, 0])), "s": still(json!([100, 100])),
                     "r": still(json!(0)), "o": still(json!(100)), "sk": still(json!(0)), "sa": still(json!(0))},
                ],
            }],
        }],
    })
}

//! The program dies where a test says, as in a power cut: nothing is flushed, nothing is given back.
//!
//! `FAILPOINTS='create_channel.after_call=panic'` in the environment names the place, in the form of the
//! crate `fail`; `wardesk_core::failpoints` lists them.

/// Arms the places that the environment names, while the value lives.
pub fn arm() -> fail::FailScenario<'static> {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        usual(panic);
        // A panic alone would end one task and leave the rest of the program alive.
        if panic.payload_as_str().is_some_and(|text| text.starts_with("failpoint ")) {
            std::process::abort();
        }
    }));
    fail::FailScenario::setup()
}

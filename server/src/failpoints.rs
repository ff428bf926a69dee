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
        if let Some(text) = panic.payload_as_str().filter(|text| text.starts_with("failpoint ")) {
            // The log never says what a panic said.
            eprintln!("{text}");
            std::process::abort();
        }
    }));
    fail::FailScenario::setup()
}

//! A world that is too much for an eye: two hundred things, and thousands of messages on their way at any moment.

use std::fmt::Write as _;

/// Producers, queues and consumers; and exchanges.
const EACH: u32 = 60;
const EXCHANGES: u32 = 20;

/// As a scenario, in TOML: 3,000 messages a second, each for about two seconds on the stage.
#[must_use]
pub fn crowd() -> String {
    let mut toml = String::from(
        "until = \"120s\"\n[title]\nen = \"A crowd\"\nru = \"Толпа\"\n\
         [summary]\nen = \"Two hundred things, thousands of messages.\"\n\
         ru = \"Двести участников, тысячи сообщений.\"\n[network]\nlatency = \"800ms\"\n",
    );
    for n in 0..EXCHANGES {
        let _ = write!(toml, "[[exchange]]\nname = \"ex-{n}\"\ntype = \"direct\"\n");
    }
    for n in 0..EACH {
        let exchange = n % EXCHANGES;
        let _ = write!(
            toml,
            "[[queue]]\nname = \"q-{n}\"\n\
             [[binding]]\nexchange = \"ex-{exchange}\"\nqueue = \"q-{n}\"\nrouting_key = \"k{n}\"\n\
             [[producer]]\nname = \"p-{n}\"\nexchange = \"ex-{exchange}\"\nrouting_key = \"k{n}\"\n\
             count = 6000\ninterval = \"20ms\"\n\
             [[consumer]]\nname = \"c-{n}\"\nqueue = \"q-{n}\"\nack = \"after-work\"\nwork = \"5ms\"\n\
             prefetch = 500\n"
        );
    }
    toml
}

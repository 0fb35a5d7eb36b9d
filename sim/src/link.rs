//! Links that carry a topology, its seed, what was done, and a moment: compressed, behind the `#`, which browsers send
//! to nobody.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};
use warren_core::Instant;

use crate::Scenario;

/// A moment of a scenario in the world of a seed: what a link to the page carries.
#[derive(Clone, PartialEq, Debug)]
pub struct Moment {
    /// With all that was done to it.
    pub scenario: Scenario,
    /// What all that is random comes from.
    pub seed: u64,
    /// What the clock shows.
    pub at: Instant,
}

/// What a link begins with: the first version of its format.
const PREFIX: &str = "w1=";
/// As large as a file that the page opens, in bytes: what it keeps of one it must be able to open again.
const LARGEST: usize = 8 << 20;
const STRONGEST: u8 = 10;

impl Moment {
    /// Why a link cannot be opened of which a part is missing or changed.
    pub const DAMAGED: &str = "the link is damaged: perhaps its end is missing";

    /// What stands behind the `#`.
    #[must_use]
    pub fn to_fragment(&self) -> String {
        let text = format!("{} {}\n{}", self.seed, self.at.as_micros(), self.scenario.to_toml());
        let packed = compress_to_vec(text.as_bytes(), STRONGEST);
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(packed))
    }

    /// What stands behind the `#`, with it or without; `None` if it is no such link.
    ///
    /// # Errors
    /// Why it cannot be opened.
    #[must_use]
    pub fn from_fragment(fragment: &str) -> Option<Result<Moment, String>> {
        let packed = fragment.trim_start_matches('#').strip_prefix(PREFIX)?;
        Some(unpack(packed))
    }
}

fn unpack(packed: &str) -> Result<Moment, String> {
    let damaged = || Moment::DAMAGED.to_owned();
    let packed = BASE64_URL_SAFE_NO_PAD.decode(packed).map_err(|_| damaged())?;
    let text = decompress_to_vec_with_limit(&packed, LARGEST).map_err(|_| damaged())?;
    let text = String::from_utf8(text).map_err(|_| damaged())?;
    let (head, toml) = text.split_once('\n').ok_or_else(damaged)?;
    let (seed, at) = head.split_once(' ').ok_or_else(damaged)?;
    let seed = seed.parse().map_err(|_| damaged())?;
    let at = Instant::from_micros(at.parse().map_err(|_| damaged())?);
    let scenario = Scenario::parse("link", toml).map_err(|error| error.to_string())?;
    Ok(Moment { scenario, seed, at })
}

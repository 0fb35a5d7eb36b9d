//! Links that carry a topology, its seed, what was done, and a moment: compressed, behind the `#`, which browsers send
//! to nobody.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};
use warren_sim::{Scenario, warren_core::Instant};

/// What a link carries.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Saved {
    pub(crate) scenario: Scenario,
    pub(crate) seed: u64,
    pub(crate) at: Instant,
}

/// What a link begins with: the first version of its format.
const PREFIX: &str = "w1=";
/// No topology that a person would send is larger, in bytes.
const LARGEST: usize = 1 << 20;
const STRONGEST: u8 = 10;

/// What stands behind the `#`.
pub(crate) fn encode(saved: &Saved) -> String {
    let text = format!("{} {}\n{}", saved.seed, saved.at.as_micros(), saved.scenario.to_toml());
    let packed = compress_to_vec(text.as_bytes(), STRONGEST);
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(packed))
}

/// What it carries; `None` if it is no such link.
///
/// # Errors
/// Why it cannot be opened.
pub(crate) fn decode(fragment: &str) -> Option<Result<Saved, String>> {
    let packed = fragment.trim_start_matches('#').strip_prefix(PREFIX)?;
    Some(unpack(packed))
}

fn unpack(packed: &str) -> Result<Saved, String> {
    let damaged = || "the link is damaged: perhaps its end is missing".to_owned();
    let packed = BASE64_URL_SAFE_NO_PAD.decode(packed).map_err(|_| damaged())?;
    let text = decompress_to_vec_with_limit(&packed, LARGEST).map_err(|_| damaged())?;
    let text = String::from_utf8(text).map_err(|_| damaged())?;
    let (head, toml) = text.split_once('\n').ok_or_else(damaged)?;
    let (seed, at) = head.split_once(' ').ok_or_else(damaged)?;
    let seed = seed.parse().map_err(|_| damaged())?;
    let at = Instant::from_micros(at.parse().map_err(|_| damaged())?);
    let scenario = Scenario::parse("link", toml).map_err(|error| error.to_string())?;
    Ok(Saved { scenario, seed, at })
}

#[cfg(test)]
mod tests {
    use warren_sim::{Scenario, lessons, warren_core::Instant};

    use super::{Saved, decode, encode};

    fn saved(lesson: &lessons::Lesson) -> Saved {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        Saved { scenario, seed: 7, at: Instant::from_micros(4_200_001) }
    }

    #[test]
    fn every_lesson_fits_into_a_link_and_comes_out_again() {
        for lesson in lessons::all() {
            let saved = saved(lesson);
            let link = encode(&saved);
            assert!(link.len() < 4_000, "{}: {}", lesson.id, link.len());
            assert_eq!(decode(&format!("#{link}")), Some(Ok(saved)), "{}", lesson.id);
        }
    }

    #[test]
    fn a_damaged_link_is_refused_and_something_else_is_no_link() {
        let link = encode(&saved(&lessons::all()[0]));
        for cut in 4..link.len() - 1 {
            let opened = decode(&link[..cut]).expect("it says that it is one");
            assert!(opened.is_err(), "cut at {cut}");
        }
        for other in ["", "#", "#lesson", "w2=abc"] {
            assert_eq!(decode(other), None, "{other}");
        }
        let mut bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 5 << 20], 10);
        bomb.truncate(bomb.len());
        let bomb = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, bomb);
        assert!(decode(&format!("w1={bomb}")).expect("it says so").is_err());
    }
}

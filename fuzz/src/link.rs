//! Bytes as a link to a moment: as it stands behind the `#`, or as what is packed in it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use miniz_oxide::deflate::compress_to_vec;
use warren_sim::Moment;

use super::{scenario, text};

/// The first byte's lowest bit says whether the rest is packed first.
pub fn run(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let fragment = if first & 1 == 1 {
        format!("#w1={}", BASE64_URL_SAFE_NO_PAD.encode(compress_to_vec(bytes, 1)))
    } else {
        let Some(text) = text(bytes) else { return };
        text.to_owned()
    };
    if let Some(Ok(moment)) = Moment::from_fragment(&fragment) {
        let again = Moment::from_fragment(&moment.to_fragment());
        let Some(Ok(again)) = again else { panic!("what was written is refused: {again:?}") };
        assert_eq!((again.seed, again.at), (moment.seed, moment.at));
        scenario::check(&moment.scenario);
    }
}

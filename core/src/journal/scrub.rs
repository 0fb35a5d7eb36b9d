//! Journals of earlier versions hold passwords in clear text. This takes them out without moving anything.

use std::ops::Range;

use super::{
    change::{Change, OPERATOR},
    codec::Decoder,
    operator::SET_USER_IN_CLEAR,
    record::{Framed, KIND_CHANGE, KIND_SNAPSHOT, PREFIX_BYTES, frame, seal},
    segment::Header,
};

/// The same segment with bytes of 0 in the place of every password in clear text, and without what stands behind its last
/// whole record; `None` if it holds no such password. All records stay where they are.
#[must_use]
pub fn without_passwords(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut at = usize::try_from(Header::decode(bytes).ok()?.bytes()).ok()?;
    let mut scrubbed = bytes.to_vec();
    let mut found = false;
    while let Framed::Whole(content) = frame(bytes.get(at..)?) {
        let end = at + PREFIX_BYTES + content.len();
        let passwords = passwords(content);
        let record = scrubbed.get_mut(at..end)?;
        for password in &passwords {
            record.get_mut(PREFIX_BYTES..)?.get_mut(password.clone())?.fill(0);
        }
        if !passwords.is_empty() {
            found = true;
            seal(record);
        }
        at = end;
    }
    scrubbed.truncate(at);
    found.then_some(scrubbed)
}

/// Where in a record's content passwords stand in clear text.
pub(super) fn passwords(content: &[u8]) -> Vec<Range<usize>> {
    let mut from = Decoder(content);
    let changes = match from.octet() {
        Some(KIND_CHANGE) => 1,
        Some(KIND_SNAPSHOT) => from.number().unwrap_or_default(),
        _ => 0,
    };
    let mut found = Vec::new();
    for _ in 0..changes {
        if let Some((password, behind)) = clear_password(from)
            && password.iter().any(|&byte| byte != 0)
        {
            let end = content.len() - behind;
            found.push(end - password.len()..end);
        }
        if Change::decode(&mut from).is_none() {
            break;
        }
    }
    found
}

/// The password in clear text of the change that begins here, and how many bytes stand behind it.
fn clear_password(mut from: Decoder<'_>) -> Option<(&[u8], usize)> {
    let is_clear = from.octet() == Some(OPERATOR) && from.octet() == Some(SET_USER_IN_CLEAR);
    from.bytes().filter(|_| is_clear)?;
    let password = from.bytes()?;
    Some((password, from.0.len()))
}

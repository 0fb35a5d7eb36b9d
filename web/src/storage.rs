//! What the page remembers in the browser from one visit to the next, as JSON. A visitor may forbid it, and there is only
//! so much room: then nothing is remembered.

use serde::{Serialize, de::DeserializeOwned};
use web_sys::Storage;

/// What stands under a key, if it is there and is what it should be.
pub(crate) fn read<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_str(&storage()?.get_item(key).ok()??).ok()
}

/// Puts a value under a key. Whether it will be there at the next visit.
pub(crate) fn write<T: Serialize + ?Sized>(key: &str, value: &T) -> bool {
    let written = || storage()?.set_item(key, &serde_json::to_string(value).ok()?).ok();
    written().is_some()
}

pub(crate) fn remove(key: &str) {
    if let Some(storage) = storage() {
        // What cannot be removed is found again at the next visit, which loses nothing.
        let _ = storage.remove_item(key);
    }
}

/// The keys that begin so, in no order.
pub(crate) fn keys(prefix: &str) -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten());
    keys.filter(|key| key.starts_with(prefix)).collect()
}

fn storage() -> Option<Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}

//! A film as pictures: where the browser has no recorder, the stage is saved several times a second.

use std::{cell::RefCell, io::Write as _, rc::Rc};

use gloo::timers::callback::Interval;
use js_sys::{ArrayBuffer, Uint8Array};
use rawzip::{CompressionMethod, Crc32Option, ZipArchiveWriter};
use warren_core::checksum;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlCanvasElement};

use crate::files::{
    download::offer,
    ground::{copy_of, paint_on},
};

/// From one picture to the next, in ms: ten a second.
const EVERY_MS: u32 = 100;
/// More pictures than this nobody wants to handle: two minutes.
const MOST: usize = 1_200;

/// Pictures that are being taken. When they are dropped, nothing is saved.
pub(crate) struct Pictures {
    taken: Taken,
    _next: Interval,
}

/// The pictures in their order; `None` until the browser has coded one.
type Taken = Rc<RefCell<Vec<Option<Blob>>>>;

impl Pictures {
    pub(super) fn of(stage: &HtmlCanvasElement) -> Option<Pictures> {
        let (stage, copy) = (stage.clone(), copy_of(stage)?);
        let taken = Taken::default();
        let all = taken.clone();
        let next = Interval::new(EVERY_MS, move || {
            if all.borrow().len() < MOST && paint_on(&copy, &stage).is_some() {
                take(&copy, &all);
            }
        });
        Some(Pictures { taken, _next: next })
    }

    pub(super) fn save(self) {
        let pictures: Vec<Blob> = self.taken.borrow_mut().drain(..).flatten().collect();
        spawn_local(async move {
            let mut contents = Vec::new();
            for picture in &pictures {
                // One that the browser cannot read any more leaves a gap of a tenth of a second.
                if let Ok(buffer) = JsFuture::from(picture.array_buffer()).await
                    && let Ok(buffer) = buffer.dyn_into::<ArrayBuffer>()
                {
                    contents.push(Uint8Array::new(&buffer).to_vec());
                }
            }
            if let Ok(archive) = packed(&contents)
                && let Ok(blob) = blob_of(&archive)
            {
                offer("warren.zip", &blob);
            }
        });
    }
}

/// Has the browser code what is on the canvas, in its place among the others.
fn take(copy: &HtmlCanvasElement, taken: &Taken) {
    let place = taken.borrow().len();
    taken.borrow_mut().push(None);
    let taken = taken.clone();
    let coded = Closure::once_into_js(move |picture: Option<Blob>| {
        if let Some(seat) = taken.borrow_mut().get_mut(place) {
            *seat = picture;
        }
    });
    // A canvas that gives no picture leaves its place empty.
    let _ = copy.to_blob(coded.unchecked_ref());
}

/// All of them in one archive, as they are: PNG is compressed already.
fn packed(pictures: &[Vec<u8>]) -> Result<Vec<u8>, rawzip::Error> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for (number, picture) in (1..).zip(pictures) {
        let name = format!("warren-{number:04}.png");
        // The archive's own sum brings tables of 16 KB with it.
        let sum = Crc32Option::Custom(checksum::of(picture));
        let file = archive.new_file(&name).compression_method(CompressionMethod::STORE);
        let (mut entry, config) = file.crc32(sum).start()?;
        let mut content = config.wrap(&mut entry);
        content.write_all(picture)?;
        let (_, sums) = content.finish()?;
        entry.finish(sums)?;
    }
    archive.finish()
}

fn blob_of(archive: &[u8]) -> Result<Blob, JsValue> {
    let parts = js_sys::Array::of1(&Uint8Array::from(archive));
    let properties = web_sys::BlobPropertyBag::new();
    properties.set_type("application/zip");
    Blob::new_with_u8_array_sequence_and_options(&parts, &properties)
}

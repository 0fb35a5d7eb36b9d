//! Counts what a test asks of the allocator, so that a test can say what a decoder costs.
#![expect(unsafe_code, reason = "an allocator is an unsafe trait; this one only counts and passes on")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// Bytes asked for on this thread so far; other tests run on others.
    static ASKED_FOR: Cell<usize> = const { Cell::new(0) };
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(at, layout, size) }
    }
}

fn count(bytes: usize) {
    ASKED_FOR.set(ASKED_FOR.get() + bytes);
}

/// How many bytes `work` asks for in all, whether it gives them back or not.
pub(crate) fn allocated_by<T>(work: impl FnOnce() -> T) -> usize {
    let before = ASKED_FOR.get();
    drop(work());
    ASKED_FOR.get() - before
}

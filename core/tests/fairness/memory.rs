//! What an input does with memory. A piece that grows is copied to another place, and what goes with a map goes piece by piece:
//! however long that takes, it is no operation that the broker counts.
#![expect(unsafe_code, reason = "an allocator is an unsafe trait; this one only looks on and passes on")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// What was asked of the allocator.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Memory {
    /// The largest piece, in bytes.
    pub(crate) largest: usize,
    /// How often a piece was taken or given back.
    pub(crate) calls: u64,
}

impl Memory {
    /// The larger one of each.
    pub(crate) fn max(self, other: Memory) -> Memory {
        Memory { largest: self.largest.max(other.largest), calls: self.calls.max(other.calls) }
    }
}

struct Watching;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

thread_local! {
    /// On this thread; other tests run on others.
    static SEEN: Cell<Memory> = const { Cell::new(Memory { largest: 0, calls: 0 }) };
}

fn saw(bytes: usize) {
    let seen = SEEN.get();
    SEEN.set(Memory { largest: seen.largest.max(bytes), calls: seen.calls + 1 });
}

unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        saw(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        saw(0);
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        saw(size);
        unsafe { System.realloc(at, layout, size) }
    }
}

/// What `work` asks of the allocator.
pub(crate) fn watch(work: impl FnOnce()) -> Memory {
    SEEN.set(Memory::default());
    work();
    SEEN.get()
}

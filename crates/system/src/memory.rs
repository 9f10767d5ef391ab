//! How much memory the process has in use, and the last resort when a script takes too much of it.
//!
//! A limit is looked at between two operations of a script. One operation that asks for more than there is would end
//! the process with an abort, in the middle of everything. So the thread that runs a script is given a ceiling: past it
//! the thread stops for good, and [`exhausted`] tells the others to end the process in good order.

#![allow(unsafe_code)] // an allocator can't be written without; it only counts, and asks the system's

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;
use std::time::Duration;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static EXHAUSTED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static CEILING: Cell<usize> = const { Cell::new(usize::MAX) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Stops the thread when it asks for more than its ceiling.
fn consider(more: usize) {
    let ceiling = CEILING.try_with(Cell::get).unwrap_or(usize::MAX);
    if IN_USE.load(Relaxed).saturating_add(more) <= ceiling {
        return;
    }
    EXHAUSTED.store(true, Relaxed);
    // An allocation can't fail in good order, but it need not return.
    loop {
        thread::sleep(Duration::from_secs(3_600));
    }
}

// SAFETY: every call goes to the system's allocator as it is; the counters do not touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        consider(layout.size());
        IN_USE.fetch_add(layout.size(), Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        consider(layout.size());
        IN_USE.fetch_add(layout.size(), Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        consider(size.saturating_sub(layout.size()));
        IN_USE.fetch_add(size, Relaxed);
        IN_USE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The bytes that the process has in use.
pub fn in_use() -> usize {
    IN_USE.load(Relaxed)
}

/// Whether a thread was stopped at its ceiling: the process should end.
pub fn exhausted() -> bool {
    EXHAUSTED.load(Relaxed)
}

/// A ceiling for this thread, until it is dropped.
#[derive(Debug)]
pub struct Ceiling(());

impl Ceiling {
    /// Lets this thread take the process up to so many bytes more than it has in use now.
    pub fn above_now(bytes: usize) -> Self {
        CEILING.set(in_use().saturating_add(bytes));
        Self(())
    }
}

impl Drop for Ceiling {
    fn drop(&mut self) {
        CEILING.set(usize::MAX);
    }
}

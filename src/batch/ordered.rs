//! A parallel map that keeps the order, in bounded memory.
//!
//! In: items, work for each, a sink. Out: the sink sees the results in the order of the items, whatever the number of threads. A
//! thread takes the next item only while it is less than a window ahead of the sink, in number and in bytes, so one slow item
//! holds the others up rather than filling the memory.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Items that may be done or in work before the sink has taken the first of them, for each thread.
const WINDOW: usize = 4;

struct Shared<I, O> {
    items: I,
    taken: usize,
    given: usize,
    /// Weight of what was taken and not yet given.
    held: usize,
    ended: bool,
    /// Whether a thread has panicked.
    fallen: bool,
    ready: BTreeMap<usize, (usize, O)>,
}

struct Board<I, O> {
    shared: Mutex<Shared<I, O>>,
    changed: Condvar,
}

impl<I, O> Board<I, O> {
    fn lock(&self) -> MutexGuard<'_, Shared<I, O>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, condition: impl FnMut(&mut Shared<I, O>) -> bool) -> MutexGuard<'_, Shared<I, O>> {
        self.changed.wait_while(self.lock(), condition).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops the threads when the sink is through, has failed or panics.
struct Stop<'b, I, O>(&'b Board<I, O>);

impl<I, O> Drop for Stop<'_, I, O> {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.changed.notify_all();
    }
}

/// Ends the run when the thread that holds it panics: nobody would wait for its result in vain.
struct Fall<'b, I, O>(&'b Board<I, O>);

impl<I, O> Drop for Fall<'_, I, O> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut shared = self.0.lock();
            shared.ended = true;
            shared.fallen = true;
            drop(shared);
            self.0.changed.notify_all();
        }
    }
}

/// Does `work` on all items on `jobs` threads and hands the results to `sink`, in order, until it fails.
///
/// # Errors
/// The error of the sink; no further item is begun.
///
/// # Panics
/// If `items`, `work` or `sink` panics; no further item is begun.
pub fn ordered<T, O: Send, E>(
    jobs: NonZeroUsize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> O + Sync,
    sink: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E> {
    weighed(jobs, usize::MAX, &|_| 0, items, work, sink)
}

/// As [`ordered`], with items of different weight: no item is taken while those in hand weigh more than `most`.
///
/// # Errors
/// As [`ordered`].
///
/// # Panics
/// As [`ordered`].
pub fn weighed<T, O: Send, E>(
    jobs: NonZeroUsize,
    most: usize,
    weight: &(dyn Fn(&T) -> usize + Sync),
    mut items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> O + Sync,
    mut sink: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E> {
    if jobs.get() == 1 {
        return items.try_for_each(|item| sink(work(item)));
    }
    let window = jobs.get() * WINDOW;
    let shared = Shared { items, taken: 0, given: 0, held: 0, ended: false, fallen: false, ready: BTreeMap::new() };
    let board = Board { shared: Mutex::new(shared), changed: Condvar::new() };
    std::thread::scope(|scope| {
        let _stop = Stop(&board);
        for _ in 0..jobs.get() {
            scope.spawn(|| {
                let _fall = Fall(&board);
                while let Some((number, heavy, item)) = take(&board, window, most, weight) {
                    let done = work(item);
                    board.lock().ready.insert(number, (heavy, done));
                    board.changed.notify_all();
                }
            });
        }
        loop {
            let mut shared = board.wait_while(|s| !(s.fallen || s.ready.contains_key(&s.given) || s.ended && s.given == s.taken));
            if shared.fallen {
                // the scope passes the panic on once all threads are through
                return Ok(());
            }
            let given = shared.given;
            let Some((heavy, done)) = shared.ready.remove(&given) else { return Ok(()) };
            shared.given += 1;
            drop(shared);
            board.changed.notify_all();
            sink(done)?;
            board.lock().held -= heavy;
            board.changed.notify_all();
        }
    })
}

fn take<I: Iterator, O>(
    board: &Board<I, O>,
    window: usize,
    most: usize,
    weight: &(dyn Fn(&I::Item) -> usize + Sync),
) -> Option<(usize, usize, I::Item)> {
    let mut shared = board.wait_while(|s| !s.ended && (s.taken >= s.given + window || s.held > most));
    if shared.ended {
        return None;
    }
    let Some(item) = shared.items.next() else {
        shared.ended = true;
        board.changed.notify_all();
        return None;
    };
    let heavy = weight(&item);
    shared.taken += 1;
    shared.held += heavy;
    Some((shared.taken - 1, heavy, item))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_order_is_kept_for_any_number_of_threads() {
        for jobs in [1, 2, 3, 8] {
            let mut seen = Vec::new();
            let slow = |n: usize| {
                std::thread::sleep(std::time::Duration::from_micros((n as u64 * 7919) % 500));
                n * 2
            };
            let jobs = NonZeroUsize::new(jobs).unwrap();
            let sink = |n: usize| {
                seen.push(n);
                Ok::<(), ()>(())
            };
            ordered(jobs, 0..200, slow, sink).unwrap();
            assert_eq!(seen, (0..200).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_window_bounds_what_is_begun_and_an_error_ends_it() {
        let begun = AtomicUsize::new(0);
        let work = |n: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            n
        };
        let mut ahead = 0;
        let result = ordered(NonZeroUsize::new(2).unwrap(), 0..usize::MAX, work, |n| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            ahead = ahead.max(begun.load(Ordering::SeqCst) - n);
            if n == 50 { Err("full") } else { Ok(()) }
        });
        assert_eq!(result, Err("full"));
        assert!(ahead <= 2 * WINDOW + 1, "{ahead}");
    }

    #[test]
    fn heavy_items_are_not_held_together() {
        let held = AtomicUsize::new(0);
        let work = |n: usize| {
            held.fetch_add(n, Ordering::SeqCst);
            n
        };
        let mut most = 0;
        let sink = |n: usize| {
            most = most.max(held.load(Ordering::SeqCst));
            held.fetch_sub(n, Ordering::SeqCst);
            Ok::<(), ()>(())
        };
        weighed(NonZeroUsize::new(4).unwrap(), 20, &|n| *n, std::iter::repeat_n(15, 100), work, sink).unwrap();
        assert!(most <= 30, "{most}");
    }

    #[test]
    fn a_panic_ends_the_run_and_is_passed_on() {
        for jobs in [1, 2, 4] {
            for bad in [0, 7, 99] {
                let jobs = NonZeroUsize::new(jobs).unwrap();
                let work = |n: usize| if n == bad { panic!("in work") } else { n };
                let sink = |_| Ok::<(), ()>(());
                assert!(std::panic::catch_unwind(|| ordered(jobs, 0..100, work, sink)).is_err(), "work on {bad}");
                let items = || (0..100).inspect(|&n| assert!(n != bad, "in the items"));
                assert!(std::panic::catch_unwind(|| ordered(jobs, items(), |n| n, sink)).is_err(), "item {bad}");
                let full = |n: usize| if n == bad { panic!("in the sink") } else { Ok::<(), ()>(()) };
                assert!(std::panic::catch_unwind(|| ordered(jobs, 0..100, |n| n, full)).is_err(), "sink of {bad}");
            }
        }
    }
}

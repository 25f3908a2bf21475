//! A gate that a call can be stopped at, so that a test decides what happens meanwhile.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

/// Calls pass it; one of them can be held.
#[derive(Debug, Default)]
pub struct Gate {
    passed: AtomicUsize,
    held: Mutex<VecDeque<(usize, Arc<Place>)>>,
}

#[derive(Debug)]
struct Place {
    arrived: Semaphore,
    released: Semaphore,
}

/// A call that stands, or will stand, at the gate. Dropping this lets it go on.
#[derive(Debug)]
pub struct Held(Arc<Place>);

impl Gate {
    /// Holds the next call.
    pub fn hold_next(&self) -> Held {
        self.hold_after(0)
    }

    /// Lets `calls` pass and holds the one after them.
    pub fn hold_after(&self, calls: usize) -> Held {
        let place = Arc::new(Place {
            arrived: Semaphore::new(0),
            released: Semaphore::new(0),
        });
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push_back((calls, Arc::clone(&place)));
        Held(place)
    }

    /// How many calls came here so far.
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::SeqCst)
    }

    /// One call passes, or is held.
    pub(super) async fn pass(&self) {
        self.passed.fetch_add(1, Ordering::SeqCst);
        let place = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            match held.front_mut() {
                Some((0, _)) => held.pop_front().map(|(_, place)| place),
                Some((calls, _)) => {
                    *calls -= 1;
                    None
                }
                None => None,
            }
        };
        if let Some(place) = place {
            place.arrived.add_permits(1);
            // Closed when its `Held` is dropped: either way the call goes on.
            let _released = place.released.acquire().await;
        }
    }
}

impl Held {
    /// Waits until a call stands here.
    pub async fn arrived(&self) {
        self.0.arrived.acquire().await.unwrap().forget();
    }

    /// Lets the call go on.
    pub fn release(self) {}
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.released.close();
    }
}

//! Which connections may be open: as many as there are files for, and of each address not too many that have not logged in.
//!
//! Strangers cannot keep others out by staying: where there is no room for another connection, the one that has been
//! without a login for the longest is closed for it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::sync::Notify;

/// Refused logins of one address in [`WINDOW`], beyond which its connections have to wait for [`PENALTY`] each.
const REFUSED_LOGINS: u32 = 10;
/// The same from this machine, where tests run.
const REFUSED_LOGINS_LOOPBACK: u32 = 100;
const WINDOW: Duration = Duration::from_secs(10);
const PENALTY: Duration = Duration::from_secs(1);
/// Beyond so many addresses, those are looked for that need not be remembered any more.
const REMEMBERED_ADDRESSES: usize = 10_000;

/// How many connections there may be.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// In all. One more may be open until another one is closed for it.
    pub(crate) open: usize,
    /// That have not logged in, from one address.
    pub(crate) strangers: usize,
    /// The same from this machine.
    pub(crate) strangers_loopback: usize,
}

/// The connections of one listener.
pub(crate) struct Admission {
    limits: Limits,
    state: RefCell<State>,
    room: Notify,
}

#[derive(Default)]
struct State {
    open: usize,
    latest: u64,
    /// By age.
    strangers: BTreeMap<u64, Stranger>,
    addresses: HashMap<IpAddr, Address>,
}

struct Stranger {
    address: IpAddr,
    closed: Rc<Notify>,
}

/// What is known of an address, as long as it has strangers here or a refused login is not long ago.
struct Address {
    strangers: usize,
    refused: u32,
    window_began: Instant,
}

/// One connection's place; dropped with it.
pub(crate) struct Place {
    admission: Rc<Admission>,
    number: u64,
    address: IpAddr,
    closed: Rc<Notify>,
}

impl Admission {
    pub(crate) fn new(limits: Limits) -> Rc<Admission> {
        Rc::new(Admission { limits, state: RefCell::default(), room: Notify::new() })
    }

    /// Waits until another connection may be accepted.
    pub(crate) async fn room(&self) {
        while self.is_full() {
            self.room.notified().await;
        }
    }

    /// Whether no other connection may be accepted now.
    pub(crate) fn is_full(&self) -> bool {
        let state = self.state.borrow();
        state.open > self.limits.open || (state.open == self.limits.open && state.strangers.is_empty())
    }

    /// Takes a new connection in, and closes another one for it if need be.
    pub(crate) fn admit(self: &Rc<Self>, address: IpAddr) -> Place {
        let mut state = self.state.borrow_mut();
        let address = key(address);
        let most = if address.is_loopback() { self.limits.strangers_loopback } else { self.limits.strangers };
        if state.strangers_of(address) >= most {
            let oldest = state.strangers.iter().find(|(_, stranger)| stranger.address == address);
            let oldest = oldest.map(|(number, _)| *number);
            state.close(oldest);
        } else if state.open >= self.limits.open {
            let oldest = state.strangers.keys().next().copied();
            state.close(oldest);
        }
        state.open += 1;
        state.latest += 1;
        let (number, closed) = (state.latest, Rc::new(Notify::new()));
        state.strangers.insert(number, Stranger { address, closed: closed.clone() });
        state.address(address).strangers += 1;
        Place { admission: self.clone(), number, address, closed }
    }
}

impl State {
    fn address(&mut self, address: IpAddr) -> &mut Address {
        if self.addresses.len() >= REMEMBERED_ADDRESSES {
            self.addresses.retain(|_, known| known.strangers > 0 || known.refused_lately() > 0);
        }
        let new = || Address { strangers: 0, refused: 0, window_began: Instant::now() };
        self.addresses.entry(address).or_insert_with(new)
    }

    fn strangers_of(&self, address: IpAddr) -> usize {
        self.addresses.get(&address).map_or(0, |known| known.strangers)
    }

    fn close(&mut self, number: Option<u64>) {
        if let Some(stranger) = number.and_then(|number| self.forget_stranger(number)) {
            stranger.closed.notify_one();
        }
    }

    /// It has logged in, or is closed.
    fn forget_stranger(&mut self, number: u64) -> Option<Stranger> {
        let stranger = self.strangers.remove(&number)?;
        if let Some(known) = self.addresses.get_mut(&stranger.address) {
            known.strangers -= 1;
            if known.strangers == 0 && known.refused_lately() == 0 {
                self.addresses.remove(&stranger.address);
            }
        }
        Some(stranger)
    }
}

impl Address {
    fn refused_lately(&self) -> u32 {
        if self.window_began.elapsed() < WINDOW { self.refused } else { 0 }
    }
}

impl Place {
    /// The client has logged in: it may stay.
    pub(crate) fn logged_in(&self) {
        self.admission.state.borrow_mut().forget_stranger(self.number);
    }

    /// The client's login was refused.
    pub(crate) fn login_refused(&self) {
        let mut state = self.admission.state.borrow_mut();
        let known = state.address(self.address);
        known.refused = known.refused_lately() + 1;
        if known.refused == 1 {
            known.window_began = Instant::now();
        }
    }

    /// How long the client has to wait before it is served.
    pub(crate) fn penalty(&self) -> Duration {
        let most = if self.address.is_loopback() { REFUSED_LOGINS_LOOPBACK } else { REFUSED_LOGINS };
        let state = self.admission.state.borrow();
        let refused = state.addresses.get(&self.address).map_or(0, Address::refused_lately);
        if refused > most { PENALTY } else { Duration::ZERO }
    }

    /// Rings when the connection is to be closed for another one.
    pub(crate) fn closed(&self) -> Rc<Notify> {
        self.closed.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.admission.state.borrow_mut();
        state.forget_stranger(self.number);
        state.open -= 1;
        self.admission.room.notify_one();
    }
}

/// Of IPv6, one client usually has a /64 of addresses.
fn key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, rc::Rc};

    use super::{Admission, Limits, Place};

    const LIMITS: Limits = Limits { open: 6, strangers: 2, strangers_loopback: 5 };

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn is_closed(place: &Place) -> bool {
        !place.admission.state.borrow().strangers.contains_key(&place.number)
    }

    fn come(admission: &Rc<Admission>, addresses: &[&str]) -> Vec<Place> {
        addresses.iter().map(|one| admission.admit(address(one))).collect()
    }

    #[test]
    fn one_address_closes_its_own_strangers_only() {
        let admission = Admission::new(LIMITS);
        let places = come(&admission, &["10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.1"]);
        assert_eq!(places.iter().map(is_closed).collect::<Vec<_>>(), [true, false, false, false]);
        let v6 = come(&admission, &["fd00::1", "fd00::2", "fd00::ffff:3"]);
        assert_eq!(v6.iter().map(is_closed).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn where_all_is_full_the_oldest_stranger_goes_and_nobody_who_has_logged_in() {
        let admission = Admission::new(LIMITS);
        let mut places =
            come(&admission, &["127.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"]);
        places[0].logged_in();
        assert!(!admission.is_full());
        places.extend(come(&admission, &["10.0.0.7"]));
        assert!(is_closed(&places[1]) && !is_closed(&places[2]));
        assert!(admission.is_full(), "until the one that was closed is gone");
        places.remove(1);
        assert!(!admission.is_full());
        places.iter().for_each(Place::logged_in);
        assert!(admission.is_full(), "nobody can be closed for another one");
    }

    #[test]
    fn many_refused_logins_make_an_address_wait() {
        let admission = Admission::new(LIMITS);
        let place = admission.admit(address("10.0.0.1"));
        (0..11).for_each(|_| place.login_refused());
        assert!(!admission.admit(address("10.0.0.1")).penalty().is_zero());
        assert!(admission.admit(address("10.0.0.2")).penalty().is_zero());
        drop(place);
        assert!(!admission.admit(address("10.0.0.1")).penalty().is_zero(), "though all had left");
    }
}

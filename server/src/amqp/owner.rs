//! The owner of the broker: everything that happens to it goes through here, on one thread.

use std::{
    cell::RefCell,
    collections::HashMap,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
    sync::{Notify, mpsc::UnboundedSender},
};
use warren_core::{Broker, ConnectionId, Input, Instant, Name, Notice, Output, Peer, ReplyCode, View};

use super::{notices, outbox::Outbox, streams::Streams, timer::Clock};
use crate::{admission::Place, disk::Disk};

/// Bytes that one read takes at most: enough to make system calls rare, little enough to stay in the cache.
const READ_BYTES: usize = 64 << 10;

/// A client that asks and does not read the answers is not read from while it leaves more bytes than this.
/// Deliveries are held back by the broker much earlier, so a client that is slow to consume can still ack.
const UNREAD_ANSWERS_BYTES: usize = 16 << 20;

/// The broker and what it has decided about each connection.
pub(crate) struct Owner {
    broker: Broker,
    clock: Clock,
    disk: Option<Disk>,
    ends: UnboundedSender<End>,
    last_connection: u64,
    links: HashMap<ConnectionId, Link>,
    streams: Streams,
    /// One for all connections: whatever is read is handed to the broker before the next read.
    read_buffer: Box<[u8]>,
    timer_set_to: Option<Instant>,
    sooner: Rc<Notify>,
    /// How long a client may read nothing while bytes wait for it; `None` for as long as it likes.
    send_timeout: Option<Duration>,
}

/// Why the broker's work ends.
pub(crate) enum End {
    /// It was told to stop, and everything is written down.
    Stopped,
    /// It can promise nothing any more.
    Halted(String),
}

/// The broker's side of one connection.
pub(super) struct Link {
    /// The listener's place for it.
    place: Place,
    /// Who has logged in.
    pub(super) user: Option<Name>,
    pub(super) outbox: Outbox,
    reads_paused: bool,
    /// The broker has forgotten the connection: send what is in the outbox and close.
    pub(super) closing: bool,
    /// The connection's task, where it waits for the broker.
    pub(super) waker: Option<Waker>,
}

impl Link {
    fn new(place: Place) -> Link {
        Link {
            place,
            user: None,
            outbox: Outbox::default(),
            reads_paused: false,
            closing: false,
            waker: None,
        }
    }

    fn pause_reads(&mut self, pause: bool) {
        self.reads_paused = pause;
    }

    pub(super) fn may_read(&self) -> bool {
        !self.reads_paused && !self.closing && self.outbox.bytes() <= UNREAD_ANSWERS_BYTES
    }
}

impl Owner {
    /// Owns a broker whose time is this clock's, on this disk if it has one. What ends it is told through `ends`.
    pub(crate) fn shared(
        broker: Broker,
        clock: Clock,
        disk: Option<Disk>,
        ends: UnboundedSender<End>,
        send_timeout: Option<Duration>,
    ) -> Rc<RefCell<Owner>> {
        let mut owner = Owner {
            broker,
            clock,
            disk,
            ends,
            last_connection: 0,
            links: HashMap::new(),
            streams: Streams::default(),
            read_buffer: vec![0; READ_BYTES].into_boxed_slice(),
            timer_set_to: None,
            sooner: Rc::new(Notify::new()),
            send_timeout,
        };
        owner.pass_on();
        Rc::new(RefCell::new(owner))
    }

    pub(crate) fn view(&self) -> View<'_> {
        self.broker.view()
    }

    /// Tells the broker, and passes on all that it wants.
    pub(crate) fn handle(&mut self, input: Input<'_>) {
        self.broker.handle(self.clock.now(), input);
        self.pass_on();
    }

    /// Whether the broker has work that it has not finished.
    pub(super) fn has_work(&self) -> bool {
        self.broker.has_work()
    }

    /// Counts the streams that are not closed yet.
    pub(crate) fn streams(&self) -> Streams {
        self.streams.clone()
    }

    pub(super) fn accepted(&mut self, peer: SocketAddr, place: Place) -> ConnectionId {
        self.last_connection += 1;
        let connection = ConnectionId(self.last_connection);
        self.links.insert(connection, Link::new(place));
        let peer = Peer { address: peer.to_string(), loopback: peer.ip().to_canonical().is_loopback() };
        self.handle(Input::Accepted { connection, peer });
        connection
    }

    /// Reads one chunk from the client and hands it to the broker.
    pub(super) fn poll_read(
        &mut self,
        connection: ConnectionId,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut buffer = ReadBuf::new(&mut self.read_buffer);
        ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
        let bytes = buffer.filled();
        if bytes.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        self.broker.handle(self.clock.now(), Input::Bytes { connection, bytes });
        self.pass_on();
        Poll::Ready(Ok(()))
    }

    /// Writes from the outbox and reports it to the broker. Ready with whether the outbox is empty now.
    pub(super) fn poll_write(
        &mut self,
        connection: ConnectionId,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        let Some(link) = self.links.get_mut(&connection) else { return Poll::Ready(Ok(true)) };
        if link.outbox.bytes() > 0 {
            let bytes = ready!(link.outbox.poll_write(stream, cx))? as u64;
            if !link.closing {
                self.handle(Input::Sent { connection, bytes });
            }
        }
        Poll::Ready(Ok(self.links.get(&connection).is_none_or(|link| link.outbox.bytes() == 0)))
    }

    pub(super) fn link(&mut self, connection: ConnectionId) -> Option<&mut Link> {
        self.links.get_mut(&connection)
    }

    /// Takes the connection out: nothing more is sent to it or read from it through here.
    pub(super) fn remove(&mut self, connection: ConnectionId) -> Option<Link> {
        self.links.remove(&connection)
    }

    pub(super) fn send_timeout(&self) -> Option<Duration> {
        self.send_timeout
    }

    /// Sets the timer to the broker's deadline.
    pub(super) fn set_timer(&mut self) -> Option<tokio::time::Instant> {
        self.timer_set_to = self.broker.deadline();
        self.timer_set_to.map(|at| self.clock.real(at))
    }

    /// Rings when the broker's deadline has become earlier than the timer. (A later one needs no bell: the
    /// timer goes off early and is set again.)
    pub(super) fn sooner(&self) -> Rc<Notify> {
        self.sooner.clone()
    }

    fn pass_on(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { connection, bytes } => self.change(connection, |link| link.outbox.push(bytes)),
                Output::PauseReads { connection } => self.change(connection, |link| link.pause_reads(true)),
                Output::ResumeReads { connection } => self.change(connection, |link| link.pause_reads(false)),
                Output::Close { connection } => self.change(connection, |link| link.closing = true),
                Output::Notice(notice) => self.notice(&notice),
                Output::Disk { op, action } => {
                    if let Some(disk) = &self.disk {
                        disk.carry_out(op, action);
                    }
                }
                Output::Stopped => self.end(End::Stopped),
                Output::Halt { reason } => self.end(End::Halted(reason)),
                // Nobody watches yet.
                Output::Event(_) => {}
            }
        }
        let deadline = self.broker.deadline();
        if deadline.is_some_and(|at| self.timer_set_to.is_none_or(|set| at < set)) {
            self.sooner.notify_one();
        }
    }

    fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::LoggedIn { client } => {
                if let Some(link) = self.links.get_mut(&client.connection) {
                    link.place.logged_in();
                    link.user = Some(client.user.clone());
                }
            }
            Notice::TurnedAway { client, code: Some(ReplyCode::AccessRefused), .. } => {
                if let Some(link) = self.links.get(&client.connection) {
                    link.place.login_refused();
                }
            }
            _ => {}
        }
        notices::log(notice);
    }

    fn end(&self, end: End) {
        // Who does not listen has ended already.
        let _ = self.ends.send(end);
    }

    /// Changes a link and wakes its task. A lost connection has no link any more.
    fn change(&mut self, connection: ConnectionId, change: impl FnOnce(&mut Link)) {
        if let Some(link) = self.links.get_mut(&connection) {
            change(link);
            if let Some(waker) = link.waker.take() {
                waker.wake();
            }
        }
    }
}

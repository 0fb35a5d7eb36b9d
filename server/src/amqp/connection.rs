//! One client: its socket, read and written in turns.

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::yield_now,
    time::{Sleep, sleep, timeout},
};
use warren_core::{ConnectionId, Input};

use super::Owner;
use crate::admission::Place;

/// How long a closed connection may take to accept what was still to be said.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serves one client until its stream ends or the broker closes it.
pub(super) async fn serve(owner: Rc<RefCell<Owner>>, stream: TcpStream, peer: SocketAddr, place: Place) {
    let _open = owner.borrow().streams().open_one();
    let (closed, penalty) = (place.closed(), place.penalty());
    let connection = owner.borrow_mut().accepted(peer, place);
    tracing::info!(%connection, %peer, "client connected");
    let client = Client { owner: owner.clone(), stream, connection, peer, stuck: None };
    let end = tokio::select! {
        biased;
        end = client.serve(penalty) => end,
        () = closed.notified() => {
            let mut owner = owner.borrow_mut();
            owner.remove(connection);
            owner.handle(Input::Lost { connection });
            "closed for a newer connection: the client has not logged in, and there are too many like it"
        }
    };
    tracing::info!(%connection, %peer, "{end}");
}

/// How a turn ended.
enum Turn {
    /// There may be more to do at once.
    More,
    /// The broker has closed the connection.
    Closed,
    /// The stream ended or failed.
    Lost(io::Error),
    /// The client has read nothing for too long.
    Stuck,
}

struct Client {
    owner: Rc<RefCell<Owner>>,
    stream: TcpStream,
    connection: ConnectionId,
    peer: SocketAddr,
    /// Until when the client has to read something, while it takes no more bytes.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl Client {
    /// Serves it after a while, to its end; says how it ended.
    async fn serve(mut self, penalty: Duration) -> &'static str {
        if !penalty.is_zero() {
            sleep(penalty).await;
        }
        loop {
            match poll_fn(|cx| self.poll_turn(cx)).await {
                // Everyone else gets a turn, and new input a look, before this client's next batch.
                Turn::More => yield_now().await,
                Turn::Closed => return self.say_goodbye().await,
                Turn::Lost(error) => return self.lose(&error),
                Turn::Stuck => return self.cut_off(),
            }
        }
    }

    /// At most one read and one write. Pending while the client or the broker has to do something first.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        let owner = &mut *self.owner.borrow_mut();
        let Some(link) = owner.link(self.connection) else { return Poll::Ready(Turn::Closed) };
        link.waker = None;

        let reads = link.may_read();
        let mut more = false;
        if reads {
            match owner.poll_read(self.connection, &mut self.stream, cx) {
                Poll::Ready(Ok(())) => more = true,
                Poll::Ready(Err(error)) => return Poll::Ready(Turn::Lost(error)),
                Poll::Pending => {}
            }
        }
        match owner.poll_write(self.connection, &mut self.stream, cx) {
            Poll::Ready(Ok(everything)) => {
                self.stuck = None;
                more |= !everything;
            }
            Poll::Ready(Err(error)) => return Poll::Ready(Turn::Lost(error)),
            Poll::Pending => {
                if let Some(timeout) = owner.send_timeout() {
                    let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(timeout)));
                    if stuck.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(Turn::Stuck);
                    }
                }
            }
        }

        let Some(link) = owner.link(self.connection) else { return Poll::Ready(Turn::Closed) };
        if link.closing {
            return Poll::Ready(Turn::Closed);
        }
        // A write, or the broker, may have made room for a read that was not tried.
        if more || (link.may_read() && !reads) {
            return Poll::Ready(Turn::More);
        }
        link.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Sends the broker's last words and waits until the client has hung up: closing a socket with unread
    /// bytes in it would reset the connection and take the last words away.
    async fn say_goodbye(mut self) -> &'static str {
        let link = self.owner.borrow_mut().remove(self.connection);
        let farewell = async {
            if let Some(mut link) = link {
                link.outbox.write_all(&mut self.stream).await?;
            }
            self.stream.shutdown().await?;
            let mut ignored = [0; 4096];
            while self.stream.read(&mut ignored).await? > 0 {}
            io::Result::Ok(())
        };
        match timeout(FAREWELL, farewell).await {
            Ok(Ok(())) => "connection closed",
            Ok(Err(_)) => "connection closed; the client left before it heard why",
            Err(_) => "connection closed; the client did not hang up",
        }
    }

    /// Whatever it still sends, heartbeats for instance, what waits for it takes memory, and its deliveries go to nobody else.
    fn cut_off(self) -> &'static str {
        let Client { owner, stream, connection, peer, .. } = self;
        let mut owner = owner.borrow_mut();
        let seconds = owner.send_timeout().unwrap_or_default().as_secs_f32();
        if let Some(link) = owner.remove(connection) {
            let (user, bytes) = (link.user.as_deref(), link.outbox.bytes());
            tracing::warn!(%connection, %peer, user, bytes, "client cut off: it has read nothing for {seconds} s, and bytes wait for it");
        }
        owner.handle(Input::Lost { connection });
        // What the system holds for it goes, too. Without that the stream ends all the same.
        let _ = stream.set_zero_linger();
        "connection reset: the client did not read"
    }

    fn lose(self, error: &io::Error) -> &'static str {
        let mut owner = self.owner.borrow_mut();
        owner.remove(self.connection);
        owner.handle(Input::Lost { connection: self.connection });
        match error.kind() {
            io::ErrorKind::UnexpectedEof => "the client left without closing its connection",
            _ => "connection lost",
        }
    }
}

//! What the broker has said to a client and the socket has not taken yet.

use std::{
    collections::VecDeque,
    future::poll_fn,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{io::AsyncWrite, net::TcpStream};

/// Buffers that one system call takes at most.
const SLICES: usize = 32;

/// Bytes on their way out, in order.
#[derive(Default)]
pub(super) struct Outbox {
    buffers: VecDeque<Vec<u8>>,
    /// How much of the first buffer has left.
    offset: usize,
    bytes: usize,
}

impl Outbox {
    pub(super) fn push(&mut self, buffer: Vec<u8>) {
        self.bytes += buffer.len();
        if !buffer.is_empty() {
            self.buffers.push_back(buffer);
        }
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Writes as much as one system call takes, and says how much that was.
    pub(super) fn poll_write(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(stream);
        let written = match self.buffers.len() {
            1 => stream.poll_write(cx, &self.buffers[0][self.offset..]),
            _ => {
                let mut slices = [IoSlice::new(&[]); SLICES];
                let count = self.slices(&mut slices);
                stream.poll_write_vectored(cx, &slices[..count])
            }
        };
        let written = ready!(written)?;
        self.advance(written);
        Poll::Ready(Ok(written))
    }

    /// Writes everything.
    pub(super) async fn write_all(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        while self.bytes > 0 {
            poll_fn(|cx| self.poll_write(stream, cx)).await?;
        }
        Ok(())
    }

    fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; SLICES]) -> usize {
        let mut skip = self.offset;
        let mut count = 0;
        for (slice, buffer) in slices.iter_mut().zip(&self.buffers) {
            *slice = IoSlice::new(&buffer[skip..]);
            skip = 0;
            count += 1;
        }
        count
    }

    fn advance(&mut self, written: usize) {
        self.bytes -= written;
        self.offset += written;
        while let Some(first) = self.buffers.front()
            && self.offset >= first.len()
        {
            self.offset -= first.len();
            self.buffers.pop_front();
        }
    }
}

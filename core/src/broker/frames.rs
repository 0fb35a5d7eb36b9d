//! Bytes to frames, and frames to the methods and contents that the rest of the broker serves.

use super::{Broker, Output, connection::CHANNEL_0};
use crate::{
    ChannelNumber, ConnectionId, ReplyCode,
    refusal::{Outcome, Refusal},
    session::{Awaits, Phase},
    wire::{ContentHeader, DecodeError, FrameReader, Method, RawFrame},
};

/// A message's body may have this many bytes (RabbitMQ's default `max_message_size`).
const MAX_MESSAGE_BYTES: u64 = 16 << 20;

/// What is behind a method or content, for reply texts.
pub(super) const KIND_METHOD: u8 = 1;
const KIND_HEADER: u8 = 2;
const KIND_BODY: u8 = 3;
const KIND_HEARTBEAT: u8 = 8;

impl Broker {
    pub(super) fn bytes(&mut self, connection: ConnectionId, mut input: &[u8]) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.last_received = self.now.instant;
        if session.phase == Phase::Header {
            match session.read_header(&mut input) {
                None => return,
                Some(true) => self.start(connection),
                Some(false) => return self.refuse_header(connection),
            }
        }
        self.frames(connection, input);
    }

    /// Serves every whole frame. The reader is taken out of the session meanwhile, because frames borrow from it.
    fn frames(&mut self, connection: ConnectionId, mut input: &[u8]) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        let mut reader = std::mem::replace(&mut session.reader, FrameReader::new(0));
        loop {
            match reader.read(&mut input) {
                Ok(None) => break,
                Ok(Some(frame)) => self.frame(connection, &frame),
                Err(error) => {
                    // The stream is out of step for good: say so, and listen no more.
                    let refusal = Refusal::new(ReplyCode::FrameError, error.to_string());
                    self.refuse(connection, CHANNEL_0, &refusal, (0, 0));
                    return self.hang_up(connection, &refusal.reply_text());
                }
            }
            let Some(session) = self.sessions.get(&connection) else { return };
            if session.phase != Phase::Running {
                reader.set_frame_max(session.frame_max);
            }
        }
        if let Some(session) = self.sessions.get_mut(&connection) {
            session.reader = reader;
        }
    }

    fn frame(&mut self, connection: ConnectionId, frame: &RawFrame<'_>) {
        let Some(session) = self.sessions.get(&connection) else { return };
        let channel = ChannelNumber(frame.channel);
        let outcome = match (session.phase, channel) {
            (_, CHANNEL_0) => self.frame_on_channel_0(connection, frame),
            (Phase::Running, _) => self.frame_on_channel(connection, channel, frame),
            (Phase::Closing, _) => Ok(()),
            _ => Err(unexpected(frame)),
        };
        if let Err(refusal) = outcome {
            self.refuse(connection, channel, &refusal, method_ids(frame));
        }
        self.publish_dead_letters();
    }

    fn frame_on_channel_0(&mut self, connection: ConnectionId, frame: &RawFrame<'_>) -> Outcome {
        match frame.kind {
            KIND_METHOD => {
                let method = Method::decode(frame.payload).map_err(|error| undecodable(&error))?;
                self.connection_method(connection, method)
            }
            KIND_HEARTBEAT if frame.payload.is_empty() => Ok(()),
            KIND_HEADER | KIND_BODY => Err(unexpected(frame)),
            _ => Err(unknown(frame)),
        }
    }

    fn frame_on_channel(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        frame: &RawFrame<'_>,
    ) -> Outcome {
        let channel =
            self.sessions.get_mut(&connection).and_then(|session| session.channels.get_mut(&number));
        let awaits = match channel {
            Some(channel) if channel.closing => return self.frame_while_closing(connection, number, frame),
            Some(channel) => channel.incoming.awaits,
            None => Awaits::Method,
        };
        match (frame.kind, awaits) {
            (KIND_METHOD, Awaits::Method) => {
                let method = Method::decode(frame.payload).map_err(|error| undecodable(&error))?;
                self.channel_method(connection, number, method)
            }
            (KIND_HEADER, Awaits::Header) => self.content_header(connection, number, frame.payload),
            (KIND_BODY, Awaits::Body(missing)) => {
                self.content_body(connection, number, missing, frame.payload)
            }
            (KIND_METHOD | KIND_HEADER | KIND_BODY, awaits) => Err(out_of_turn(awaits)),
            (KIND_HEARTBEAT, _) => Err(unexpected(frame)),
            _ => Err(unknown(frame)),
        }
    }

    /// After channel.close has been sent only its answer counts, or the client's own close that crossed it.
    fn frame_while_closing(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        frame: &RawFrame<'_>,
    ) -> Outcome {
        if frame.kind != KIND_METHOD {
            return Ok(());
        }
        match Method::decode(frame.payload) {
            Ok(Method::ChannelCloseOk {}) => {
                if let Some(session) = self.sessions.get_mut(&connection) {
                    session.channels.remove(&number);
                }
            }
            Ok(Method::ChannelClose { .. }) => self.send(connection, number, &Method::ChannelCloseOk {}),
            _ => {}
        }
        Ok(())
    }

    fn content_header(&mut self, connection: ConnectionId, number: ChannelNumber, payload: &[u8]) -> Outcome {
        const CLASS_BASIC: u16 = 60;
        let header = ContentHeader::decode(payload).map_err(|error| undecodable(&error))?;
        if header.class_id != CLASS_BASIC {
            let text = format!(
                "expected content header for class 60, got one for class {} instead",
                header.class_id
            );
            return Err(Refusal::new(ReplyCode::UnexpectedFrame, text));
        }
        if header.body_size > MAX_MESSAGE_BYTES {
            let text = format!(
                "message size {} is larger than configured max size {MAX_MESSAGE_BYTES}",
                header.body_size
            );
            return Err(Refusal::new(ReplyCode::PreconditionFailed, text));
        }
        let Some(channel) = self.channel_mut(connection, number) else { return Ok(()) };
        channel.incoming.take_header(&header);
        if header.body_size == 0 { self.publish(connection, number) } else { Ok(()) }
    }

    fn content_body(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        missing: u64,
        payload: &[u8],
    ) -> Outcome {
        let Some(missing) = missing.checked_sub(payload.len() as u64) else {
            let text = "content body frame exceeds remaining content size";
            return Err(Refusal::new(ReplyCode::FrameError, text));
        };
        let Some(channel) = self.channel_mut(connection, number) else { return Ok(()) };
        channel.incoming.take_body(payload, missing);
        if missing == 0 { self.publish(connection, number) } else { Ok(()) }
    }

    /// Gives the host what waits for a client.
    pub(super) fn take_bytes(&mut self, connection: ConnectionId) -> Option<Output> {
        let session = self.sessions.get_mut(&connection)?;
        if session.out.is_empty() {
            return None;
        }
        let capacity = session.out.len();
        let bytes = std::mem::replace(&mut session.out, Vec::with_capacity(capacity.min(64 << 10)));
        session.in_flight += bytes.len() as u64;
        session.last_sent = self.now.instant;
        Some(Output::Send { connection, bytes })
    }
}

fn out_of_turn(awaits: Awaits) -> Refusal {
    let text = match awaits {
        Awaits::Method => "expected method frame, got non method frame instead",
        Awaits::Header => "expected content header for class 60, got non content header frame instead",
        Awaits::Body(_) => "expected content body, got non content body frame instead",
    };
    Refusal::new(ReplyCode::UnexpectedFrame, text)
}

fn unexpected(frame: &RawFrame<'_>) -> Refusal {
    Refusal::new(ReplyCode::UnexpectedFrame, frame.to_string())
}

fn unknown(frame: &RawFrame<'_>) -> Refusal {
    Refusal::new(ReplyCode::FrameError, format!("{frame}: unknown_frame"))
}

fn undecodable(error: &DecodeError) -> Refusal {
    let code = match error {
        DecodeError::UnknownMethod { .. } => ReplyCode::NotImplemented,
        _ => ReplyCode::FrameError,
    };
    Refusal::new(code, error.to_string())
}

/// The class and method that a close names as its cause.
fn method_ids(frame: &RawFrame<'_>) -> (u16, u16) {
    const BASIC_PUBLISH: (u16, u16) = (60, 40);
    match (frame.kind, frame.payload) {
        (KIND_METHOD, &[a, b, c, d, ..]) => (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])),
        (KIND_HEADER | KIND_BODY, _) => BASIC_PUBLISH,
        _ => (0, 0),
    }
}

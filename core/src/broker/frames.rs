//! Bytes to frames, and frames to the methods and contents that the rest of the broker serves.

use super::{
    Broker, Output,
    connection::CHANNEL_0,
    fault::{
        Fault, NOBODY, broken_header, method_ids, out_of_turn, undecodable, undecodable_on_channel_0,
        unexpected, unknown,
    },
    memory::too_much_unfinished,
    work::{Task, cost},
};
use crate::{
    ChannelNumber, ConnectionId, ReplyCode,
    refusal::{Outcome, Refusal},
    session::{Awaits, Fate, Incoming, Phase},
    wire::{ContentHeader, Dialect, FrameReader, RawFrame},
};

/// A body may have this many bytes, whatever the configuration (RabbitMQ).
const MAX_BODY_BYTES: u64 = 512 << 20;

/// What a frame holds (AMQP 0-9-1, section 4.2.3).
const KIND_METHOD: u8 = 1;
const KIND_HEADER: u8 = 2;
const KIND_BODY: u8 = 3;
const KIND_HEARTBEAT: u8 = 8;

impl Broker {
    pub(super) fn bytes(&mut self, connection: ConnectionId, mut input: &[u8]) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        if session.phase == Phase::Deaf {
            return;
        }
        session.last_received = self.now.instant;
        session.spared_until = None;
        if self.behind.is_so {
            session.sent_meanwhile.count(self.behind.times, input.len());
        }
        if session.holds_input {
            return session.backlog.extend_from_slice(input);
        }
        if session.phase == Phase::Header {
            let Some(header) = session.read_header(&mut input) else { return };
            self.greet(connection, header);
        }
        self.frames(connection, input);
    }

    /// Serves every whole frame, as far as this slice goes. The reader is taken out of the session meanwhile, because frames
    /// borrow from it.
    fn frames(&mut self, connection: ConnectionId, mut input: &[u8]) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        let mut reader = std::mem::replace(&mut session.reader, FrameReader::new(0));
        loop {
            let published = self.latest.message;
            match reader.read(&mut input) {
                Ok(None) => break,
                Ok(Some(frame)) => self.frame(connection, &frame),
                Err(error) => {
                    // The stream is out of step for good: say so, and listen no more.
                    let refusal = Refusal::new(ReplyCode::FrameError, error.to_string());
                    self.refuse(connection, CHANNEL_0, &refusal, (0, 0));
                    return self.enter(connection, Phase::Deaf);
                }
            }
            if self.latest.message != published && self.is_disk_behind() {
                self.await_disk(connection);
            }
            let Some(session) = self.sessions.get(&connection) else { return };
            if session.phase == Phase::Deaf {
                return;
            }
            if session.phase != Phase::Running {
                reader.set_frame_max(session.frame_max);
            }
            if session.must_wait() || (self.work.is_spent() && !input.is_empty()) {
                break;
            }
        }
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.reader = reader;
        session.backlog.extend_from_slice(input);
        if session.must_wait() {
            self.pause_input(connection);
        } else if !session.backlog.is_empty() {
            self.pause_input(connection);
            self.work.add(Task::Input(connection));
        }
    }

    /// What comes from now on waits behind the backlog.
    fn pause_input(&mut self, connection: ConnectionId) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        if !std::mem::replace(&mut session.holds_input, true) && !session.paused {
            self.outputs.push_back(Output::PauseReads { connection });
        }
    }

    /// Frames of a connection have their turn again.
    pub(super) fn continue_input(&mut self, connection: ConnectionId) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        if session.must_wait() {
            return;
        }
        session.last_received = self.now.instant;
        let backlog = std::mem::take(&mut session.backlog);
        self.frames(connection, &backlog);
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        if session.backlog.is_empty() && !session.must_wait() {
            session.holds_input = false;
            if !session.paused {
                self.outputs.push_back(Output::ResumeReads { connection });
            }
        }
    }

    /// This connection's next frames wait, until [`Broker::release_input`] has been called as often.
    pub(super) fn hold_input(&mut self, connection: ConnectionId) {
        if let Some(session) = self.sessions.get_mut(&connection) {
            session.unfinished += 1;
            self.pause_input(connection);
        }
    }

    /// What its frames have waited for is done.
    pub(super) fn release_input(&mut self, connection: ConnectionId) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.unfinished = session.unfinished.saturating_sub(1);
        if !session.must_wait() {
            self.work.add(Task::Input(connection));
        }
    }

    fn frame(&mut self, connection: ConnectionId, frame: &RawFrame<'_>) {
        let changes = self.changes;
        self.work.charge(cost::FRAME + cost::copy(frame.payload.len() as u64));
        let Some(session) = self.sessions.get(&connection) else { return };
        let (channel, dialect) = (ChannelNumber(frame.channel), session.dialect);
        let outcome = match (session.phase, channel) {
            (_, CHANNEL_0) => self.frame_on_channel_0(connection, dialect, frame),
            (Phase::Running, _) => self.frame_on_channel(connection, channel, dialect, frame),
            (Phase::Closing | Phase::Deaf, _) => Ok(()),
            _ => Err(unexpected(frame)),
        };
        match outcome {
            Ok(()) => {}
            Err(Fault::Refused(refusal, cause)) => self.refuse(connection, channel, &refusal, cause),
            Err(Fault::Fatal(reason)) => {
                self.turned_away(connection, None, &reason);
                self.hang_up(connection, &reason);
            }
        }
        if self.changes != changes {
            self.hold_answers(connection);
        }
        self.publish_dead_letters();
    }

    fn frame_on_channel_0(
        &mut self,
        connection: ConnectionId,
        dialect: Dialect,
        frame: &RawFrame<'_>,
    ) -> Result<(), Fault> {
        match (frame.kind, method_ids(frame.payload)) {
            (KIND_METHOD, Some(ids)) => {
                let method =
                    dialect.decode(frame.payload).map_err(|error| undecodable_on_channel_0(&error, ids))?;
                self.connection_method(connection, method).map_err(|refusal| Fault::Refused(refusal, ids))
            }
            (KIND_HEARTBEAT, _) if frame.payload.is_empty() => Ok(()),
            (KIND_HEADER | KIND_BODY, _) => Err(unexpected(frame)),
            _ => Err(unknown(frame)),
        }
    }

    /// Methods and contents are put together whatever the channel's state (RabbitMQ).
    fn frame_on_channel(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        dialect: Dialect,
        frame: &RawFrame<'_>,
    ) -> Result<(), Fault> {
        let incoming = self.channel_mut(connection, number).map(|channel| &channel.incoming);
        let (awaits, publish) = match incoming {
            Some(incoming) => (incoming.awaits, incoming.method),
            None => {
                self.check_channel_limits(connection).map_err(|refusal| Fault::Refused(refusal, NOBODY))?;
                (Awaits::Method, NOBODY)
            }
        };
        match (frame.kind, awaits) {
            (KIND_METHOD, Awaits::Method) => self.method(connection, number, dialect, frame),
            (KIND_HEADER, Awaits::Header) => {
                let header = ContentHeader::decode(frame.payload);
                let header = header.map_err(|error| broken_header(&error, frame, publish))?;
                self.content_header(connection, number, &header)
                    .map_err(|refusal| Fault::Refused(refusal, publish))
            }
            (KIND_BODY, Awaits::Body(missing)) => self
                .content_body(connection, number, missing, frame.payload)
                .map_err(|refusal| Fault::Refused(refusal, publish)),
            (KIND_METHOD, _) if method_ids(frame.payload).is_none() => Err(unknown(frame)),
            (KIND_METHOD | KIND_HEADER | KIND_BODY, awaits) => {
                let cause = if awaits == Awaits::Method { NOBODY } else { publish };
                Err(Fault::Refused(out_of_turn(awaits), cause))
            }
            (KIND_HEARTBEAT, _) => Err(unexpected(frame)),
            _ => Err(unknown(frame)),
        }
    }

    fn method(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        dialect: Dialect,
        frame: &RawFrame<'_>,
    ) -> Result<(), Fault> {
        let Some(ids) = method_ids(frame.payload) else { return Err(unknown(frame)) };
        let method =
            dialect.decode(frame.payload).map_err(|error| undecodable(&error, ids, frame.payload))?;
        self.channel_method(connection, number, method).map_err(|refusal| Fault::Refused(refusal, ids))
    }

    fn content_header(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        header: &ContentHeader<'_>,
    ) -> Outcome {
        let max_message_bytes = self.config.max_message_bytes;
        let Some(channel) = self.channel_mut(connection, number) else { return Ok(()) };
        let class = channel.incoming.method.0;
        if header.class_id != class {
            let text = format!(
                "expected content header for class {class}, got one for class {} instead",
                header.class_id
            );
            return Err(Refusal::new(ReplyCode::UnexpectedFrame, text));
        }
        if header.body_size > MAX_BODY_BYTES {
            let size = header.body_size;
            let text = format!("content body size {size} exceeds maximum allowed size {MAX_BODY_BYTES}");
            return Err(Refusal::new(ReplyCode::FrameError, text));
        }
        channel.incoming.take_header(header, max_message_bytes);
        let bytes = channel.incoming.bytes();
        self.unfinished_bytes += bytes;
        if header.body_size == 0 { self.whole(connection, number) } else { Ok(()) }
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
        let limit = self.unfinished_limit();
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        let Some(channel) = session.channels.get_mut(&number) else { return Ok(()) };
        let before = channel.incoming.bytes();
        channel.incoming.take_body(payload, missing);
        self.unfinished_bytes = self.unfinished_bytes - before + channel.incoming.bytes();
        if self.unfinished_bytes > limit && missing > 0 && channel.incoming.bytes() > 0 {
            self.unfinished_bytes -= channel.incoming.bytes();
            channel.incoming.refuse_when_whole(too_much_unfinished(limit));
        }
        if missing == 0 { self.whole(connection, number) } else { Ok(()) }
    }

    /// A method and its content have come whole.
    fn whole(&mut self, connection: ConnectionId, number: ChannelNumber) -> Outcome {
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        let Some(channel) = session.channels.get_mut(&number) else { return Ok(()) };
        self.unfinished_bytes -= channel.incoming.bytes();
        match std::mem::take(&mut channel.incoming.fate) {
            Fate::Publish => self.publish(connection, number),
            Fate::Ignore => {
                channel.incoming = Incoming::default();
                Ok(())
            }
            Fate::Refuse(refusal) => {
                channel.incoming = Incoming::default();
                Err(refusal)
            }
        }
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

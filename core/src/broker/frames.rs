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
    session::{Awaits, Fate, Phase},
    wire::{ContentHeader, Dialect, FrameReader, RawFrame},
};

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
        let channel = ChannelNumber(frame.channel);
        let outcome = match channel {
            CHANNEL_0 => self.frame_on_channel_0(connection, frame),
            _ => self.frame_on_channel(connection, channel, frame),
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

    fn frame_on_channel_0(&mut self, connection: ConnectionId, frame: &RawFrame<'_>) -> Result<(), Fault> {
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        match (frame.kind, method_ids(frame.payload)) {
            (KIND_METHOD, Some(ids)) => {
                let method = session.dialect.decode(frame.payload);
                let method = method.map_err(|error| undecodable_on_channel_0(&error, ids))?;
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
        frame: &RawFrame<'_>,
    ) -> Result<(), Fault> {
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        match session.phase {
            Phase::Running => {}
            Phase::Closing | Phase::Deaf => return Ok(()),
            _ => return Err(unexpected(frame)),
        }
        let dialect = session.dialect;
        let Some(channel) = session.channels.get_mut(&number) else {
            self.check_channel_limits(connection).map_err(|refusal| Fault::Refused(refusal, NOBODY))?;
            return match frame.kind {
                KIND_METHOD => self.method(connection, number, dialect, frame),
                _ => Err(wrong_turn(frame, Awaits::Method, NOBODY)),
            };
        };
        let incoming = &mut channel.incoming;
        let (publish, before) = (incoming.method, incoming.bytes());
        let refused = |refusal| Fault::Refused(refusal, publish);
        match (frame.kind, incoming.awaits) {
            (KIND_METHOD, Awaits::Method) => return self.method(connection, number, dialect, frame),
            (KIND_HEADER, Awaits::Header) => {
                let header = ContentHeader::decode(frame.payload);
                let header = header.map_err(|error| broken_header(&error, frame, publish))?;
                incoming.take_header(&header, self.config.max_message_bytes).map_err(refused)?;
            }
            (KIND_BODY, Awaits::Body(missing)) => {
                incoming.take_body(frame.payload, missing).map_err(refused)?;
            }
            (_, awaits) => return Err(wrong_turn(frame, awaits, publish)),
        }
        if incoming.awaits == Awaits::Body(0) {
            // What had come of it before is not unfinished any more.
            self.unfinished_bytes -= before;
            let fate = incoming.end();
            return self.meet(connection, number, fate).map_err(refused);
        }
        self.unfinished_bytes += incoming.bytes() - before;
        if frame.kind == KIND_BODY {
            self.limit_unfinished(connection, number);
        }
        Ok(())
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

    /// Bodies that have come in part may take so much memory and no more.
    fn limit_unfinished(&mut self, connection: ConnectionId, number: ChannelNumber) {
        let limit = self.unfinished_limit();
        if self.unfinished_bytes <= limit {
            return;
        }
        let Some(channel) = self.channel_mut(connection, number) else { return };
        let bytes = channel.incoming.bytes();
        if bytes > 0 {
            channel.incoming.refuse_when_whole(too_much_unfinished(limit));
            self.unfinished_bytes -= bytes;
        }
    }

    /// A method and its content have come whole.
    fn meet(&mut self, connection: ConnectionId, number: ChannelNumber, fate: Fate) -> Outcome {
        match fate {
            Fate::Publish => self.publish(connection, number),
            Fate::Ignore => Ok(()),
            Fate::Refuse(refusal) => Err(refusal),
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

/// A frame of this kind does not belong where it stands. `publish`: the method whose content is awaited.
fn wrong_turn(frame: &RawFrame<'_>, awaits: Awaits, publish: (u16, u16)) -> Fault {
    match frame.kind {
        KIND_METHOD if method_ids(frame.payload).is_none() => unknown(frame),
        KIND_METHOD | KIND_HEADER | KIND_BODY => {
            let cause = if awaits == Awaits::Method { NOBODY } else { publish };
            Fault::Refused(out_of_turn(awaits), cause)
        }
        KIND_HEARTBEAT => unexpected(frame),
        _ => unknown(frame),
    }
}

//! An AMQP client as a machine: bytes in, bytes out. It knows the protocol, and nothing of what a broker does.

mod content;
mod setup;

use std::collections::VecDeque;

use warren_core::{
    DeliveryTag,
    wire::{
        ContentHeader, FieldTable, FieldValue, FrameReader, Method, PROTOCOL_HEADER, RawFrame, encode_body,
    },
};

use content::Assembly;
pub(crate) use content::{Delivery, FAILS_HEADER, Message, Parcel, WORK_HEADER, deaths, seal};
pub(crate) use setup::Request;

use crate::script::{Answer, Incoming};

/// The pseudo-queue of answers that need no queue (RabbitMQ's direct reply-to).
pub(crate) const DIRECT_REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// A frame of type 8 on channel 0, without a payload.
const HEARTBEAT: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xCE];
/// basic.
const CLASS_BASIC: u16 = 60;
/// frame-min-size of AMQP 0-9-1: what holds until tune.
const FRAME_MIN: u32 = 4096;

/// What RabbitMQ allows; it holds until tune.
const CHANNEL_MAX: u16 = 2047;

/// A client of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    name: String,
    /// Those that are open, or are going to be.
    channels: Vec<Channel>,
    /// The number of the latest one: none is used twice.
    latest: u16,
    channel_max: u16,
    /// The handshake is done.
    is_open: bool,
    /// After how many seconds of silence it gives up; 0 for never.
    heartbeat_s: u16,
    /// Whether it has sent, and whether it has heard, anything since the last look.
    has_sent: bool,
    has_heard: bool,
    reader: FrameReader,
    frame_max: u32,
    out: Vec<u8>,
    /// What it learnt, with the channel that it is about; 0 is the connection.
    events: VecDeque<(u16, ClientEvent)>,
}

/// A channel of a client.
#[derive(Clone, Debug)]
struct Channel {
    number: u16,
    /// Sent in one go once the handshake is done; the broker takes the frames of a connection in order.
    requests: Vec<Request>,
    /// Answers that are still to come before the channel is ready.
    awaited: u64,
    /// The message whose frames are coming in.
    assembly: Option<Assembly>,
    /// Whether its messages are wanted whole, and the answers to what is asked on it later: by a program.
    is_of_program: bool,
}

/// What a client learns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ClientEvent {
    /// Everything asked for at the start has been answered.
    Ready,
    /// What was asked for later has been answered. Only on a channel of a program.
    Answered(Answer),
    /// The broker has taken responsibility for publish `number`, and for all before it where `multiple`.
    Confirmed { number: u64, multiple: bool },
    /// A queue did not take publish `number`, or all up to it where `multiple`.
    Nacked { number: u64, multiple: bool },
    /// What was published since the last transaction is done.
    Committed,
    /// What was published since the last transaction is undone.
    RolledBack,
    /// A mandatory message came back: what it is, on a channel of a program.
    Returned(Option<Box<Incoming>>),
    /// A message came.
    Delivered(Delivery),
    /// The broker closed the channel or the connection.
    Closed { reason: String },
}

impl Client {
    /// A client that says hello at once.
    pub(crate) fn new(name: &str, heartbeat_s: u16) -> Self {
        Client {
            name: name.into(),
            channels: Vec::new(),
            latest: 0,
            channel_max: CHANNEL_MAX,
            is_open: false,
            heartbeat_s,
            has_sent: true,
            has_heard: true,
            reader: FrameReader::new(FRAME_MIN),
            frame_max: FRAME_MIN,
            out: PROTOCOL_HEADER.to_vec(),
            events: VecDeque::new(),
        }
    }

    /// Whether it can open one more channel: numbers are not used again.
    pub(crate) const fn has_channel_left(&self) -> bool {
        self.latest < self.channel_max
    }

    /// Opens one more channel, and makes `requests` on it as soon as it may. `None` if all numbers have been used.
    pub(crate) fn open_channel(&mut self, requests: Vec<Request>, is_of_program: bool) -> Option<u16> {
        if !self.has_channel_left() {
            return None;
        }
        self.latest += 1;
        let number = self.latest;
        let mut channel = Channel { number, requests, awaited: 0, assembly: None, is_of_program };
        if self.is_open {
            channel.open(&mut self.out);
        }
        self.channels.push(channel);
        Some(number)
    }

    /// Closes a channel, unless it is closed, and does not wait for the answer.
    pub(crate) fn leave_channel(&mut self, number: u16) {
        let channels = self.channels.len();
        self.channels.retain(|channel| channel.number != number);
        if self.channels.len() < channels {
            self.close(number);
        }
    }

    /// Takes in bytes, cut anywhere.
    pub(crate) fn receive(&mut self, mut bytes: &[u8]) {
        self.has_heard = true;
        // The reader lends the frame out, so it is moved aside while the frame is dealt with.
        let mut reader = std::mem::replace(&mut self.reader, FrameReader::new(0));
        let mut frame_max = self.frame_max;
        loop {
            match reader.read(&mut bytes) {
                Ok(Some(frame)) => self.frame(&frame),
                Ok(None) => break,
                Err(error) => {
                    self.events.push_back((0, ClientEvent::Closed { reason: error.to_string() }));
                    break;
                }
            }
            if frame_max != self.frame_max {
                frame_max = self.frame_max;
                reader.set_frame_max(frame_max);
            }
        }
        self.reader = reader;
    }

    /// What it learnt, first things first, with the channel that it is about; 0 is the connection.
    pub(crate) fn poll_event(&mut self) -> Option<(u16, ClientEvent)> {
        self.events.pop_front()
    }

    /// What it has to send.
    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        self.has_sent |= !self.out.is_empty();
        std::mem::take(&mut self.out)
    }

    /// A quarter of the heartbeat has passed: puts a heartbeat frame on the wire if nothing else was. Whether anything
    /// has been heard since the last time.
    pub(crate) fn beat(&mut self) -> bool {
        let is_tuned = self.frame_max != FRAME_MIN;
        if !std::mem::take(&mut self.has_sent) && is_tuned {
            self.out.extend_from_slice(&HEARTBEAT);
        }
        std::mem::take(&mut self.has_heard)
    }

    /// basic.publish
    pub(crate) fn publish(&mut self, channel: u16, message: &Message<'_>) {
        let Message { exchange, routing_key, mandatory, properties, body } = *message;
        let method = Method::BasicPublish { ticket: 0, exchange, routing_key, mandatory, immediate: false };
        let flags_and_values = properties.to_bytes();
        self.out.reserve(128 + flags_and_values.len() + body.len());
        method.encode(channel, &mut self.out);
        let body_size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let header = ContentHeader { class_id: CLASS_BASIC, body_size, properties: &flags_and_values };
        header.encode(channel, &mut self.out);
        encode_body(channel, self.frame_max, body, &mut self.out);
    }

    /// Asks for something once the channel is open.
    pub(crate) fn ask(&mut self, channel: u16, request: &Request) {
        request.encode(channel, &mut self.out);
    }

    /// basic.ack of one delivery, or of all up to it
    pub(crate) fn ack(&mut self, channel: u16, delivery_tag: DeliveryTag, multiple: bool) {
        let method = Method::BasicAck { delivery_tag: delivery_tag.0, multiple };
        method.encode(channel, &mut self.out);
    }

    /// basic.reject of one delivery
    pub(crate) fn reject(&mut self, channel: u16, delivery_tag: DeliveryTag, requeue: bool) {
        let method = Method::BasicReject { delivery_tag: delivery_tag.0, requeue };
        method.encode(channel, &mut self.out);
    }

    /// basic.nack of one delivery, or of all up to it
    pub(crate) fn nack(&mut self, channel: u16, delivery_tag: DeliveryTag, multiple: bool, requeue: bool) {
        let method = Method::BasicNack { delivery_tag: delivery_tag.0, multiple, requeue };
        method.encode(channel, &mut self.out);
    }

    /// channel.close, and nothing more after that
    pub(crate) fn close(&mut self, channel: u16) {
        let close = Method::ChannelClose { reply_code: 200, reply_text: "bye", class_id: 0, method_id: 0 };
        close.encode(channel, &mut self.out);
    }

    /// tx.commit
    pub(crate) fn commit(&mut self, channel: u16) {
        Method::TxCommit {}.encode(channel, &mut self.out);
    }

    /// tx.rollback
    pub(crate) fn roll_back(&mut self, channel: u16) {
        Method::TxRollback {}.encode(channel, &mut self.out);
    }

    fn frame(&mut self, frame: &RawFrame<'_>) {
        match frame.kind {
            1 => match Method::decode(frame.payload) {
                Ok(method) if frame.channel == 0 => self.connection_method(&method),
                Ok(method) => self.channel_method(frame.channel, &method),
                Err(error) => self.events.push_back((0, ClientEvent::Closed { reason: error.to_string() })),
            },
            2 | 3 => self.content(frame),
            _ => {}
        }
    }

    fn connection_method(&mut self, method: &Method<'_>) {
        match *method {
            Method::ConnectionStart { .. } => self.log_in(),
            Method::ConnectionTune { channel_max, frame_max, .. } => self.open(channel_max, frame_max),
            Method::ConnectionClose { reply_code, reply_text, .. } => {
                Method::ConnectionCloseOk {}.encode(0, &mut self.out);
                self.events
                    .push_back((0, ClientEvent::Closed { reason: format!("{reply_code} {reply_text}") }));
            }
            _ => {}
        }
    }

    /// What comes on a channel that it has left is nothing to it.
    fn channel_method(&mut self, number: u16, method: &Method<'_>) {
        let Some(channel) = self.channels.iter_mut().find(|channel| channel.number == number) else { return };
        let is_over = matches!(method, Method::ChannelClose { .. } | Method::ChannelCloseOk { .. });
        let event = match *method {
            Method::BasicAck { delivery_tag, multiple } => {
                ClientEvent::Confirmed { number: delivery_tag, multiple }
            }
            Method::BasicNack { delivery_tag, multiple, .. } => {
                ClientEvent::Nacked { number: delivery_tag, multiple }
            }
            Method::TxCommitOk { .. } => ClientEvent::Committed,
            Method::TxRollbackOk { .. } => ClientEvent::RolledBack,
            Method::BasicDeliver { .. } | Method::BasicReturn { .. } => {
                channel.assembly = Assembly::begin(method, channel.is_of_program);
                return;
            }
            Method::ChannelCloseOk { .. } => {
                ClientEvent::Closed { reason: "it has closed its channel".into() }
            }
            Method::BasicCancel { .. } => {
                ClientEvent::Closed { reason: "the broker cancelled the consumer".into() }
            }
            Method::ChannelClose { reply_code, reply_text, .. } => {
                Method::ChannelCloseOk {}.encode(number, &mut self.out);
                ClientEvent::Closed { reason: format!("{reply_code} {reply_text}") }
            }
            _ if setup::is_answer(method) && channel.is_ready() && channel.is_of_program => {
                ClientEvent::Answered(setup::answer(method))
            }
            _ if setup::is_answer(method) && channel.answered() => ClientEvent::Ready,
            _ => return,
        };
        if is_over {
            self.channels.retain(|channel| channel.number != number);
        }
        self.events.push_back((number, event));
    }

    /// connection.start-ok with PLAIN, as guest.
    fn log_in(&mut self) {
        let capabilities = ["publisher_confirms", "consumer_cancel_notify", "authentication_failure_close"];
        let mut table = FieldTable::default();
        for capability in capabilities {
            table.insert(capability, FieldValue::Bool(true));
        }
        let mut client_properties = FieldTable::default();
        client_properties.insert("connection_name", FieldValue::LongStr(self.name.as_bytes().to_vec()));
        client_properties.insert("capabilities", FieldValue::Table(table));
        let start_ok = Method::ConnectionStartOk {
            client_properties,
            mechanism: "PLAIN",
            response: b"\0guest\0guest",
            locale: "en_US",
        };
        start_ok.encode(0, &mut self.out);
    }

    /// tune-ok, open, and all requests of all channels.
    fn open(&mut self, channel_max: u16, frame_max: u32) {
        self.frame_max = frame_max;
        // 0 is for no limit of its own (AMQP 0-9-1, connection.tune).
        self.channel_max = if channel_max == 0 { u16::MAX } else { channel_max };
        self.is_open = true;
        let heartbeat = self.heartbeat_s;
        Method::ConnectionTuneOk { channel_max, frame_max, heartbeat }.encode(0, &mut self.out);
        Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false }
            .encode(0, &mut self.out);
        for channel in &mut self.channels {
            channel.open(&mut self.out);
        }
    }

    fn content(&mut self, frame: &RawFrame<'_>) {
        let mut channels = self.channels.iter_mut();
        let Some(channel) = channels.find(|channel| channel.number == frame.channel) else { return };
        let Some(mut assembly) = channel.assembly.take() else { return };
        match assembly.add(frame) {
            Ok(true) => self.events.push_back((frame.channel, assembly.finish())),
            Ok(false) => channel.assembly = Some(assembly),
            Err(reason) => self.events.push_back((0, ClientEvent::Closed { reason })),
        }
    }
}

impl Channel {
    /// channel.open, and all requests.
    fn open(&mut self, out: &mut Vec<u8>) {
        Method::ChannelOpen { out_of_band: "" }.encode(self.number, out);
        self.awaited = 1;
        for request in std::mem::take(&mut self.requests) {
            request.encode(self.number, out);
            self.awaited += 1;
        }
    }

    /// Whether all that was asked at the start has been answered.
    const fn is_ready(&self) -> bool {
        self.awaited == 0
    }

    /// Whether that was the last answer it waited for.
    const fn answered(&mut self) -> bool {
        let was_waiting = self.awaited > 0;
        self.awaited = self.awaited.saturating_sub(1);
        was_waiting && self.awaited == 0
    }
}

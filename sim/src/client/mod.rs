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

/// The pseudo-queue of answers that need no queue (RabbitMQ's direct reply-to).
pub(crate) const DIRECT_REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// The one channel a client opens.
const CHANNEL: u16 = 1;
/// A frame of type 8 on channel 0, without a payload.
const HEARTBEAT: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xCE];
/// basic.
const CLASS_BASIC: u16 = 60;
/// frame-min-size of AMQP 0-9-1: what holds until tune.
const FRAME_MIN: u32 = 4096;

/// A client of one connection with one channel.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    name: String,
    /// Sent in one go once the handshake is done; the broker takes the frames of a connection in order.
    requests: Vec<Request>,
    /// Answers that are still to come before the client is ready.
    awaited: u64,
    /// After how many seconds of silence it gives up; 0 for never.
    heartbeat_s: u16,
    /// Whether it has sent, and whether it has heard, anything since the last look.
    has_sent: bool,
    has_heard: bool,
    reader: FrameReader,
    frame_max: u32,
    /// The message whose frames are coming in.
    assembly: Option<Assembly>,
    out: Vec<u8>,
    events: VecDeque<ClientEvent>,
}

/// What a client learns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ClientEvent {
    /// Everything asked for at the start has been answered.
    Ready,
    /// The broker has taken responsibility for publish `number`, and for all before it where `multiple`.
    Confirmed { number: u64, multiple: bool },
    /// A queue did not take publish `number`, or all up to it where `multiple`.
    Nacked { number: u64, multiple: bool },
    /// What was published since the last transaction is done.
    Committed,
    /// What was published since the last transaction is undone.
    RolledBack,
    /// A mandatory message came back.
    Returned,
    /// A message came.
    Delivered(Delivery),
    /// The broker closed the channel or the connection.
    Closed { reason: String },
}

impl Client {
    /// A client that says hello at once, and makes `requests` as soon as it may.
    pub(crate) fn new(name: &str, heartbeat_s: u16, requests: Vec<Request>) -> Self {
        Client {
            name: name.into(),
            requests,
            awaited: 0,
            heartbeat_s,
            has_sent: true,
            has_heard: true,
            reader: FrameReader::new(FRAME_MIN),
            frame_max: FRAME_MIN,
            assembly: None,
            out: PROTOCOL_HEADER.to_vec(),
            events: VecDeque::new(),
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
                    self.events.push_back(ClientEvent::Closed { reason: error.to_string() });
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

    /// What it learnt, first things first.
    pub(crate) fn poll_event(&mut self) -> Option<ClientEvent> {
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
    pub(crate) fn publish(&mut self, message: &Message<'_>) {
        let Message { exchange, routing_key, mandatory, properties, body } = *message;
        let method = Method::BasicPublish { ticket: 0, exchange, routing_key, mandatory, immediate: false };
        let flags_and_values = properties.to_bytes();
        self.out.reserve(128 + flags_and_values.len() + body.len());
        method.encode(CHANNEL, &mut self.out);
        let body_size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let header = ContentHeader { class_id: CLASS_BASIC, body_size, properties: &flags_and_values };
        header.encode(CHANNEL, &mut self.out);
        encode_body(CHANNEL, self.frame_max, body, &mut self.out);
    }

    /// basic.ack of one delivery, or of all up to it
    pub(crate) fn ack(&mut self, delivery_tag: DeliveryTag, multiple: bool) {
        let method = Method::BasicAck { delivery_tag: delivery_tag.0, multiple };
        method.encode(CHANNEL, &mut self.out);
    }

    /// basic.reject of one delivery
    pub(crate) fn reject(&mut self, delivery_tag: DeliveryTag, requeue: bool) {
        let method = Method::BasicReject { delivery_tag: delivery_tag.0, requeue };
        method.encode(CHANNEL, &mut self.out);
    }

    /// basic.nack of one delivery
    pub(crate) fn nack(&mut self, delivery_tag: DeliveryTag, requeue: bool) {
        let method = Method::BasicNack { delivery_tag: delivery_tag.0, multiple: false, requeue };
        method.encode(CHANNEL, &mut self.out);
    }

    /// channel.close, and nothing more after that
    pub(crate) fn close(&mut self) {
        let close = Method::ChannelClose { reply_code: 200, reply_text: "bye", class_id: 0, method_id: 0 };
        close.encode(CHANNEL, &mut self.out);
    }

    /// tx.commit
    pub(crate) fn commit(&mut self) {
        Method::TxCommit {}.encode(CHANNEL, &mut self.out);
    }

    /// tx.rollback
    pub(crate) fn roll_back(&mut self) {
        Method::TxRollback {}.encode(CHANNEL, &mut self.out);
    }

    fn frame(&mut self, frame: &RawFrame<'_>) {
        match frame.kind {
            1 => match Method::decode(frame.payload) {
                Ok(method) => self.method(method),
                Err(error) => self.events.push_back(ClientEvent::Closed { reason: error.to_string() }),
            },
            2 | 3 => self.content(frame),
            _ => {}
        }
    }

    fn method(&mut self, method: Method<'_>) {
        match method {
            Method::ConnectionStart { .. } => self.log_in(),
            Method::ConnectionTune { channel_max, frame_max, .. } => self.open(channel_max, frame_max),
            Method::BasicAck { delivery_tag, multiple } => {
                self.events.push_back(ClientEvent::Confirmed { number: delivery_tag, multiple });
            }
            Method::BasicNack { delivery_tag, multiple, .. } => {
                self.events.push_back(ClientEvent::Nacked { number: delivery_tag, multiple });
            }
            Method::TxCommitOk { .. } => self.events.push_back(ClientEvent::Committed),
            Method::TxRollbackOk { .. } => self.events.push_back(ClientEvent::RolledBack),
            Method::BasicDeliver { .. } | Method::BasicReturn { .. } => {
                self.assembly = Assembly::begin(&method);
            }
            Method::ChannelCloseOk { .. } => {
                self.events.push_back(ClientEvent::Closed { reason: "it has closed its channel".into() });
            }
            Method::BasicCancel { .. } => {
                let reason = "the broker cancelled the consumer".into();
                self.events.push_back(ClientEvent::Closed { reason });
            }
            Method::ChannelClose { reply_code, reply_text, .. } => {
                Method::ChannelCloseOk {}.encode(CHANNEL, &mut self.out);
                self.events.push_back(ClientEvent::Closed { reason: format!("{reply_code} {reply_text}") });
            }
            Method::ConnectionClose { reply_code, reply_text, .. } => {
                Method::ConnectionCloseOk {}.encode(0, &mut self.out);
                self.events.push_back(ClientEvent::Closed { reason: format!("{reply_code} {reply_text}") });
            }
            answer if setup::is_answer(&answer) => self.answered(),
            _ => {}
        }
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

    /// tune-ok, open, and all requests.
    fn open(&mut self, channel_max: u16, frame_max: u32) {
        self.frame_max = frame_max;
        let heartbeat = self.heartbeat_s;
        Method::ConnectionTuneOk { channel_max, frame_max, heartbeat }.encode(0, &mut self.out);
        Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false }
            .encode(0, &mut self.out);
        Method::ChannelOpen { out_of_band: "" }.encode(CHANNEL, &mut self.out);
        self.awaited = 2;
        for request in std::mem::take(&mut self.requests) {
            request.encode(CHANNEL, &mut self.out);
            self.awaited += 1;
        }
    }

    fn answered(&mut self) {
        self.awaited = self.awaited.saturating_sub(1);
        if self.awaited == 0 {
            self.events.push_back(ClientEvent::Ready);
        }
    }

    fn content(&mut self, frame: &RawFrame<'_>) {
        let Some(mut assembly) = self.assembly.take() else { return };
        match assembly.add(frame) {
            Ok(true) => self.events.push_back(assembly.finish()),
            Ok(false) => self.assembly = Some(assembly),
            Err(reason) => self.events.push_back(ClientEvent::Closed { reason }),
        }
    }
}

//! basic.publish: from its method to the queues that take the message (AMQP 0-9-1 reference, section 1.8).

use std::sync::Arc;

use super::Broker;
use crate::{
    ChannelNumber, ConnectionId, Fact, MessageId, Name, QueueId, ReplyCode,
    exchange::Routable,
    message::Message,
    refusal::{Outcome, Refusal, exchange_in},
    session::{Awaits, Incoming, Mode},
    wire::{ContentHeader, FieldTable, Method, Properties, encode_body},
};

/// delivery-mode of a message that asks to survive a restart.
const PERSISTENT: u8 = 2;

/// Who published a message, and what is due to them.
struct Origin {
    connection: ConnectionId,
    channel: ChannelNumber,
    vhost: Name,
    mandatory: bool,
}

impl Broker {
    /// The method has come; its content follows.
    pub(super) fn begin_publish(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        (exchange, routing_key): (&str, &str),
        mandatory: bool,
    ) -> Outcome {
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        let known = self.vhosts.get(&session.vhost).and_then(|vhost| vhost.exchanges.get(exchange));
        // An unknown exchange is refused once the content has come, as RabbitMQ does.
        let exchange = known.map_or_else(|| Name::from(exchange), |known| known.name.clone());
        let Some(channel) = session.channels.get_mut(&channel) else { return Ok(()) };
        channel.incoming.begin(exchange, routing_key, mandatory);
        Ok(())
    }

    /// The content has come whole.
    pub(super) fn publish(&mut self, connection: ConnectionId, channel: ChannelNumber) -> Outcome {
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        let Some(open) = session.channels.get_mut(&channel) else { return Ok(()) };
        let mandatory = open.incoming.mandatory;
        let (message, headers) = open.incoming.finish(MessageId(self.latest.message + 1), &session.user)?;
        let origin = Origin { connection, channel, vhost: session.vhost.clone(), mandatory };
        self.find_routes(&origin.vhost, &message, headers.as_ref())?;

        self.latest.message += 1;
        self.count_publish(&origin, &message);
        self.enqueue(&origin, message);
        Ok(())
    }

    /// Fills `self.routes`.
    fn find_routes(&mut self, vhost: &Name, message: &Message, headers: Option<&FieldTable>) -> Outcome {
        let Some(vhost) = self.vhosts.get(vhost) else { return Ok(()) };
        let exchange = vhost.exchange(&message.exchange)?;
        if exchange.internal {
            let text = format!("cannot publish to internal {}", exchange_in(&exchange.name, &vhost.name));
            return Err(Refusal::new(ReplyCode::AccessRefused, text));
        }
        let routable = Routable { routing_key: message.routing_key(), headers };
        vhost.route(exchange, &routable, &mut self.routes);
        Ok(())
    }

    /// The message is accepted: its channel counts it, and owes a confirm if it confirms.
    fn count_publish(&mut self, origin: &Origin, message: &Message) {
        let &Origin { connection, channel, ref vhost, .. } = origin;
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.publishes = true;
        let Some(open) = session.channels.get_mut(&channel) else { return };
        open.published += 1;
        let number = open.published;
        if let Mode::Confirm { latest, told } = &mut open.mode {
            if latest == told {
                self.unconfirmed.push((connection, channel));
            }
            *latest += 1;
        }
        self.events.emit(vhost, || Fact::Published {
            message: message.id,
            connection,
            channel,
            number,
            exchange: message.exchange.clone(),
            routing_key: message.routing_key().into(),
            body_bytes: message.body().len() as u64,
            persistent: message.persistent,
        });
    }

    /// Puts the message into the queues of `self.routes`.
    fn enqueue(&mut self, origin: &Origin, message: Message) {
        if self.routes.is_empty() {
            return self.unroutable(origin, &message);
        }
        let queues = std::mem::take(&mut self.routes);
        self.events.emit(&origin.vhost, || Fact::Routed {
            message: message.id,
            queues: queues.iter().filter_map(|id| Some(self.queues.get(id)?.name.clone())).collect(),
        });
        let message = Arc::new(message);
        for &id in &queues {
            self.put(id, message.clone());
        }
        self.routes = queues;
    }

    fn put(&mut self, id: QueueId, message: Arc<Message>) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        self.message_bytes += message.size();
        let message_id = message.id;
        queue.push(message);
        self.events.emit(&queue.vhost, || Fact::Enqueued { message: message_id, queue: queue.name.clone() });
        self.dispatch(id);
    }

    fn unroutable(&mut self, origin: &Origin, message: &Message) {
        let mandatory = origin.mandatory;
        self.events.emit(&origin.vhost, || Fact::Unroutable { message: message.id, mandatory });
        if !mandatory {
            return;
        }
        let code = ReplyCode::NoRoute;
        let method = Method::BasicReturn {
            reply_code: code.code(),
            reply_text: code.word(),
            exchange: &message.exchange,
            routing_key: message.routing_key(),
        };
        self.send(origin.connection, origin.channel, &method);
        if let Some(session) = self.sessions.get_mut(&origin.connection) {
            let frame_max = session.frame_max;
            encode_content(message, origin.channel, frame_max, &mut session.out);
        }
    }

    /// Tells publishers in confirm mode that their messages are safe.
    pub(super) fn confirm_publishes(&mut self) {
        let mut unconfirmed = std::mem::take(&mut self.unconfirmed);
        for (connection, number) in unconfirmed.drain(..) {
            let Some(session) = self.sessions.get_mut(&connection) else { continue };
            let vhost = session.vhost.clone();
            let Some(channel) = session.channels.get_mut(&number) else { continue };
            let Mode::Confirm { latest, told } = &mut channel.mode else { continue };
            if channel.closing || told == latest {
                continue;
            }
            let (delivery_tag, multiple) = (*latest, *latest - *told > 1);
            *told = *latest;
            self.send(connection, number, &Method::BasicAck { delivery_tag, multiple });
            self.events.emit(&vhost, || Fact::Confirmed {
                connection,
                channel: number,
                number: delivery_tag,
                multiple,
            });
        }
        // The list is empty again; its memory is kept.
        self.unconfirmed = unconfirmed;
    }
}

impl Incoming {
    fn begin(&mut self, exchange: Name, routing_key: &str, mandatory: bool) {
        self.awaits = Awaits::Header;
        self.exchange = Some(exchange);
        self.mandatory = mandatory;
        self.routing_key.clear();
        self.routing_key.push_str(routing_key);
    }

    /// The message, once its content is whole, and its headers.
    fn finish(&mut self, id: MessageId, user: &Name) -> Outcome<(Message, Option<FieldTable>)> {
        self.awaits = Awaits::Method;
        let payload = std::mem::take(&mut self.payload);
        let key_len = self.routing_key.len();
        let raw = payload.get(key_len..key_len + self.properties_len as usize).unwrap_or_default();
        let properties = Properties::decode(raw)
            .map_err(|error| Refusal::new(ReplyCode::SyntaxError, format!("basic properties: {error}")))?;
        check_properties(&properties, user)?;
        let persistent = properties.delivery_mode == Some(PERSISTENT);
        let headers = properties.headers;
        let exchange = self.exchange.take().unwrap_or_default();
        // A routing key is a short string: 255 bytes at most.
        let message = Message::new(id, exchange, persistent, key_len as u8, self.properties_len, payload);
        Ok((message, headers))
    }
}

/// Writes content header and body.
#[inline]
pub(super) fn encode_content(message: &Message, channel: ChannelNumber, frame_max: u32, out: &mut Vec<u8>) {
    const CLASS_BASIC: u16 = 60;
    let (properties, body) = (message.properties(), message.body());
    let header = ContentHeader { class_id: CLASS_BASIC, body_size: body.len() as u64, properties };
    header.encode(channel.0, out);
    encode_body(channel.0, frame_max, body, out);
}

/// Refuses properties that are wrong, and those that this version would ignore against the publisher's will.
fn check_properties(properties: &Properties<'_>, user: &Name) -> Outcome {
    let refuse = |text: String| Err(Refusal::new(ReplyCode::PreconditionFailed, text));
    if let Some(claimed) = properties.user_id
        && *user != claimed
    {
        return refuse(format!("user_id property set to '{claimed}' but authenticated user was '{user}'"));
    }
    if let Some(expiration) = properties.expiration {
        return match expiration.parse::<u32>() {
            Err(_) => refuse(format!("invalid expiration '{expiration}': no_integer")),
            Ok(_) => refuse("message expiration is not supported by this version of Warren".into()),
        };
    }
    let Some(headers) = &properties.headers else { return Ok(()) };
    match ["CC", "BCC"].into_iter().find(|key| headers.get(key).is_some()) {
        Some(key) => refuse(format!("header {key} is not supported by this version of Warren")),
        None => Ok(()),
    }
}

//! basic.publish: from its method to its routes (AMQP 0-9-1 reference, section 1.8).

use std::sync::Arc;

use super::{
    Broker,
    durable::Taken,
    enqueue::{Sender, name_of},
    memory::too_much_unfinished,
    reply_to::could_be_reply_address,
};
use crate::{
    Behaviour, ChannelNumber, ConnectionId, Fact, MessageId, Name, QueueId, ReplyCode,
    exchange::Routable,
    explain::{Asked, Routing},
    journal::Group,
    message::{Extras, Message, Payload},
    queue::check_duration_ms,
    refusal::{Outcome, Refusal, exchange_in},
    routing::{Notes, Routes, route},
    session::{Mode, Publish},
    wire::{ContentHeader, FieldTable, FieldValue, Method, Properties, ShortStr, encode_body},
};

/// delivery-mode of a message that asks to survive a restart.
const PERSISTENT: u8 = 2;
/// delivery-mode of a message that does not.
const TRANSIENT: u8 = 1;

/// Who published a message, and what is due to them.
pub(super) struct Origin {
    pub(super) connection: ConnectionId,
    pub(super) channel: ChannelNumber,
    pub(super) vhost: Name,
    pub(super) mandatory: bool,
    /// The message is not lost if no queue takes it now: an exchange holds it back, or its answer has gone out past queues.
    pub(super) held_back: bool,
    /// The commit with which what exchanges hold of it is safe.
    pub(super) held_commit: Option<Group>,
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
        let vhost = session.vhost.clone();
        let Some(open) = session.channels.get_mut(&channel) else { return Ok(()) };
        let (mandatory, in_transaction) =
            (open.incoming.mandatory, matches!(open.mode, Mode::Transaction(_)));
        let (exchange, payload) = open.incoming.finish();
        self.check_publish(connection, channel, &exchange)?;
        self.check_exchange(&vhost, &exchange)?;
        let (message, headers) = self.read_message(connection, channel, exchange, payload)?;
        self.check_publish_keys(connection, &message)?;
        self.latest.message += 1;
        let mut routes = std::mem::take(&mut self.routes);
        routes.clear();
        let routed = self.route(&vhost, &message.exchange, &message, headers.as_ref(), &mut routes);
        if routed.is_ok() {
            let message = Arc::new(message);
            let held_back = !routes.delays.is_empty();
            let held_commit = None;
            let mandatory = mandatory && !(self.drops_late_replies() && is_late_reply(&message, &routes));
            let mut origin = Origin { connection, channel, vhost, mandatory, held_back, held_commit };
            if in_transaction {
                self.check_transaction(&origin, &message)?;
            }
            self.count_publish(&origin, &message);
            origin.held_back |= self.reply_past_queues(&message, &mut routes);
            origin.held_commit = self.set_aside(&origin.vhost, &message, &routes);
            self.take_publish(&origin, &message, &routes.queues);
        }
        self.routes = routes;
        routed
    }

    fn check_exchange(&self, vhost: &Name, exchange: &Name) -> Outcome {
        let Some(vhost) = self.vhosts.get(vhost) else { return Ok(()) };
        let exchange = vhost.exchange(exchange)?;
        if exchange.properties.internal {
            let text = format!("cannot publish to internal {}", exchange_in(&exchange.name, &vhost.name));
            return Err(Refusal::new(ReplyCode::AccessRefused, text));
        }
        Ok(())
    }

    /// The message, and its headers.
    fn read_message(
        &self,
        connection: ConnectionId,
        channel: ChannelNumber,
        exchange: Name,
        payload: Payload,
    ) -> Outcome<(Message, Option<FieldTable>)> {
        // RabbitMQ stumbles over properties that are none.
        let mut properties =
            Properties::decode(payload.properties()).map_err(|_| Refusal::internal_error())?;
        if !self.config.has(Behaviour::ExpirationBeforeUserId) {
            self.check_user_id(connection, properties.user_id)?;
        }
        let address = self.reply_address(connection, channel, &properties)?;
        let mut expiration_ms = parse_expiration(properties.expiration)?;
        if planted!(self.config, ExpirationIgnored) {
            expiration_ms = None;
        }
        let extras = properties.headers.as_ref().map_or(Ok(None), read_extras)?;
        self.check_user_id(connection, properties.user_id)?;
        self.check_delivery_mode(properties.delivery_mode)?;

        if let Some(address) = &address {
            properties.reply_to = Some(address.as_str().into());
        }
        let hidden = properties.headers.as_mut().is_some_and(|headers| headers.remove("BCC").is_some());
        let rewritten = address.is_some() || hidden;
        let mut encoded = rewritten.then(|| properties.to_bytes());
        if planted!(self.config, HeadersDropped) {
            encoded = Some(Properties { headers: None, ..properties.clone() }.to_bytes());
        }
        let (persistent, mut priority) = (properties.delivery_mode == Some(PERSISTENT), properties.priority);
        if planted!(self.config, PriorityReversed) {
            priority = Some(9_u8.saturating_sub(priority.unwrap_or(0)));
        }
        let headers = properties.headers;
        let payload = match encoded {
            Some(encoded) => Payload::join(payload.routing_key(), &encoded, payload.body()),
            None => payload,
        };
        let id = MessageId(self.latest.message + 1);
        Ok((Message { id, exchange, persistent, priority, expiration_ms, extras, payload }, headers))
    }

    fn check_delivery_mode(&self, mode: Option<u8>) -> Outcome {
        match mode {
            None | Some(TRANSIENT | PERSISTENT) => Ok(()),
            Some(_) if self.config.has(Behaviour::AnyDeliveryMode) => Ok(()),
            Some(other) => {
                let text = format!("invalid message: {{delivery_mode_unknown,{other}}}");
                Err(Refusal::new(ReplyCode::PreconditionFailed, text))
            }
        }
    }

    fn check_user_id(&self, connection: ConnectionId, claimed: Option<ShortStr<'_>>) -> Outcome {
        let Some(claimed) = claimed else { return Ok(()) };
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        let user = &session.user;
        if claimed != **user && !session.impersonates {
            let text = format!("user_id property set to '{claimed}' but authenticated user was '{user}'");
            return Err(Refusal::new(ReplyCode::PreconditionFailed, text));
        }
        Ok(())
    }

    /// Adds where the message goes from an exchange.
    pub(super) fn route(
        &mut self,
        vhost: &Name,
        name: &Name,
        message: &Message,
        headers: Option<&FieldTable>,
        routes: &mut Routes,
    ) -> Outcome {
        let Some(vhost) = self.vhosts.get(vhost) else { return Ok(()) };
        let mut asked = self.routings.is_some().then(Vec::new);
        let Some(exchange) = vhost.exchanges.get(name) else {
            self.explain(message.id, name, asked);
            return Ok(());
        };
        let further_keys = message.further_keys(true);
        let (routing_key, encoded_properties) = (message.routing_key(), message.properties());
        let routable = Routable {
            routing_key,
            further_keys: &further_keys,
            headers,
            encoded_properties,
            compat: self.config.behaviours(),
            #[cfg(feature = "planted-bugs")]
            bug: self.config.bug,
        };
        let notes = Notes { message: message.id, asked: asked.as_mut(), passages: self.passages.as_mut() };
        let routed = route(vhost, exchange, &routable, &mut self.random, routes, notes);
        self.work.charge(routes.steps);
        self.explain(message.id, name, asked);
        routed
    }

    fn explain(&mut self, message: MessageId, exchange: &Name, asked: Option<Vec<Asked>>) {
        if let (Some(routings), Some(asked)) = (&mut self.routings, asked) {
            routings.push(Routing { message, exchange: exchange.clone(), asked });
        }
    }

    /// Routes a message that has been in the broker before. If an exchange stumbles over it, nobody is there any more who
    /// could be told.
    pub(super) fn route_again(&mut self, vhost: &Name, exchange: &Name, message: &Arc<Message>) -> Routes {
        let headers = Properties::decode(message.properties()).ok().and_then(|properties| properties.headers);
        let mut routes = Routes::default();
        if self.route(vhost, exchange, message, headers.as_ref(), &mut routes).is_err() {
            return Routes::default();
        }
        self.set_aside(vhost, message, &routes);
        routes
    }

    /// A message that is too much for its transaction is refused. The channel is closed by that, and the transaction rolled
    /// back.
    fn check_transaction(&self, origin: &Origin, message: &Message) -> Outcome {
        let session = self.sessions.get(&origin.connection);
        let channel = session.and_then(|session| session.channels.get(&origin.channel));
        let Some(Mode::Transaction(transaction)) = channel.map(|channel| &channel.mode) else {
            return Ok(());
        };
        let limit = self.config.max_transaction_bytes.min(self.unfinished_limit());
        let bytes = transaction.bytes + message.size();
        if bytes > limit {
            let text = format!("transaction size {bytes} is larger than configured max size {limit}");
            return Err(Refusal::new(ReplyCode::PreconditionFailed, text));
        }
        if self.unfinished_bytes + message.size() > self.unfinished_limit() {
            return Err(too_much_unfinished(self.unfinished_limit()));
        }
        Ok(())
    }

    /// The message is accepted and counted.
    fn count_publish(&mut self, origin: &Origin, message: &Message) {
        let &Origin { connection, channel, ref vhost, .. } = origin;
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        if self.alarms.any() && !std::mem::replace(&mut session.publishes, true) {
            self.publish_while_blocked.push(connection);
        }
        let Some(open) = session.channels.get_mut(&channel) else { return };
        open.published += 1;
        let number = open.published;
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

    /// Queues the message now, or when its transaction is committed.
    fn take_publish(&mut self, origin: &Origin, message: &Arc<Message>, routes: &[QueueId]) {
        let Some(session) = self.sessions.get_mut(&origin.connection) else { return };
        let Some(channel) = session.channels.get_mut(&origin.channel) else { return };
        match &mut channel.mode {
            Mode::Plain => {
                self.complete_publish(origin, message, routes);
            }
            Mode::Confirm(_) if planted!(self.config, ConfirmBeforeReturn) && routes.is_empty() => {
                self.owe_confirm(origin.connection, origin.channel, Taken { by_all: true, group: None });
                self.confirm_publishes();
                self.complete_publish(origin, message, routes);
            }
            Mode::Confirm(_) if planted!(self.config, UnroutableNotConfirmed) && routes.is_empty() => {
                self.complete_publish(origin, message, routes);
            }
            Mode::Transaction(_) if planted!(self.config, TxPublishAtOnce) => {
                self.complete_publish(origin, message, routes);
            }
            Mode::Confirm(_) => {
                let taken = self.complete_publish(origin, message, routes);
                self.owe_confirm(origin.connection, origin.channel, taken);
            }
            Mode::Transaction(transaction) => {
                let &Origin { mandatory, held_back, .. } = origin;
                let named = |&id| Some((id, name_of(&self.queues, &self.reply_consumers, &id)?));
                let (message, queues) = (message.clone(), routes.iter().filter_map(named).collect());
                transaction.bytes += message.size();
                self.unfinished_bytes += message.size();
                transaction.publishes.push_back(Publish { message, mandatory, held_back, queues });
            }
        }
    }

    /// Queues the message, or returns it.
    pub(super) fn complete_publish(
        &mut self,
        origin: &Origin,
        message: &Arc<Message>,
        routes: &[QueueId],
    ) -> Taken {
        if routes.is_empty() {
            self.unroutable(origin, message);
            return Taken { by_all: true, group: origin.held_commit };
        }
        let Taken { by_all, group } = self.enqueue(&origin.vhost, message, routes, Sender::Told);
        Taken { by_all, group: group.max(origin.held_commit) }
    }

    fn unroutable(&mut self, origin: &Origin, message: &Message) {
        let mandatory = origin.mandatory;
        if !origin.held_back {
            self.events.emit(&origin.vhost, || Fact::Unroutable { message: message.id, mandatory });
        } else if mandatory {
            self.events.emit(&origin.vhost, || Fact::ReturnedEarly { message: message.id });
        }
        if !mandatory || planted!(self.config, NoReturn) {
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
}

/// Whether the message is a reply, and the client that it is for is gone.
fn is_late_reply(message: &Message, routes: &Routes) -> bool {
    routes.queues.is_empty()
        && message.exchange.is_empty()
        && (could_be_reply_address(message.routing_key())
            || message.further_keys(true).iter().any(|key| could_be_reply_address(key)))
}

/// Writes content header and body.
#[inline]
pub(super) fn encode_content(message: &Message, channel: ChannelNumber, frame_max: u32, out: &mut Vec<u8>) {
    encode_content_with(message.properties(), message.body(), channel, frame_max, out);
}

/// Writes content header and body, with other properties than the message's own.
#[inline]
pub(super) fn encode_content_with(
    properties: &[u8],
    body: &[u8],
    channel: ChannelNumber,
    frame_max: u32,
    out: &mut Vec<u8>,
) {
    const CLASS_BASIC: u16 = 60;
    let header = ContentHeader { class_id: CLASS_BASIC, body_size: body.len() as u64, properties };
    header.encode(channel.0, out);
    encode_body(channel.0, frame_max, body, out);
}

/// The expiration property in ms; the texts are RabbitMQ's.
fn parse_expiration(expiration: Option<ShortStr<'_>>) -> Outcome<Option<u64>> {
    let Some(expiration) = expiration else { return Ok(None) };
    let text = &*expiration.to_string();
    let refuse = |why: &str| -> Outcome<Option<u64>> {
        let text = format!("invalid expiration '{text}': {why}");
        Err(Refusal::new(ReplyCode::PreconditionFailed, text))
    };
    let signs = usize::from(text.starts_with(['-', '+']));
    let digits = text[signs..].bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(signs + digits);
    if digits == 0 {
        return refuse("no_integer");
    }
    if !rest.is_empty() {
        return refuse(&format!("{{leftover_string,\"{rest}\"}}"));
    }
    // What does not fit in 64 bits is too large, too, and shown as it was written.
    match number.parse::<i64>() {
        Ok(ms) => match check_duration_ms(ms) {
            Ok(()) => Ok(u64::try_from(ms).ok()),
            Err(why) => refuse(&why),
        },
        Err(_) => refuse(&format!("{{value_too_large,{number}}}")),
    }
}

/// The keys of the CC and BCC headers (RabbitMQ's sender-selected distribution).
fn read_extras(headers: &FieldTable) -> Outcome<Option<Box<Extras>>> {
    let (cc, bcc) = (read_keys(headers, "CC")?, read_keys(headers, "BCC")?);
    if cc.is_empty() && bcc.is_empty() {
        return Ok(None);
    }
    Ok(Some(Box::new(Extras { cc, bcc, ..Extras::default() })))
}

fn read_keys(headers: &FieldTable, header: &str) -> Outcome<Vec<Name>> {
    match headers.get(header) {
        None => Ok(Vec::new()),
        Some(FieldValue::Array(keys)) => {
            Ok(keys.iter().filter_map(FieldValue::as_text).map(Name::from).collect())
        }
        Some(other) => {
            let text = format!(
                "invalid message: {{unacceptable_type_in_header,\"{header}\",{}}}",
                other.type_name()
            );
            Err(Refusal::new(ReplyCode::PreconditionFailed, text))
        }
    }
}

//! Programs on the stage: actors that do what their code says, through the same clients as the others.

use warren_core::DeliveryTag;

use super::{Task, World};
use crate::{
    actor::{Actor, Draft, Held, Role, Running, Status},
    client::Parcel,
    happening::{ActorId, ChannelRef, Happening},
    network::Packet,
    script::{Command, Heard, Incoming, MOST_CALLS, MOST_TIMERS, Mistake, Reply, Request, Settlement},
};

/// A delivery that has reached a program.
pub(super) struct Given {
    pub held: Held,
    pub redelivered: bool,
    pub parcel: Parcel,
    pub incoming: Option<Box<Incoming>>,
}

/// How a program goes on after something that it did.
enum Next {
    GoesOn,
    /// It is over: nothing that it did later counts.
    Over,
    Ends(End),
}

/// How a program ends.
enum End {
    /// Its connection is closed in order.
    Finished,
    /// It is over at once, as by a crash.
    Exit,
    Failed(Mistake),
}

impl World {
    /// An actor begins to work: it connects, or its program starts. Without somebody to play its code it stays as it is.
    pub(super) fn begin(&mut self, id: ActorId) {
        let Some(interpreter) = self.interpreter.clone() else {
            if self.actor(id).is_some_and(|actor| actor.program.is_none()) {
                self.connect(id);
            }
            return;
        };
        let Some(actor) = self.actor(id) else { return };
        let Some(program) = &mut actor.program else { return self.connect(id) };
        if interpreter.plays(&program.code) {
            actor.running = Some(program.start(&actor.name));
            actor.status = Status::Connecting;
            self.tell(id, Heard::Start);
        }
    }

    /// Whether what an actor does is what its program does, and it runs.
    pub(super) fn is_running(&mut self, id: ActorId) -> bool {
        self.running(id).is_some()
    }

    fn running(&mut self, id: ActorId) -> Option<&mut Running> {
        self.actor(id)?.running.as_mut()
    }

    /// A program is told something, and does what it does then. Nothing if the actor has none that runs.
    pub(super) fn tell(&mut self, id: ActorId, what: Heard) {
        let Some(start) = self.running(id).map(|running| running.start) else { return };
        let reply = match self.ask_program(id, what) {
            Ok(reply) => reply,
            Err(mistake) => return self.end_program(id, End::Failed(mistake)),
        };
        let mut end = reply.mistake.map(End::Failed);
        for command in reply.commands {
            match self.obey(id, command) {
                Next::GoesOn => {}
                Next::Over => return,
                Next::Ends(how) => end = end.or(Some(how)),
            }
            // What it did may have ended it.
            if self.running(id).is_none_or(|running| running.start != start) {
                return;
            }
        }
        if let Some(end) = end {
            self.end_program(id, end);
        }
    }

    /// What a program answers.
    fn ask_program(&mut self, id: ActorId, what: Heard) -> Result<Reply, Mistake> {
        let (now, interpreter) = (self.now, self.interpreter.clone());
        let (Some(running), Some(interpreter)) = (self.running(id), interpreter) else {
            return Ok(Reply::default());
        };
        if !running.tell(now, what) {
            let message = format!("the program was called {MOST_CALLS} times: here it can do no more");
            return Err(Mistake { message, line: None });
        }
        Ok(interpreter.answer(&running.script))
    }

    /// The channel of a program is over: it may still print something.
    pub(super) fn tell_closed(&mut self, id: ActorId, reason: &str) {
        if !self.is_running(id) {
            return;
        }
        let Ok(reply) = self.ask_program(id, Heard::Closed { reason: reason.into() }) else { return };
        for command in reply.commands {
            if let Command::Print { text, is_error, line } = command {
                self.record(Happening::Printed { actor: id, text, is_error, line });
            }
        }
        if let Some(Mistake { message: text, line }) = reply.mistake {
            self.record(Happening::Printed { actor: id, text, is_error: true, line });
        }
    }

    /// A program does something.
    fn obey(&mut self, id: ActorId, command: Command) -> Next {
        match command {
            Command::Connect => {
                if self.connection_id(id).is_none() {
                    self.connect(id);
                }
            }
            Command::Ask(request) => self.ask(id, request),
            Command::Publish(publication) => self.publish_for_program(id, (*publication).into()),
            Command::Settle { tag, multiple, how } => self.settle_for_program(id, tag, multiple, how),
            Command::SetTimer { timer, after } => return self.set_timer(id, timer, after),
            Command::ClearTimer(timer) => {
                if let Some(running) = self.running(id) {
                    running.take_timer(timer);
                }
            }
            Command::Print { text, is_error, line } => {
                self.record(Happening::Printed { actor: id, text, is_error, line });
            }
            Command::Done { tag } => {
                let finished = self.running(id).and_then(|running| running.finish(tag));
                if let Some(held) = finished {
                    self.work_is_done(id, &held);
                }
            }
            Command::Close => return Next::Ends(End::Finished),
            Command::Exit { code: 0 } => return Next::Ends(End::Finished),
            Command::Exit { .. } => return Next::Ends(End::Exit),
        }
        if self.is_running(id) { Next::GoesOn } else { Next::Over }
    }

    fn ask(&mut self, id: ActorId, request: Request) {
        if request == Request::Confirms {
            self.trail.hears(id);
        }
        if let Some((channel, client)) = self.voice(id) {
            client.ask(channel.number(), &request.into());
            self.flush_of(id);
        }
    }

    fn publish_for_program(&mut self, id: ActorId, draft: Draft) {
        if draft.reply_to.is_some() {
            self.trail.hears(id);
        }
        let Some(number) = self.voice(id).map(|(channel, _)| channel.published + 1) else { return };
        if let Some(producer) = self.producer(id) {
            producer.note_sent(&draft, number);
        }
        self.send(id, draft);
    }

    fn set_timer(&mut self, id: ActorId, timer: u32, after: std::time::Duration) -> Next {
        let now = self.now;
        let Some(actor) = self.actor(id) else { return Next::Over };
        let after = match &actor.role {
            Role::Consumer(consumer) => consumer.stretched(now, after),
            Role::Producer(_) | Role::Operator => after,
        };
        let Some(running) = &mut actor.running else { return Next::Over };
        if !running.set_timer(timer) {
            let message = format!("the program has set more than {MOST_TIMERS} timers at once");
            return Next::Ends(End::Failed(Mistake { message, line: None }));
        }
        let start = running.start;
        self.agenda.add(now + after, Task::ProgramTimer { actor: id, start, timer });
        Next::GoesOn
    }

    /// The time of a timer has come, if it is still set.
    pub(super) fn ring(&mut self, id: ActorId, start: u32, timer: u32) {
        let is_set =
            self.running(id).is_some_and(|running| running.start == start && running.take_timer(timer));
        if is_set {
            self.tell(id, Heard::Timer(timer));
        }
    }

    /// A delivery has reached a program, or the answer to what it asked.
    pub(super) fn program_receives(&mut self, id: ActorId, channel: ChannelRef, given: Given) {
        let Given { mut held, redelivered, parcel, incoming } = given;
        let (message, queue) = (held.message, held.queue.clone());
        if !self.answered(id, channel, message, &parcel) {
            let (seal, deaths) = (parcel.seal, parcel.deaths());
            self.record(Happening::Received {
                actor: id,
                message,
                queue: queue.clone(),
                redelivered,
                seal,
                deaths,
            });
            self.record(Happening::WorkStarted { actor: id, message, queue, done_at: None });
            held.parcel = parcel;
            if let Some(running) = self.running(id) {
                running.take_in(held);
            }
        }
        if let Some(incoming) = incoming {
            self.tell(id, Heard::Delivered(incoming));
        }
    }

    /// A program acks or rejects. What it has not, the broker is told all the same, and answers.
    fn settle_for_program(&mut self, id: ActorId, tag: u64, multiple: bool, how: Settlement) {
        let settled = self.running(id).map(|running| running.settle(tag, multiple)).unwrap_or_default();
        for one in settled.iter().filter(|one| !one.is_done) {
            match how {
                Settlement::Ack => self.work_is_done(id, &one.held),
                Settlement::Nack { .. } | Settlement::Reject { .. } => self.work_has_failed(id, &one.held),
            }
        }
        let Some((channel, client)) = self.voice(id) else { return };
        let (number, tag) = (channel.number(), DeliveryTag(tag));
        match how {
            Settlement::Ack => client.ack(number, tag, multiple),
            Settlement::Nack { requeue } => client.nack(number, tag, multiple, requeue),
            Settlement::Reject { requeue } => client.reject(number, tag, requeue),
        }
        let arrives_at = self.flush_of(id);
        for one in settled {
            let Held { message, queue, .. } = one.held;
            self.record(match how {
                Settlement::Ack => Happening::AckSent { actor: id, message, queue, arrives_at },
                Settlement::Nack { requeue } | Settlement::Reject { requeue } => {
                    Happening::RejectSent { actor: id, message, queue, requeue, arrives_at }
                }
            });
        }
    }

    fn work_is_done(&mut self, id: ActorId, held: &Held) {
        if let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) {
            consumer.processed += 1;
        }
        self.record(Happening::WorkDone { actor: id, message: held.message, queue: held.queue.clone() });
    }

    fn work_has_failed(&mut self, id: ActorId, held: &Held) {
        if let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) {
            consumer.failed += 1;
        }
        let (message, queue) = (held.message, held.queue.clone());
        *self.failures.entry(message).or_default() += 1;
        let rejections = held.parcel.rejections(&queue);
        self.record(Happening::WorkFailed { actor: id, message, queue, rejections });
    }

    fn end_program(&mut self, id: ActorId, end: End) {
        match end {
            End::Finished => self.finish_program(id),
            End::Exit => self.crash_actor(id),
            End::Failed(Mistake { message, line }) => {
                self.record(Happening::CodeFailed { actor: id, message, line });
                self.crash_actor(id);
            }
        }
    }

    /// The connection is closed in order. What the program had in hand and need not ack is gone.
    fn finish_program(&mut self, id: ActorId) {
        if let Some((channel, client)) = self.voice(id) {
            client.close(channel.number());
            self.flush_of(id);
        }
        let losses = self.losses(id);
        self.record(Happening::Finished { actor: id });
        self.lose_all(losses);
        let Some(actor) = self.actor(id) else { return };
        actor.stop(Status::Finished);
        let place = actor.connection;
        let found = self.connections.get_mut(super::index(place));
        if let Some(line) = found.and_then(|found| found.line.take()) {
            self.send_to_broker(line.id, Packet::Cut);
        }
    }
}

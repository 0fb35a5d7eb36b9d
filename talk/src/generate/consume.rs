//! How consumers begin.

use warren_core::Random;

use super::{
    Kind,
    draw::{Pick, flag, some},
    words::{Action, Words},
};

const REPLIES: &str = "amq.rabbitmq.reply-to";

impl Words {
    /// On a channel that consumes from a queue, or from none yet.
    pub(super) fn consume(
        &mut self,
        random: &mut Random,
        consumes: &Option<String>,
        deliveries: u64,
    ) -> Action {
        let is_reader = consumes.is_some();
        match self.kind {
            Kind::Streams if is_reader => Action { said: self.settle(random, deliveries), consumes: None },
            Kind::Replies if consumes.as_deref() == Some(REPLIES) => {
                Action { said: self.request(random, deliveries), consumes: None }
            }
            Kind::Replies if !is_reader && random.below(2) == 0 => {
                let said = format!("basic.consume queue={REPLIES} consumer_tag=r no_ack");
                Action { said, consumes: Some(REPLIES.into()) }
            }
            Kind::Streams => self.read(random),
            _ => self.consume_queue(random, consumes),
        }
    }

    fn consume_queue(&mut self, random: &mut Random, consumes: &Option<String>) -> Action {
        let queue = consumes.clone().unwrap_or_else(|| self.queue(random));
        let no_ack = flag(random, 4, " no_ack");
        let exclusive = flag(random, 12, " exclusive");
        let every = if self.kind == Kind::Consumers { 2 } else { 6 };
        let priority = some(
            random,
            every,
            &[
                " arguments={x-priority=5}",
                " arguments={x-priority=-1}",
                " arguments={x-priority=high}",
                " arguments={note=1}",
            ],
        );
        let tag = self.tag(random);
        let said = format!("basic.consume queue={queue} consumer_tag={tag}{no_ack}{exclusive}{priority}");
        Action { said, consumes: Some(queue) }
    }

    /// A reader of a stream. Where the last chunk begins is RabbitMQ's own affair, so none begins there.
    fn read(&mut self, random: &mut Random) -> Action {
        let queue = self.queue(random);
        let offset = ["first", "first", "next", "0", "1", "3"].pick(random);
        let tag = self.tag(random);
        let said =
            format!("basic.consume queue={queue} consumer_tag={tag} arguments={{x-stream-offset={offset}}}");
        Action { said, consumes: Some(queue) }
    }
}

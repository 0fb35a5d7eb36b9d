//! Several things said in a row, because drawn one by one they would hardly ever come in this order.

use warren_core::Random;

use super::{
    Kind,
    draw::{Pick, flag},
    queues::SOON_MS,
    words::Words,
};

/// Once in how many steps one begins.
const EVERY: u64 = 5;
/// The same where it is not what the conversation is about.
const SELDOM: u64 = 60;
/// Stands for the channel's last delivery.
pub(super) const LAST_TAG: &str = "<last>";

/// Waits until everything that was to expire soon has done so.
pub(super) const PAUSE: &str = "pause";

impl Words {
    /// What is said on one channel, in order; mostly nothing.
    pub(super) fn story(&mut self, random: &mut Random) -> Vec<String> {
        match self.kind {
            Kind::Transactions if random.below(EVERY) == 0 => self.transaction(random),
            // Where queues expire, either may come first.
            Kind::Timing if !self.priorities && random.below(EVERY) == 0 => self.delay(random),
            Kind::Quorum if random.below(SELDOM) == 0 => self.failures(random),
            Kind::General | Kind::Limits if random.below(SELDOM) == 0 => self.overflow(random),
            _ => Vec::new(),
        }
    }

    /// More messages than a queue takes: what it gives up is a dead letter in another.
    fn overflow(&mut self, random: &mut Random) -> Vec<String> {
        let (from, to) = (self.story_queue(), self.queue(random));
        let overflow = ["drop-head", "reject-publish-dlx"].pick(random);
        let limit = ["x-max-length=1", "x-max-length-bytes=3"].pick(random);
        let dead_letters = format!("x-dead-letter-exchange='', x-dead-letter-routing-key={to}");
        let mut said = vec![
            format!("queue.delete queue={from}"),
            format!(
                "queue.declare queue={from} arguments={{{limit}, x-overflow={overflow}, {dead_letters}}}"
            ),
        ];
        said.extend((0..3).map(|_| self.publish_to(random, &from)));
        said.extend((0..2).map(|_| format!("basic.get queue={to}{}", flag(random, 2, " no_ack"))));
        said
    }

    /// A transaction publishes to a queue, which may be deleted before the commit, and declared again.
    fn transaction(&mut self, random: &mut Random) -> Vec<String> {
        let queue = self.story_queue();
        let fate = random.below(4);
        let mut said = vec!["tx.select".into(), format!("queue.declare queue={queue}")];
        said.extend((0..=random.below(2)).map(|_| self.publish_to(random, &queue)));
        if fate < 2 {
            said.push(format!("queue.delete queue={queue}"));
        }
        if fate == 1 {
            said.push(format!("queue.declare queue={queue}"));
        }
        said.push(["tx.commit", "tx.commit", "tx.commit", "tx.rollback"].pick(random));
        said
    }

    /// A quorum queue gives up a message whose deliveries fail too often.
    fn failures(&mut self, random: &mut Random) -> Vec<String> {
        let (from, to, limit) = (self.story_queue(), self.queue(random), random.below(2));
        let dead_letters = format!("x-dead-letter-exchange='', x-dead-letter-routing-key={to}");
        let mut said = vec![
            format!("queue.delete queue={from}"),
            format!(
                "queue.declare queue={from} durable arguments={{x-queue-type=quorum, x-delivery-limit={limit}, {dead_letters}}}"
            ),
            self.publish_to(random, &from),
        ];
        for _ in 0..=limit {
            said.push(format!("basic.get queue={from}"));
            said.push(format!("basic.reject delivery_tag={LAST_TAG} requeue"));
        }
        said.push(format!("basic.get queue={to}{}", flag(random, 2, " no_ack")));
        said
    }

    /// A message waits in one queue until its time is up, and is then a dead letter in another: how applications delay
    /// messages without a plugin.
    fn delay(&mut self, random: &mut Random) -> Vec<String> {
        let (from, to) = (self.story_queue(), self.queue(random));
        let queue_expires = random.below(2) == 0;
        let ttl = if queue_expires { format!("x-message-ttl={SOON_MS}, ") } else { String::new() };
        let form = flag(random, 2, " durable");
        let dead_letters = format!("x-dead-letter-exchange='', x-dead-letter-routing-key={to}");
        let mut said = vec![
            format!("queue.delete queue={from}"),
            format!("queue.declare queue={from}{form} arguments={{{ttl}{dead_letters}}}"),
            format!("queue.declare queue={to} passive"),
        ];
        let expiration = if queue_expires { String::new() } else { format!(" expiration={SOON_MS}") };
        said.extend((0..=random.below(2)).map(|_| self.publish_to(random, &from) + &expiration));
        said.push(PAUSE.into());
        said.extend((0..2).map(|_| format!("basic.get queue={to}{}", flag(random, 2, " no_ack"))));
        said
    }
}

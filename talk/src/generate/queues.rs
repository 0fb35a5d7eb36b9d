//! How queues are declared.

use warren_core::Random;

use super::{
    Kind,
    draw::{Pick, flag},
    words::Words,
};

/// How soon things expire in a conversation about time, in ms: far from what its steps take, and less than a third of
/// the time that passes between them.
pub(super) const SOON_MS: u64 = 1500;

impl Words {
    /// How the queue with this index is declared.
    pub(super) fn queue_form(&self, random: &mut Random, index: usize) -> String {
        match self.kind {
            Kind::Quorum if index < 2 || random.below(2) == 0 => return self.quorum_form(random),
            Kind::Streams if index < 2 => return stream_form(random),
            Kind::Timing => return self.timing_form(random),
            _ => {}
        }
        let flags = ["", "", "", " durable", " auto_delete", " exclusive", " exclusive durable"].pick(random);
        let count = random.below(4);
        let arguments: Vec<String> = (0..count).map(|_| self.argument(random)).collect();
        if arguments.is_empty() { flags } else { format!("{flags} arguments={{{}}}", arguments.join(", ")) }
    }

    /// Most of them valid.
    fn argument(&self, random: &mut Random) -> String {
        match self.kind {
            Kind::Limits if random.below(2) == 0 => return limit(random),
            Kind::Consumers if random.below(3) == 0 => return "x-single-active-consumer=true".into(),
            _ => {}
        }
        if random.below(25) == 0 {
            return [
                "x-message-ttl=-1",
                "x-message-ttl=text",
                "x-expires=0",
                "x-max-length=-1",
                "x-max-length-bytes=void",
                "x-overflow=zz",
                "x-max-priority=256",
                "x-single-active-consumer=1",
                "x-delivery-limit=3",
                "x-dead-letter-routing-key=k",
            ]
            .pick(random);
        }
        match random.below(10) {
            0 if self.priorities => format!("x-max-priority={}", random.below(5)),
            0 => "x-message-ttl=0".into(),
            1 => "x-message-ttl=600000".into(),
            2 => "x-expires=600000".into(),
            3 => format!("x-max-length={}", random.below(4)),
            4 => format!("x-max-length-bytes={}", random.below(8)),
            5 => format!("x-overflow={}", ["drop-head", "reject-publish", "reject-publish-dlx"].pick(random)),
            6 | 7 => self.dead_letters(random),
            8 => "x-mine=1".into(),
            _ => "x-single-active-consumer=true".into(),
        }
    }

    fn dead_letters(&self, random: &mut Random) -> String {
        let target = [self.queue(random), "k".into(), "".into()].pick(random);
        match random.below(2) {
            0 => format!("x-dead-letter-exchange='', x-dead-letter-routing-key='{target}'"),
            _ => format!("x-dead-letter-exchange={}", self.exchange(random)),
        }
    }

    fn quorum_form(&self, random: &mut Random) -> String {
        let flags = if random.below(25) == 0 {
            ["", " exclusive", " auto_delete"].pick(random)
        } else {
            " durable".into()
        };
        let mut arguments = vec!["x-queue-type=quorum".into()];
        for _ in 0..random.below(4) {
            arguments.push(match random.below(8) {
                0 | 1 => format!("x-delivery-limit={}", random.below(3)),
                2 => format!("x-max-length={}", 1 + random.below(3)),
                3 => format!(
                    "x-overflow={}",
                    ["drop-head", "reject-publish", "reject-publish-dlx"].pick(random)
                ),
                4 | 5 => self.dead_letters(random),
                6 => "x-single-active-consumer=true".into(),
                _ => {
                    ["x-message-ttl=600000", "x-expires=600000", "x-mine=1", "x-max-priority=2"].pick(random)
                }
            });
        }
        format!("{flags} arguments={{{}}}", arguments.join(", "))
    }

    /// Either messages expire or queues do: of both at the same time either may come first.
    fn timing_form(&self, random: &mut Random) -> String {
        let mut arguments = Vec::new();
        match self.priorities {
            _ if random.below(3) == 0 => {}
            true => arguments.push(format!("x-expires={SOON_MS}")),
            false => arguments.push(format!("x-message-ttl={SOON_MS}")),
        }
        if random.below(2) == 0 {
            arguments.push(self.dead_letters(random));
        }
        if random.below(4) == 0 {
            arguments.push(limit(random));
        }
        let durable = flag(random, 3, " durable");
        if arguments.is_empty() {
            durable
        } else {
            format!("{durable} arguments={{{}}}", arguments.join(", "))
        }
    }
}

fn stream_form(random: &mut Random) -> String {
    let argument = ["", "", ", x-max-length-bytes=1000000", ", x-max-age=1h", ", x-mine=1"].pick(random);
    let flags = if random.below(25) == 0 { ["", " exclusive"].pick(random) } else { " durable".into() };
    format!("{flags} arguments={{x-queue-type=stream{argument}}}")
}

fn limit(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("x-max-length={}", random.below(4)),
        1 => format!("x-max-length-bytes={}", random.below(8)),
        _ => format!("x-overflow={}", ["drop-head", "reject-publish", "reject-publish-dlx"].pick(random)),
    }
}

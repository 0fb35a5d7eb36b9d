//! What a comparison of made-up conversations passes over: what a live broker may answer or not, and the counts that Warren
//! gives otherwise (docs/RABBITMQ.md).

use std::collections::BTreeSet;

use crate::{Conversation, Played};

impl Played {
    /// The answers without what is a matter of chance, and without the counts that are known to differ.
    #[must_use]
    pub fn without_chance(mut self, conversation: &Conversation) -> Self {
        hide_counts(&mut self.0, conversation);
        end_with_a_closed_connection(&mut self.0);
        self.0.iter_mut().for_each(|answers| commit_first(answers));
        close_at_once(&mut self.0, conversation);
        self
    }
}

/// RabbitMQ counts a stream's messages every five seconds, and takes a message of a quorum queue that basic.get has
/// got and nobody has acked yet for a consumer.
fn hide_counts(played: &mut [Vec<String>], conversation: &Conversation) {
    for (kind, count) in [("stream", "message_count"), ("quorum", "consumer_count")] {
        let queues = queues_of(conversation, kind);
        for line in played.iter_mut().flatten().filter(|line| line.contains(" queue.declare-ok ")) {
            let is_meant =
                line.split(' ').any(|word| word.strip_prefix("queue=").is_some_and(|q| queues.contains(q)));
            let words = line.split(' ').filter(|word| !is_meant || !word.starts_with(count));
            *line = words.collect::<Vec<_>>().join(" ");
        }
    }
}

/// The names of the queues that are declared as of this type.
fn queues_of<'a>(conversation: &'a Conversation, kind: &str) -> BTreeSet<&'a str> {
    let asks = format!("x-queue-type={kind}");
    let declarations = conversation.steps.iter().filter(|step| step.said.contains(&asks));
    declarations
        .filter_map(|step| step.said.split(' ').find_map(|word| word.strip_prefix("queue=")))
        .collect()
}

/// When the broker closes a connection its channels die one after the other. What they had may go to one that dies next
/// before it comes back, so from there on the order is a matter of chance.
fn end_with_a_closed_connection(played: &mut Vec<Vec<String>>) {
    let closes = |line: &String| line.contains("0 connection.close ");
    if let Some(step) = played.iter().position(|answers| answers.iter().any(closes)) {
        played.truncate(step + 1);
        played[step].retain(closes);
    }
}

/// The queue tells the channel that it has a message of the transaction, and the consumer's prefetch asks others before
/// it delivers: on the channel that commits, the answer comes before or after its deliveries.
fn commit_first(answers: &mut [String]) {
    let Some(at) = answers.iter().position(|line| line.ends_with(" tx.commit-ok")) else { return };
    let channel = answers[at].split(' ').nth(1).unwrap_or_default();
    let delivery = format!("<- {channel} basic.deliver ");
    let before = answers[..at].iter().rev().take_while(|line| line.starts_with(&delivery)).count();
    answers[at - before..=at].rotate_right(1);
}

/// A quorum queue has back what a channel had that the broker closes once the client has confirmed that: what it delivers
/// then to others counts as said when the channel was closed.
fn close_at_once(played: &mut [Vec<String>], conversation: &Conversation) {
    if queues_of(conversation, "quorum").is_empty() {
        return;
    }
    let closes = |line: &String| line.contains(" channel.close ");
    for (step, next) in conversation.steps.iter().skip(1).enumerate() {
        let confirms = next.said.ends_with(" channel.close-ok");
        if step + 1 < played.len() && confirms && played[step].iter().any(closes) {
            let later = std::mem::take(&mut played[step + 1]);
            played[step].extend(later);
            played[step].sort_by_key(|line| !closes(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Conversation, Played, Step};

    #[test]
    fn the_answer_to_a_commit_may_come_before_its_deliveries() {
        let known = |lines: [&str; 3]| {
            Played(vec![lines.map(Into::into).to_vec()]).without_chance(&Conversation::default()).0
        };
        let (commit, delivery) = ("<- 1 tx.commit-ok", "<- 1 basic.deliver consumer_tag=t body=m");
        let (other, returned) = ("<- 2 basic.deliver consumer_tag=t body=m", "<- 1 basic.return body=m");
        assert_eq!(known([delivery, commit, other]), [[commit, delivery, other]]);
        assert_eq!(known([returned, commit, other]), [[returned, commit, other]]);
    }

    #[test]
    fn counts_that_are_known_to_differ_are_passed_over() {
        let said = |name: &str, kind: &str| Step {
            said: format!("-> 1 queue.declare queue={name} durable arguments={{x-queue-type={kind}}}"),
            ..Step::default()
        };
        let steps = vec![said("s", "stream"), said("q", "quorum")];
        let conversation = Conversation { steps, ..Conversation::default() };
        for (line, known) in [
            ("queue=s message_count=1 consumer_count=0", "queue=s consumer_count=0"),
            ("queue=q message_count=1 consumer_count=1", "queue=q message_count=1"),
            ("queue=c message_count=1 consumer_count=1", "queue=c message_count=1 consumer_count=1"),
        ] {
            let [line, known] = [line, known].map(|counts| format!("<- 1 queue.declare-ok {counts}"));
            assert_eq!(Played(vec![vec![line]]).without_chance(&conversation).0, [[known]]);
        }
    }

    #[test]
    fn what_a_closed_channel_had_comes_back_when_that_is_confirmed() {
        let said =
            ["-> 1 queue.declare queue=q arguments={x-queue-type=quorum}", "-> 1 x", "-> 1 channel.close-ok"];
        let steps = said.map(|said| Step { said: said.into(), ..Step::default() }).to_vec();
        let conversation = Conversation { steps, ..Conversation::default() };
        let known = |closing: &[&str], confirmed: &[&str]| {
            let lines = |lines: &[&str]| lines.iter().map(|&line| line.into()).collect();
            Played(vec![Vec::new(), lines(closing), lines(confirmed)]).without_chance(&conversation)
        };
        let (close, delivery) = ("<- 1 channel.close 406 …", "<- 2 basic.deliver consumer_tag=t body=m");
        assert_eq!(known(&[delivery, close], &[]), known(&[close], &[delivery]));
        assert_ne!(known(&[close], &[]), known(&[close], &[delivery]));
    }

    #[test]
    fn what_follows_a_closed_connection_is_passed_over() {
        let steps =
            [&["<- 1 one"][..], &["<- 0 connection.close 530 …", "<- b:1 basic.deliver"], &["<- b:1 two"]];
        let played = Played(steps.map(|answers| answers.iter().map(|&line| line.into()).collect()).to_vec());
        assert_eq!(
            played.without_chance(&Conversation::default()).0,
            [["<- 1 one"], ["<- 0 connection.close 530 …"]]
        );
    }
}

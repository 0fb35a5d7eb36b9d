//! What a comparison of made-up conversations passes over: the differences between RabbitMQ 3.10 and 4.x that show in
//! any conversation about their subject (docs/RABBITMQ.md lists them), and what a live broker may answer or not.

use crate::{Played, Version};

/// What 4.x adds to the headers of every dead letter.
const ADDED_HEADERS: [&str; 3] = ["x-last-death-exchange", "x-last-death-queue", "x-last-death-reason"];
/// What 3.10 takes out of a dead letter that is routed by its queue's key.
const KEPT_HEADER: &str = "CC";

impl Played {
    /// The answers without what is known to differ from this version of RabbitMQ.
    #[must_use]
    pub fn without_known(mut self, version: Version) -> Self {
        end_with_a_closed_connection(&mut self.0);
        if version > Version::V3_10 {
            return self;
        }
        for line in self.0.iter_mut().flatten().filter(|line| line.contains("\"x-death\": ")) {
            ADDED_HEADERS.iter().for_each(|header| remove_field(line, header));
            remove_field(line, KEPT_HEADER);
        }
        self
    }
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

/// Removes `"key": value` from a table as it is shown, wherever it is.
fn remove_field(line: &mut String, key: &str) {
    let key = format!("\"{key}\": ");
    while let Some(at) = line.find(&key) {
        let value = at + key.len();
        let rest = &line[value..];
        let end = if rest.starts_with('[') { rest.find(']').map(|at| at + 1) } else { rest.find([',', '}']) };
        let end = value + end.unwrap_or(rest.len());
        let range = match (line[..at].ends_with(", "), line[end..].starts_with(", ")) {
            (true, _) => at - 2..end,
            (false, true) => at..end + 2,
            (false, false) => at..end,
        };
        line.replace_range(range, "");
    }
}

#[cfg(test)]
mod tests {
    use crate::{Played, Version};

    #[test]
    fn headers_of_dead_letters_that_differ_are_passed_over() {
        let known = |line: &str| Played(vec![vec![line.into()]]).without_known(Version::V3_10).0;
        let line = "<- 1 basic.get-ok headers='{\"CC\": [a, b], \"x-death\": [{\"count\": 1}], \
                    \"x-last-death-exchange\": , \"x-last-death-reason\": maxlen}' body=m";
        assert_eq!(known(line), [["<- 1 basic.get-ok headers='{\"x-death\": [{\"count\": 1}]}' body=m"]]);
        let alive = "<- 1 basic.get-ok headers='{\"CC\": [a, b]}' body=m";
        assert_eq!(known(alive), [[alive]]);
    }

    #[test]
    fn what_follows_a_closed_connection_is_passed_over() {
        let steps =
            [&["<- 1 one"][..], &["<- 0 connection.close 530 …", "<- b:1 basic.deliver"], &["<- b:1 two"]];
        let played = Played(steps.map(|answers| answers.iter().map(|&line| line.into()).collect()).to_vec());
        assert_eq!(played.without_known(Version::V3_10).0, [["<- 1 one"], ["<- 0 connection.close 530 …"]]);
    }
}

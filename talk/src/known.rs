//! What a comparison of made-up conversations passes over: the differences between RabbitMQ 3.10 and 4.x that show in
//! any conversation about their subject (docs/RABBITMQ.md lists them), and what a live broker may answer or not.

use crate::Played;

/// What 4.x adds to the headers of every dead letter.
const ADDED_HEADERS: [&str; 3] = ["x-last-death-exchange", "x-last-death-queue", "x-last-death-reason"];
/// What 3.10 takes out of a dead letter that is routed by its queue's key.
const KEPT_HEADER: &str = "CC";

impl Played {
    /// The answers without what is known to differ.
    #[must_use]
    pub fn without_known(mut self) -> Self {
        for answers in &mut self.0 {
            forget_last_words(answers);
            for line in answers.iter_mut().filter(|line| line.contains("\"x-death\": ")) {
                ADDED_HEADERS.iter().for_each(|header| remove_field(line, header));
                remove_field(line, KEPT_HEADER);
            }
        }
        self
    }
}

/// What a connection's other channels still hear while it is being closed is a matter of chance.
fn forget_last_words(answers: &mut Vec<String>) {
    let closed: Vec<String> = answers
        .iter()
        .filter_map(|line| line.split_once("0 connection.close "))
        .map(|(at, _)| at.to_owned())
        .collect();
    // Connection a is not named: `<- 1`, but `<- b:1`.
    let of = |line: &str, at: &str| line.starts_with(at) && (at != "<- " || !line[3..].starts_with("b:"));
    answers.retain(|line| line.contains("0 connection.close ") || !closed.iter().any(|at| of(line, at)));
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
    use crate::Played;

    fn known(answers: &[&str]) -> Vec<String> {
        Played(vec![answers.iter().map(|&line| line.into()).collect()]).without_known().0.remove(0)
    }

    #[test]
    fn headers_of_dead_letters_that_differ_are_passed_over() {
        let line = "<- 1 basic.get-ok headers='{\"CC\": [a, b], \"x-death\": [{\"count\": 1}], \
                    \"x-last-death-exchange\": , \"x-last-death-reason\": maxlen}' body=m";
        assert_eq!(known(&[line]), ["<- 1 basic.get-ok headers='{\"x-death\": [{\"count\": 1}]}' body=m"]);
        let alive = "<- 1 basic.get-ok headers='{\"CC\": [a, b]}' body=m";
        assert_eq!(known(&[alive]), [alive]);
    }

    #[test]
    fn the_last_words_of_a_connection_are_passed_over() {
        let answers = ["<- 0 connection.close 530 …", "<- 2 basic.deliver", "<- b:1 basic.deliver"];
        assert_eq!(known(&answers), ["<- 0 connection.close 530 …", "<- b:1 basic.deliver"]);
        let answers = ["<- 2 basic.deliver", "<- b:0 connection.close 530 …", "<- b:1 basic.deliver"];
        assert_eq!(known(&answers), ["<- 2 basic.deliver", "<- b:0 connection.close 530 …"]);
    }
}

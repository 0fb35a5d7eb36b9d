//! Names and times that a broker makes up, so that two brokers' answers can be compared.

/// Made-up names in the order of their first appearance: they read `<queue-1>`, `<tag-2>`, `<reply-1>`.
#[derive(Default)]
pub(crate) struct Names {
    known: Vec<(String, String)>,
}

/// What made-up names begin with, and what they are called instead.
const MADE_UP: [(&str, &str); 3] =
    [("amq.gen-", "queue"), ("amq.ctag-", "tag"), ("amq.rabbitmq.reply-to.", "reply")];

impl Names {
    /// A line as it is to be read.
    pub(crate) fn hide(&mut self, line: &str) -> String {
        let mut line = line.to_owned();
        for (prefix, noun) in MADE_UP {
            let mut from = 0;
            while let Some(found) = line[from..].find(prefix) {
                let start = from + found;
                let end = start + prefix.len() + made_up_length(&line[start + prefix.len()..]);
                let alias = self.alias(&line[start..end], noun);
                line.replace_range(start..end, &alias);
                from = start + alias.len();
            }
        }
        hide_times(&line)
    }

    /// A line as it is to be said.
    pub(crate) fn reveal(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (name, alias) in &self.known {
            line = line.replace(alias, name);
        }
        line
    }

    /// The queue names that a broker has made up.
    pub(crate) fn queues(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|(name, _)| name.as_str()).filter(|name| name.starts_with("amq.gen-"))
    }

    fn alias(&mut self, name: &str, noun: &str) -> String {
        if let Some((_, alias)) = self.known.iter().find(|(known, _)| known == name) {
            return alias.clone();
        }
        let before = self.known.iter().filter(|(_, alias)| alias.starts_with(&format!("<{noun}-"))).count();
        let alias = format!("<{noun}-{}>", before + 1);
        self.known.push((name.to_owned(), alias.clone()));
        alias
    }
}

fn made_up_length(text: &str) -> usize {
    let belongs = |c: char| c.is_ascii_alphanumeric() || "-_=.+/".contains(c);
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// The time in an `x-death` header.
fn hide_times(line: &str) -> String {
    const KEY: &str = "\"time\": ";
    let mut parts = line.split(KEY);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += KEY;
        out += "<time>";
        out += part.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn made_up_names_become_words() {
        let mut names = Names::default();
        let table = [
            (
                "<- 1 queue.declare-ok queue=amq.gen-abc_-1 message_count=0",
                "<- 1 queue.declare-ok queue=<queue-1> message_count=0",
            ),
            ("amq.ctag-x amq.gen-other 'amq.gen-abc_-1'", "<tag-1> <queue-2> '<queue-1>'"),
            ("{\"time\": 1700000000, \"count\": 1}", "{\"time\": <time>, \"count\": 1}"),
        ];
        for (line, expected) in table {
            assert_eq!(names.hide(line), expected);
        }
        assert_eq!(names.reveal("-> 1 basic.get queue=<queue-2>"), "-> 1 basic.get queue=amq.gen-other");
    }
}

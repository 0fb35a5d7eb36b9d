//! Lines of a program as they are put together.

/// How a language writes what all of them have.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// What a level of nesting is set in by.
    pub indent: &'static str,
    /// What a comment begins with.
    pub comment: &'static str,
    /// What follows the last argument of a call that takes several lines.
    pub last_comma: &'static str,
}

/// A program, as far as it is written.
pub(crate) struct Code {
    style: Style,
    text: String,
    depth: usize,
}

/// What is longer is broken up, if it can be.
const WIDTH: usize = 92;

impl Code {
    /// An empty program.
    pub(crate) const fn new(style: Style, depth: usize) -> Code {
        Code { style, text: String::new(), depth }
    }

    /// A line, from its parts.
    pub(crate) fn line(&mut self, parts: &[&str]) {
        for _ in 0..self.depth {
            self.text.push_str(self.style.indent);
        }
        parts.iter().for_each(|part| self.text.push_str(part));
        self.text.push('\n');
    }

    /// A line after which everything is set in.
    pub(crate) fn open(&mut self, parts: &[&str]) {
        self.line(parts);
        self.depth += 1;
    }

    /// A line before which that ends; no line if there are no parts.
    pub(crate) fn close(&mut self, parts: &[&str]) {
        self.depth -= 1;
        if !parts.is_empty() {
            self.line(parts);
        }
    }

    /// An end and a beginning in one line, such as `} else {`.
    pub(crate) fn turn(&mut self, parts: &[&str]) {
        self.depth -= 1;
        self.open(parts);
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A call, in several lines if one would be too long.
    pub(crate) fn call(&mut self, head: &str, arguments: &[String], tail: &str) {
        let length: usize = arguments.iter().map(|argument| argument.chars().count() + 2).sum();
        let around = self.depth * 4 + head.len() + tail.len();
        if around + length <= WIDTH || arguments.is_empty() {
            return self.line(&[head, &arguments.join(", "), tail]);
        }
        self.open(&[head]);
        for (index, argument) in arguments.iter().enumerate() {
            let is_last = index + 1 == arguments.len();
            self.line(&[argument, if is_last { self.style.last_comma } else { "," }]);
        }
        self.close(&[tail]);
    }

    /// A list of values, in several lines if one would be too long.
    pub(crate) fn list(&mut self, head: &str, values: &[String], tail: &str) {
        self.call(head, values, tail);
    }

    /// A comment, in as many lines as it takes.
    pub(crate) fn comment(&mut self, text: &str) {
        let (mark, mut line) = (self.style.comment, String::new());
        // Nothing that a name has in it may end the comment, or be taken for a letter by Java.
        let text = text.replace("\\u", "\\ u");
        for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
            if !line.is_empty() && self.depth * 4 + line.chars().count() + word.chars().count() > WIDTH - 4 {
                self.line(&[mark, &line]);
                line.clear();
            }
            if !word.is_empty() {
                line.push(' ');
                line.push_str(word);
            }
        }
        self.line(&[mark, &line]);
    }

    /// Whether the program says this anywhere.
    pub(crate) fn says(&self, what: &str) -> bool {
        self.text.contains(what)
    }

    /// What is written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

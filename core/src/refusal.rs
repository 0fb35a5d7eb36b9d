//! Why the broker refuses what a client asked for.

use crate::ReplyCode;

/// A refusal: the reply code, and a text that names the thing. It closes the channel or, for hard errors, the
/// connection ([`ReplyCode::closes_connection`]).
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: ReplyCode,
    pub(crate) text: String,
    /// What only the operator is told.
    pub(crate) reason: Option<Box<str>>,
}

pub(crate) type Outcome<T = ()> = Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(code: ReplyCode, text: impl Into<String>) -> Self {
        Refusal { code, text: text.into(), reason: None }
    }

    /// A defect, or what RabbitMQ would trip over: it has no text.
    pub(crate) fn internal_error() -> Self {
        Refusal::new(ReplyCode::InternalError, "")
    }

    /// The same, with a reason that only the operator is told.
    pub(crate) fn because(self, reason: impl Into<String>) -> Self {
        Refusal { reason: Some(reason.into().into_boxed_str()), ..self }
    }

    /// RabbitMQ's form: the code's word, then the text, cut to what a short string holds.
    pub(crate) fn reply_text(&self) -> String {
        const LIMIT: usize = 255;
        const MARK: &str = "...";
        if self.text.is_empty() {
            return self.code.word().into();
        }
        let whole = format!("{} - {}", self.code.word(), self.text);
        if whole.len() <= LIMIT || whole.chars().count() <= LIMIT {
            return whole;
        }
        whole.chars().take(LIMIT - MARK.len()).chain(MARK.chars()).collect()
    }
}

/// `queue 'q' in vhost '/'`, the way RabbitMQ names things.
pub(crate) fn queue_in(queue: &str, vhost: &str) -> String {
    format!("queue '{queue}' in vhost '{vhost}'")
}

/// `exchange 'x' in vhost '/'`, the way RabbitMQ names things.
pub(crate) fn exchange_in(exchange: &str, vhost: &str) -> String {
    format!("exchange '{exchange}' in vhost '{vhost}'")
}

pub(crate) fn no_queue(queue: &str, vhost: &str) -> Refusal {
    Refusal::new(ReplyCode::NotFound, format!("no {}", queue_in(queue, vhost)))
}

pub(crate) fn no_exchange(exchange: &str, vhost: &str) -> Refusal {
    Refusal::new(ReplyCode::NotFound, format!("no {}", exchange_in(exchange, vhost)))
}

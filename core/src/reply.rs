//! Reply codes: why a channel or a connection was closed, or a message returned.

use std::fmt;

macro_rules! reply_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $text:literal,)*) => {
        /// A reply code of AMQP 0-9-1, section 1.1 of the protocol reference, with RabbitMQ's name for it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum ReplyCode {
            $($(#[$doc])* $name,)*
        }

        impl ReplyCode {
            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> u16 {
                match self { $(Self::$name => $code,)* }
            }

            /// The word that RabbitMQ's reply texts begin with.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

reply_codes! {
    /// 200: the close is no error.
    ReplySuccess = 200 "Goodbye",
    /// 312: a mandatory message that no queue took.
    NoRoute = 312 "NO_ROUTE",
    /// 320: an operator closed the connection.
    ConnectionForced = 320 "CONNECTION_FORCED",
    /// 402: an unknown virtual host.
    InvalidPath = 402 "INVALID_PATH",
    /// 403: not allowed for this user or this name.
    AccessRefused = 403 "ACCESS_REFUSED",
    /// 404: no such exchange or queue.
    NotFound = 404 "NOT_FOUND",
    /// 405: someone else's exclusive queue.
    ResourceLocked = 405 "RESOURCE_LOCKED",
    /// 406: a condition of the method does not hold.
    PreconditionFailed = 406 "PRECONDITION_FAILED",
    /// 501: bytes that are no frame.
    FrameError = 501 "FRAME_ERROR",
    /// 502: a frame whose fields do not decode.
    SyntaxError = 502 "SYNTAX_ERROR",
    /// 503: a method that makes no sense here.
    CommandInvalid = 503 "COMMAND_INVALID",
    /// 504: a channel that is not open, or open already.
    ChannelError = 504 "CHANNEL_ERROR",
    /// 505: a frame that makes no sense here.
    UnexpectedFrame = 505 "UNEXPECTED_FRAME",
    /// 506: a queue that is gone since a transaction's publish.
    ResourceError = 506 "RESOURCE_ERROR",
    /// 530: not allowed in this state.
    NotAllowed = 530 "NOT_ALLOWED",
    /// 540: RabbitMQ does not do this either.
    NotImplemented = 540 "NOT_IMPLEMENTED",
    /// 541: a defect of the broker.
    InternalError = 541 "INTERNAL_ERROR",
}

impl ReplyCode {
    /// Whether an error with this code closes the whole connection and not just its channel (a hard error in
    /// the AMQP 0-9-1 reference, section 1.1).
    #[must_use]
    pub const fn closes_connection(self) -> bool {
        matches!(
            self,
            Self::ConnectionForced
                | Self::InvalidPath
                | Self::FrameError
                | Self::SyntaxError
                | Self::CommandInvalid
                | Self::ChannelError
                | Self::UnexpectedFrame
                | Self::ResourceError
                | Self::NotAllowed
                | Self::NotImplemented
                | Self::InternalError
        )
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.word())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ReplyCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.code())
    }
}

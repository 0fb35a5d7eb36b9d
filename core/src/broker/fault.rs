//! Frames that cannot be served, and what RabbitMQ makes of them.

use crate::{
    ReplyCode,
    refusal::Refusal,
    session::Awaits,
    wire::{DecodeError, Numbers, RawFrame},
};

/// No method is to blame: the ids that a close then carries.
pub(super) const NOBODY: (u16, u16) = (0, 0);

/// Why a frame cannot be served.
pub(super) enum Fault {
    /// The client is told, with the class and method that led to it.
    Refused(Refusal, (u16, u16)),
    /// RabbitMQ stumbles over it and closes the stream without a word.
    Fatal(String),
}

/// The class and method that a method frame begins with.
pub(super) fn method_ids(payload: &[u8]) -> Option<(u16, u16)> {
    let &[a, b, c, d, ..] = payload else { return None };
    Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

pub(super) fn unexpected(frame: &RawFrame<'_>) -> Fault {
    Fault::Refused(Refusal::new(ReplyCode::UnexpectedFrame, frame.to_string()), NOBODY)
}

pub(super) fn unknown(frame: &RawFrame<'_>) -> Fault {
    Fault::Refused(Refusal::new(ReplyCode::FrameError, format!("{frame}: unknown_frame")), NOBODY)
}

pub(super) fn out_of_turn(awaits: Awaits) -> Refusal {
    let text = match awaits {
        Awaits::Method => "expected method frame, got non method frame instead",
        Awaits::Header => "expected content header for class 60, got non content header frame instead",
        Awaits::Body(_) => "expected content body, got non content body frame instead",
    };
    Refusal::new(ReplyCode::UnexpectedFrame, text)
}

/// A content header that is too short is no frame; one with a weight is not the header that is expected.
pub(super) fn broken_header(error: &DecodeError, frame: &RawFrame<'_>, method: (u16, u16)) -> Fault {
    match error {
        DecodeError::Weight => Fault::Refused(out_of_turn(Awaits::Header), method),
        _ => unknown(frame),
    }
}

pub(super) fn undecodable(error: &DecodeError, ids: (u16, u16), payload: &[u8]) -> Fault {
    let fields = payload.get(4..).unwrap_or_default();
    match error {
        DecodeError::NotUtf8 => Fault::Refused(not_utf8(error), NOBODY),
        DecodeError::Truncated | DecodeError::Trailing => {
            let text = format!("cannot decode {}", Numbers(fields));
            Fault::Refused(Refusal::new(ReplyCode::FrameError, text), ids)
        }
        _ => Fault::Fatal(error.to_string()),
    }
}

pub(super) fn undecodable_on_channel_0(error: &DecodeError, ids: (u16, u16)) -> Fault {
    match error {
        DecodeError::UnknownMethod { .. } => Fault::Fatal(error.to_string()),
        DecodeError::NotUtf8 => Fault::Refused(not_utf8(error), ids),
        _ => Fault::Refused(Refusal::internal_error(), NOBODY),
    }
}

fn not_utf8(error: &DecodeError) -> Refusal {
    Refusal::new(ReplyCode::FrameError, error.to_string())
}

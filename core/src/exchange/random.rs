//! `x-random` and `x-local-random`: one binding, whichever (RabbitMQ's plugin, and RabbitMQ 4). All queues are local
//! where there is one node; what is left of that type are its rules for bindings.

use std::sync::Arc;

use super::Binding;
use crate::{
    Random, ReplyCode,
    refusal::{Outcome, Refusal},
};

pub(super) fn route<'a>(
    list: &'a [(u64, Arc<Binding>)],
    random: &mut Random,
    mut found: impl FnMut(&'a Binding),
) -> u64 {
    // One alone needs no die.
    let chosen = if list.len() < 2 { 0 } else { random.below(list.len() as u64) };
    let binding = usize::try_from(chosen).ok().and_then(|chosen| list.get(chosen));
    if let Some((_, binding)) = binding {
        found(binding);
    }
    0
}

/// Refuses what `x-local-random` cannot lead to. `queue_type` is RabbitMQ's name for the queue's type, if it is one.
pub(super) fn check_local(binding: &Binding, queue_type: Option<&str>) -> Outcome {
    let why = match queue_type {
        _ if !binding.routing_key.is_empty() => {
            format!("Non empty binding '{}' key not permitted", binding.routing_key)
        }
        None => "Destination not found".into(),
        Some("rabbit_classic_queue") => return Ok(()),
        Some(other) => format!("Queue type {other} not valid for this exchange type"),
    };
    Err(Refusal::new(ReplyCode::PreconditionFailed, why))
}

//! What the broker wants its operator to know, as records of the log.

use warren_core::{Client, Notice, ReplyCode};

/// Writes it into the log.
pub(super) fn log(notice: &Notice) {
    match notice {
        Notice::LoggedIn { client: Client { connection, peer, user, vhost, client_name } } => {
            tracing::info!(%connection, %peer, user = &**user, vhost = &**vhost, client = &**client_name, "client logged in");
        }
        Notice::TurnedAway { client: Client { connection, peer, user, .. }, code, text } => {
            let code = code.map(ReplyCode::code);
            let user = Some(&**user).filter(|user| !user.is_empty());
            tracing::warn!(%connection, %peer, user, code, "{text}");
        }
        Notice::Refused { client, channel, code, text } => {
            let Client { connection, peer, user, vhost, .. } = client;
            let (channel, code, what) = (channel.map(|channel| channel.0), code.code(), code.word());
            tracing::warn!(%connection, channel, %peer, user = &**user, vhost = &**vhost, code, "refused: {what} - {text}");
        }
        Notice::GivenUp { client: Client { connection, peer, user, .. }, reason } => {
            let user = Some(&**user).filter(|user| !user.is_empty());
            tracing::warn!(%connection, %peer, user, "client given up: {reason}");
        }
        Notice::Deprecated { client: Client { connection, peer, user, vhost, .. }, feature, permitted } => {
            let (user, vhost) = (&**user, &**vhost);
            let is_permitted =
                if *permitted { "is used; a later RabbitMQ will not permit it" } else { "is denied" };
            tracing::warn!(%connection, %peer, user, vhost, "the deprecated feature {feature} {is_permitted} (said once)");
        }
        Notice::TimedOut { client: Client { connection, peer, user, vhost, .. }, queue, deliveries } => {
            let (user, vhost, queue) = (&**user, &**vhost, &**queue);
            tracing::warn!(%connection, %peer, user, vhost, queue, deliveries, "unacked for too long: taken back");
        }
        Notice::AlarmBegan(alarm) => tracing::warn!("publishers are paused: {alarm}"),
        Notice::AlarmEnded(alarm) => tracing::info!("the alarm is over: {alarm} no longer"),
        Notice::Changed { what } => tracing::info!("changed: {what}"),
    }
}

//! Clients that use what RabbitMQ is going to remove.

use super::{Broker, channel::Caller};
use crate::{
    DeprecatedFeature, Notice, ReplyCode,
    queue::{Kind, MASTER_LOCATOR, Properties, kind_of},
    refusal::{Outcome, Refusal},
};

impl Broker {
    /// Whether a client may use it. The operator is told of its first use.
    pub(super) fn may_use(&mut self, caller: &Caller, feature: DeprecatedFeature) -> bool {
        let permitted = self.config.deprecated_features.permit(feature);
        if self.deprecated_used.insert(feature) {
            self.notice_of(caller.connection, |client| Notice::Deprecated { client, feature, permitted });
        }
        permitted
    }

    /// Of a queue that is not there yet, when its arguments have been checked (RabbitMQ).
    pub(super) fn check_deprecated(&mut self, caller: &Caller, asked: &Properties) -> Outcome {
        let transient = !asked.durable && asked.owner.is_none();
        let has_locator =
            kind_of(&asked.arguments) == Kind::Classic && asked.arguments.get(MASTER_LOCATOR).is_some();
        let used = [
            (transient, DeprecatedFeature::TransientNonexclQueues),
            (has_locator, DeprecatedFeature::QueueMasterLocator),
        ];
        for (_, feature) in used.into_iter().filter(|(is_used, _)| *is_used) {
            if !self.may_use(caller, feature) {
                return Err(Refusal::new(ReplyCode::InternalError, feature.denial()));
            }
        }
        Ok(())
    }
}

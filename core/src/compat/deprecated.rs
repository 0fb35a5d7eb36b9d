//! What RabbitMQ is going to remove, and permits or denies until then.

use std::fmt;

use super::Release;

/// A deprecated feature that clients may still use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DeprecatedFeature {
    /// basic.qos with global=true: one prefetch for all consumers of a channel.
    GlobalQos,
    /// The argument `x-queue-master-locator` of classic queues.
    QueueMasterLocator,
    /// Queues that are neither durable nor exclusive.
    TransientNonexclQueues,
}

/// Which deprecated features clients may use: `deprecated_features.permit.…` of RabbitMQ's configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeprecatedFeatures {
    /// [`DeprecatedFeature::GlobalQos`]; else the prefetch counts for each consumer.
    pub global_qos: bool,
    /// [`DeprecatedFeature::QueueMasterLocator`]; else 541 `INTERNAL_ERROR`.
    pub queue_master_locator: bool,
    /// [`DeprecatedFeature::TransientNonexclQueues`]; else 541 `INTERNAL_ERROR`.
    pub transient_nonexcl_queues: bool,
}

impl DeprecatedFeature {
    /// All of them.
    pub const ALL: [DeprecatedFeature; 3] = [
        DeprecatedFeature::GlobalQos,
        DeprecatedFeature::QueueMasterLocator,
        DeprecatedFeature::TransientNonexclQueues,
    ];

    /// RabbitMQ's name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            DeprecatedFeature::GlobalQos => "global_qos",
            DeprecatedFeature::QueueMasterLocator => "queue_master_locator",
            DeprecatedFeature::TransientNonexclQueues => "transient_nonexcl_queues",
        }
    }

    /// What RabbitMQ 4.3.6 tells a client that may not use it.
    pub(crate) fn denial(self) -> String {
        let name = self.name();
        let why = if DeprecatedFeatures::permitted_by(Release::V4_3).permit(self) {
            format!(
                "Its use is not permitted per the configuration (overriding the default, which is permitted):\n    \
                 \"deprecated_features.permit.{name} = false\"\nIts use will not be permitted by default in a future \
                 minor RabbitMQ version and the feature will be removed from a future major RabbitMQ version; actual \
                 versions to be determined."
            )
        } else {
            "By default, this feature is not permitted anymore.\nThe feature will be removed from a future major \
             RabbitMQ version, regardless of the configuration; actual version to be determined."
                .to_owned()
        };
        format!(
            "Feature `{name}` is deprecated.\n{why}\nTo continue using this feature when it is not permitted by default, \
             set the following parameter in your configuration:\n    \"deprecated_features.permit.{name} = true\""
        )
    }
}

impl fmt::Display for DeprecatedFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl DeprecatedFeatures {
    /// All permitted: most applications still use one.
    pub const PERMITTED: DeprecatedFeatures =
        DeprecatedFeatures { global_qos: true, queue_master_locator: true, transient_nonexcl_queues: true };

    /// What a release of RabbitMQ permits unless its configuration says otherwise.
    #[must_use]
    pub const fn permitted_by(release: Release) -> DeprecatedFeatures {
        match release {
            Release::V3_10 | Release::V4_0 => DeprecatedFeatures::PERMITTED,
            Release::V4_3 => DeprecatedFeatures {
                global_qos: false,
                queue_master_locator: false,
                transient_nonexcl_queues: true,
            },
        }
    }

    /// Whether clients may use it.
    #[must_use]
    pub const fn permit(self, feature: DeprecatedFeature) -> bool {
        match feature {
            DeprecatedFeature::GlobalQos => self.global_qos,
            DeprecatedFeature::QueueMasterLocator => self.queue_master_locator,
            DeprecatedFeature::TransientNonexclQueues => self.transient_nonexcl_queues,
        }
    }

    /// Permits or denies it.
    pub const fn set(&mut self, feature: DeprecatedFeature, permitted: bool) {
        match feature {
            DeprecatedFeature::GlobalQos => self.global_qos = permitted,
            DeprecatedFeature::QueueMasterLocator => self.queue_master_locator = permitted,
            DeprecatedFeature::TransientNonexclQueues => self.transient_nonexcl_queues = permitted,
        }
    }
}

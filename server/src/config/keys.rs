//! What each key of the file may be, for those who wrote something else.

/// A key, and the list of tables that it is a part of; empty for the file's own keys.
pub(super) struct Key {
    table: &'static str,
    pub(super) name: &'static str,
    /// What is allowed: `is …`.
    pub(super) allowed: &'static str,
    pub(super) example: &'static str,
}

const fn key(table: &'static str, name: &'static str, allowed: &'static str, example: &'static str) -> Key {
    Key { table, name, allowed, example }
}

const LIMIT: &str = "a whole number, 0 or more; leave it out for no limit";
const REGULAR_EXPRESSION: &str = "a regular expression";

const KEYS: [Key; 52] = [
    key("", "amqp", "an IP address and a port", "amqp = \"0.0.0.0:5672\""),
    key("", "http", "an IP address and a port", "http = \"127.0.0.1:15672\""),
    key("", "memory", "true or false", "memory = true"),
    key("", "data", "the name of a directory", "data = \"/var/lib/warren\""),
    key("", "log", "off, error, warn, info, debug or trace", "log = \"info\""),
    key("", "log_format", "text or json", "log_format = \"json\""),
    key("", "compat", "a release of RabbitMQ in quotes: \"3.10\", \"4.0\" or \"4.3\"", "compat = \"3.10\""),
    key("", "strict", "true or false", "strict = true"),
    key(
        "",
        "deprecated_features",
        "a table of what is permitted",
        "deprecated_features.permit.global_qos = false",
    ),
    key("", "permit", "a table of true and false", "deprecated_features.permit.global_qos = false"),
    key("", "global_qos", "true or false", "deprecated_features.permit.global_qos = false"),
    key(
        "",
        "queue_master_locator",
        "true or false",
        "deprecated_features.permit.queue_master_locator = false",
    ),
    key(
        "",
        "transient_nonexcl_queues",
        "true or false",
        "deprecated_features.permit.transient_nonexcl_queues = false",
    ),
    key("", "product", "a text of 1 to 255 bytes", "product = \"RabbitMQ\""),
    key("", "heartbeat", "whole seconds up to 65535s, or \"0s\" to turn it off", "heartbeat = \"60s\""),
    key("", "frame_max", "a size from 8192 bytes to 4 GiB, or 0 for no limit", "frame_max = \"128 KiB\""),
    key("", "channel_max", "a whole number from 1 to 65535, or 0 for no limit", "channel_max = 2047"),
    key(
        "",
        "memory_limit",
        "a size of 64 KiB or more, because publishers wait beyond it",
        "memory_limit = \"4 GiB\"",
    ),
    key(
        "",
        "memory_budget",
        "a size of 64 KiB or more, because a queue's ends stay in memory",
        "memory_budget = \"64 MiB\"",
    ),
    key("", "segment_size", "a size from 64 KiB to 1 GiB", "segment_size = \"32 MiB\""),
    key("", "sync", "always, never, or how often", "sync = \"100ms\""),
    key("", "max_message_size", "a size from 1 KiB to 512 MiB", "max_message_size = \"16 MiB\""),
    key(
        "",
        "max_transaction_size",
        "a size of 64 KiB or more; half of memory_limit holds if that is less",
        "max_transaction_size = \"128 MiB\"",
    ),
    key("", "consumer_timeout", "a duration, or \"0s\" for no limit", "consumer_timeout = \"30m\""),
    key("", "send_timeout", "a duration, or \"0s\" for no limit", "send_timeout = \"30s\""),
    key(
        "",
        "delete_vhosts",
        "a list of names of virtual hosts that are to be deleted",
        "delete_vhosts = [\"old\"]",
    ),
    key("", "vhosts", "a list of tables, each under [[vhosts]] in double brackets", "[[vhosts]]"),
    key("", "users", "a list of tables, each under [[users]] in double brackets", "[[users]]"),
    key(
        "",
        "permissions",
        "a list of tables, each under [[permissions]] in double brackets",
        "[[permissions]]",
    ),
    key(
        "",
        "topic_permissions",
        "a list of tables, each under [[topic_permissions]] in double brackets",
        "[[topic_permissions]]",
    ),
    key("", "policies", "a list of tables, each under [[policies]] in double brackets", "[[policies]]"),
    key("vhosts", "name", "a text of 1 to 255 bytes", "name = \"orders\""),
    key("vhosts", "max_connections", LIMIT, "max_connections = 100"),
    key("vhosts", "max_queues", LIMIT, "max_queues = 1000"),
    key("users", "name", "a text of 1 to 255 bytes", "name = \"ann\""),
    key("users", "password", "a text that is not empty", "password = \"a long secret\""),
    key(
        "users",
        "password_hash",
        "a text as in RabbitMQ's definitions",
        "password_hash = \"kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR\"",
    ),
    key("users", "loopback_only", "true or false", "loopback_only = true"),
    key("users", "tags", "a list of texts", "tags = [\"impersonator\"]"),
    key("users", "max_connections", LIMIT, "max_connections = 10"),
    key("users", "max_channels", LIMIT, "max_channels = 100"),
    key("permissions", "configure", REGULAR_EXPRESSION, "configure = \"^orders-\""),
    key("", "user", "the name of a user in this file", "user = \"ann\""),
    key("", "vhost", "the name of a virtual host in this file", "vhost = \"/\""),
    key("", "write", REGULAR_EXPRESSION, "write = \".*\""),
    key("", "read", REGULAR_EXPRESSION, "read = \".*\""),
    key("topic_permissions", "exchange", "the name of a topic exchange", "exchange = \"amq.topic\""),
    key("policies", "name", "a text of 1 to 255 bytes", "name = \"short\""),
    key("policies", "pattern", REGULAR_EXPRESSION, "pattern = \"^orders-\""),
    key(
        "policies",
        "apply_to",
        "all, exchanges, queues, classic_queues, quorum_queues or streams",
        "apply_to = \"queues\"",
    ),
    key("policies", "priority", "a whole number", "priority = 10"),
    key("policies", "operator", "true or false", "operator = true"),
];

/// A definition has many keys of its own.
const DEFINITION: Key =
    key("policies", "definition", "a table of policy keys", "definition = { max-length = 1000 }");

/// The key in this list of tables, or the one that has the same meaning everywhere.
pub(super) fn find(table: &str, name: &str) -> Option<&'static Key> {
    let all = || KEYS.iter().chain([&DEFINITION]).filter(|key| key.name == name);
    all()
        .find(|key| key.table == table)
        .or_else(|| all().find(|key| key.table.is_empty()))
        .or_else(|| all().next())
}

impl Key {
    /// `heartbeat is whole seconds …; for example heartbeat = "60s"`
    pub(super) fn sentence(&self) -> String {
        let Key { name, allowed, example, .. } = self;
        format!("{name} is {allowed}; for example {example}")
    }
}

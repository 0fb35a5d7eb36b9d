//! RabbitMQ's `definitions.json`: what its management plugin and `rabbitmqctl` export and import.
//!
//! One reader for all who take such a file. It takes what RabbitMQ's own import takes: exports of whole nodes and of one
//! virtual host, of any version since 3.6, with `"arguments": []` and a byte order mark; and it knows the line of
//! everything. What things mean is not decided here: policies are chosen by the core.
//!
//! ```
//! use warren_definitions::Definitions;
//!
//! let text = r#"{ "rabbit_version": "3.8.9",
//!   "queues": [{ "name": "orders", "vhost": "/", "durable": true, "arguments": { "x-max-length": 10 } }] }"#;
//! let definitions = Definitions::parse(text).expect("RabbitMQ would take it");
//! assert_eq!(definitions.made_by.as_deref(), Some("3.8.9"));
//! assert_eq!(definitions.queues[0].line, 2);
//! assert_eq!(definitions.queues[0].arguments.get("x-max-length").and_then(|limit| limit.as_integer()), Some(10));
//! ```

mod element;
mod error;
mod policies;
mod values;

use warren_core::{ordered::OrdMap, wire::FieldTable};

pub use error::DefinitionsError;
pub use policies::PolicyElement;

use element::{Element, Lists};

/// A file of definitions.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    /// The version of the RabbitMQ that has exported it, such as `3.8.9`, if it says so.
    pub made_by: Option<String>,
    /// The virtual hosts that it names as such.
    pub vhosts: Vec<String>,
    /// The types that queues get which ask for none, by virtual host, where they are said.
    pub default_queue_types: OrdMap<String, String>,
    /// Users.
    pub users: Vec<UserElement>,
    /// What users may do in virtual hosts.
    pub permissions: Vec<PermissionElement>,
    /// The routing keys that users may use with topic exchanges: their user, virtual host and exchange.
    pub topic_permissions: Vec<PermissionElement>,
    /// Policies, and operator policies, which are exported among the parameters.
    pub policies: Vec<PolicyElement>,
    /// Exchanges; RabbitMQ exports none of its own (`amq.…`).
    pub exchanges: Vec<ExchangeElement>,
    /// Queues; exclusive ones are not exported.
    pub queues: Vec<QueueElement>,
    /// Bindings.
    pub bindings: Vec<BindingElement>,
    /// How many other parameters there are, by their component: `shovel`, `federation-upstream`, `vhost-limits` …
    pub parameters: OrdMap<String, u32>,
}

/// A user.
#[derive(Clone, Debug)]
pub struct UserElement {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// The name.
    pub name: String,
    /// The module that has hashed the password, such as `rabbit_password_hashing_sha256`; RabbitMQ before 3.6 does not
    /// say it, and has used MD5.
    pub hashing: Option<String>,
}

/// What a user may do somewhere.
#[derive(Clone, Debug)]
pub struct PermissionElement {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// Who.
    pub user: String,
    /// The virtual host.
    pub vhost: String,
    /// Of topic permissions, the exchange; else empty.
    pub exchange: String,
    /// Regular expressions: of names to declare and delete (empty for topic permissions), to publish to, to consume from.
    pub configure: String,
    /// See `configure`.
    pub write: String,
    /// See `configure`.
    pub read: String,
}

/// An exchange.
#[derive(Clone, Debug)]
pub struct ExchangeElement {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// The virtual host.
    pub vhost: String,
    /// The name.
    pub name: String,
    /// The type, whatever it is: plugins bring more.
    pub kind: String,
    /// Whether it survives a restart.
    pub durable: bool,
    /// `alternate-exchange` …
    pub arguments: FieldTable,
}

/// A queue.
#[derive(Clone, Debug)]
pub struct QueueElement {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// The virtual host.
    pub vhost: String,
    /// The name.
    pub name: String,
    /// Whether it survives a restart.
    pub durable: bool,
    /// Whether it goes with its last consumer.
    pub auto_delete: bool,
    /// `x-queue-type` …
    pub arguments: FieldTable,
}

/// A binding.
#[derive(Clone, Debug)]
pub struct BindingElement {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// The virtual host.
    pub vhost: String,
    /// The exchange that messages come from.
    pub source: String,
    /// The queue or exchange that they go to.
    pub destination: String,
    /// Whether that is an exchange.
    pub to_exchange: bool,
    /// The binding key.
    pub routing_key: String,
    /// What a headers exchange compares.
    pub arguments: FieldTable,
}

impl QueueElement {
    /// `classic`, `quorum`, `stream`, or what else it asks for.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.arguments.get("x-queue-type").and_then(|kind| kind.as_text()).unwrap_or("classic")
    }
}

impl Definitions {
    /// Reads a file.
    ///
    /// # Errors
    /// A text that is no JSON, or a field that is missing or wrong, with its line.
    pub fn parse(text: &str) -> Result<Definitions, DefinitionsError> {
        let lists = Lists::of(text)?;
        let mut definitions = Definitions {
            made_by: lists.text("rabbitmq_version").or_else(|| lists.text("rabbit_version")),
            vhosts: lists.each("vhosts", |vhost| vhost.text("name", None))?,
            default_queue_types: lists.each("vhosts", default_queue_type)?.into_iter().flatten().collect(),
            users: lists.each("users", user)?,
            permissions: lists.each("permissions", permission)?,
            topic_permissions: lists.each("topic_permissions", permission)?,
            policies: lists.each("policies", policies::policy)?,
            exchanges: lists.each("exchanges", exchange)?,
            queues: lists.each("queues", queue)?,
            bindings: lists.each("bindings", binding)?,
            parameters: OrdMap::new(),
        };
        let parameters = lists.each("parameters", |parameter| {
            let component = parameter.text("component", None)?;
            let operators =
                if component == "operator_policy" { Some(policies::operators(parameter)?) } else { None };
            Ok((component, operators))
        })?;
        for (component, operators) in parameters {
            match operators {
                Some(policy) => definitions.policies.push(policy),
                None => *definitions.parameters.entry(component).or_default() += 1,
            }
        }
        Ok(definitions)
    }
}

/// 3.11 has it beside the name, later versions in the metadata.
fn default_queue_type(vhost: &Element) -> Result<Option<(String, String)>, DefinitionsError> {
    let own = vhost.text("default_queue_type", Some(""))?;
    let kind = match vhost.inner("metadata") {
        Ok(metadata) if own.is_empty() => metadata.text("default_queue_type", Some(""))?,
        _ => own,
    };
    let is_said = !kind.is_empty() && kind != "undefined";
    Ok(if is_said { Some((vhost.text("name", None)?, kind)) } else { None })
}

fn user(user: &Element) -> Result<UserElement, DefinitionsError> {
    Ok(UserElement {
        line: user.line,
        name: user.text("name", None)?,
        hashing: Some(user.text("hashing_algorithm", Some(""))?).filter(|hashing| !hashing.is_empty()),
    })
}

fn permission(permission: &Element) -> Result<PermissionElement, DefinitionsError> {
    Ok(PermissionElement {
        line: permission.line,
        user: permission.text("user", None)?,
        vhost: permission.text("vhost", Some("/"))?,
        exchange: permission.text("exchange", Some(""))?,
        configure: permission.text("configure", Some(""))?,
        write: permission.text("write", None)?,
        read: permission.text("read", None)?,
    })
}

fn exchange(exchange: &Element) -> Result<ExchangeElement, DefinitionsError> {
    Ok(ExchangeElement {
        line: exchange.line,
        vhost: exchange.text("vhost", Some("/"))?,
        name: exchange.text("name", None)?,
        kind: exchange.text("type", None)?,
        durable: exchange.flag("durable")?,
        arguments: exchange.table("arguments")?,
    })
}

fn queue(queue: &Element) -> Result<QueueElement, DefinitionsError> {
    Ok(QueueElement {
        line: queue.line,
        vhost: queue.text("vhost", Some("/"))?,
        name: queue.text("name", None)?,
        durable: queue.flag("durable")?,
        auto_delete: queue.flag("auto_delete")?,
        arguments: queue.table("arguments")?,
    })
}

fn binding(binding: &Element) -> Result<BindingElement, DefinitionsError> {
    Ok(BindingElement {
        line: binding.line,
        vhost: binding.text("vhost", Some("/"))?,
        source: binding.text("source", None)?,
        destination: binding.text("destination", None)?,
        to_exchange: binding.text("destination_type", None)? == "exchange",
        routing_key: binding.text("routing_key", Some(""))?,
        arguments: binding.table("arguments")?,
    })
}

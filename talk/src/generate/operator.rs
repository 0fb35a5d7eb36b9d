//! What an operator asks for in made-up conversations.

use warren_core::Random;

use super::draw::Pick;

/// A user whose connection is `b`, who may do less than guest, or is on a virtual host of its own. Permissions do not
/// change later: RabbitMQ's channels remember some of what they were granted.
pub(super) fn user(seed: u64, random: &mut Random) -> Vec<String> {
    let (user, own) = (format!("g{seed}u"), format!("g{seed}v"));
    let mut lines = vec![format!("admin set-user name={user}")];
    let is_on_its_own = random.below(3) == 0;
    let vhost = if is_on_its_own { own } else { "/".into() };
    if is_on_its_own {
        lines.push(format!("admin add-vhost name={vhost}"));
    }
    let mut pattern = || {
        let few = format!("^(amq\\.gen.*|g{seed}[abx])$");
        [".*".into(), ".*".into(), few, format!("^g{seed}.$"), format!("^g{seed}[by]$"), String::new()]
            .pick(random)
    };
    let (configure, write, read) = (pattern(), pattern(), pattern());
    lines.push(format!(
        "admin permit user={user} vhost={vhost} configure={configure} write={write} read={read}"
    ));
    if !is_on_its_own && random.below(2) == 0 {
        // RabbitMQ wants to see the exchange first.
        lines.push(format!("-> 1 exchange.declare exchange=g{seed}x kind=topic"));
        let (write, read) = ([".*", "^k$", "^k", ""].pick(random), [".*", "^k$", ""].pick(random));
        lines.push(format!(
            "admin permit-topics user={user} vhost={vhost} exchange=g{seed}x write={write} read={read}"
        ));
    }
    lines.push(format!("as b {user} {vhost}"));
    lines
}

/// One of two policies is set or taken back.
pub(super) fn policy(seed: u64, random: &mut Random) -> String {
    let name = format!("g{seed}{}", ["p", "q"].pick(random));
    let kind = ["policy", "policy", "policy", "operator-policy"].pick(random);
    if random.below(4) == 0 {
        return format!("admin clear-{kind} name={name}");
    }
    let pattern = format!("^g{seed}{}", ["", "a", "[ab]", "c$", "x"].pick(random));
    let mut keys = vec![definition(seed, random, &kind)];
    if random.below(3) == 0 {
        keys.push(definition(seed, random, &kind));
    }
    keys.sort_unstable();
    keys.dedup_by_key(|key| key.split('=').next().map(str::to_owned));
    let apply_to = match kind.as_str() {
        "policy" => ["", "", " apply_to=queues", " apply_to=classic_queues"].pick(random),
        _ => " apply_to=queues".into(),
    };
    let priority = [0, 1, 2][random.below(3) as usize];
    let keys = keys.join(", ");
    format!(
        "admin set-{kind} name={name} pattern={pattern}{apply_to} priority={priority} definition={{{keys}}}"
    )
}

fn definition(seed: u64, random: &mut Random, kind: &str) -> String {
    let number = random.below(4);
    if kind == "operator-policy" {
        return match random.below(2) {
            0 => format!("max-length={number}"),
            _ => format!("max-length-bytes={}", 2 * number),
        };
    }
    match random.below(7) {
        0 | 1 => format!("max-length={number}"),
        2 => format!("max-length-bytes={}", 2 * number),
        3 => format!("overflow={}", ["drop-head", "reject-publish"].pick(random)),
        4 => format!("dead-letter-exchange=g{seed}{}", ["x", "y"].pick(random)),
        5 => "message-ttl=600000".into(),
        _ => "expires=600000".into(),
    }
}

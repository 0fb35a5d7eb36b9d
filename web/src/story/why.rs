//! Why a message was routed as it was, in sentences: what the core says of every binding that it asked.

use warren_sim::warren_core::{
    event::{Destination, ExchangeKind},
    explain::{Asked, Mismatch, Routing, Tried},
    wire::FieldTable,
};

use warren_texts::said_of;

use crate::i18n::{Lang, say};

/// Bindings that are listed; more than anybody reads.
const MOST: usize = 40;

/// An exchange that was asked, and what its bindings said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) question: String,
    /// Whether each binding took the message, and the binding with its reason.
    pub(crate) bindings: Vec<(bool, String)>,
    /// What follows if none did.
    pub(crate) end: Option<String>,
}

/// The exchanges in the order in which they were asked.
pub(crate) fn answers(lang: Lang, routing: &Routing) -> Vec<Answer> {
    if routing.asked.is_empty() {
        let question = say!(lang, "There is no exchange {name}.", name = routing.exchange);
        return vec![Answer { question, bindings: Vec::new(), end: None }];
    }
    routing.asked.iter().map(|asked| answer(lang, asked)).collect()
}

fn answer(lang: Lang, asked: &Asked) -> Answer {
    let tried = asked.tried.iter().take(MOST);
    let mut bindings: Vec<(bool, String)> =
        tried.map(|tried| (tried.matched(), binding(lang, asked, tried))).collect();
    if let Some(more) = asked.tried.len().checked_sub(MOST).filter(|more| *more > 0) {
        bindings.push((false, format!("… + {more}")));
    }
    let end = asked.alternate.as_ref().map(|alternate| {
        say!(lang, "No binding took it, so it goes on to the alternate exchange {name}.", name = alternate)
    });
    Answer { question: question(lang, asked), bindings, end }
}

fn question(lang: Lang, asked: &Asked) -> String {
    let keys: Vec<String> = asked.keys.iter().map(|key| quoted(lang, key)).collect();
    let (keys, kind) = (keys.join(", "), asked.kind.as_str());
    let name = &asked.exchange;
    let it = say!(lang, "The {kind} exchange {name}", kind, name);
    if let Some(ms) = asked.delay_ms {
        return say!(lang, "{it} holds it back for {ms} ms, and asks its bindings then.", it, ms);
    }
    if asked.exchange.is_empty() {
        return say!(lang, "The default exchange looks for the queue {keys}.", keys);
    }
    if asked.tried.is_empty() {
        return say!(lang, "{it} has no bindings.", it);
    }
    match asked.kind {
        ExchangeKind::Direct => say!(lang, "{it} wants a binding key equal to {keys}:", it, keys),
        ExchangeKind::Topic => say!(lang, "{it} tries its patterns on {keys}:", it, keys),
        ExchangeKind::Headers => say!(lang, "{it} compares the headers with each binding:", it),
        ExchangeKind::Fanout | ExchangeKind::RecentHistory => {
            say!(lang, "{it} looks at nothing, every binding takes it:", it)
        }
        ExchangeKind::DelayedMessage
        | ExchangeKind::ConsistentHash
        | ExchangeKind::ModulusHash
        | ExchangeKind::LocalRandom
        | ExchangeKind::Random => say!(lang, "{it} picks one of its bindings:", it),
    }
}

/// `*.sms → queue sms: needs 2 words, the key has 3`.
fn binding(lang: Lang, asked: &Asked, tried: &Tried) -> String {
    let to = match &tried.destination {
        Destination::Queue(queue) => say!(lang, "queue {name}", name = queue),
        Destination::Exchange(exchange) => say!(lang, "exchange {name}", name = exchange),
    };
    let wants = match asked.kind {
        // The default exchange's keys are the names of queues.
        _ if asked.exchange.is_empty() => String::new(),
        ExchangeKind::Headers => arguments(&tried.arguments),
        _ => tried.binding_key.to_string(),
    };
    let wants = if wants.is_empty() { wants } else { format!("{wants} ") };
    let why = tried.mismatch.as_ref().map(|why| format!(": {}", mismatch(lang, why))).unwrap_or_default();
    format!("{wants}→ {to}{why}")
}

fn arguments(arguments: &FieldTable) -> String {
    let pairs = arguments.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join(", ")
}

fn mismatch(lang: Lang, why: &Mismatch) -> String {
    match why {
        Mismatch::Key => lang.say("another key").to_owned(),
        Mismatch::Words { needs, has, or_more } => {
            let count = *needs;
            let words = lang.tell(&said_of!(count, "{count} word", "{count} words"));
            if *or_more {
                say!(lang, "needs at least {words}, the key has {has}", words, has)
            } else {
                say!(lang, "needs {words}, the key has {has}", words, has)
            }
        }
        Mismatch::Word { at, wants, has } => {
            let (wants, has) = (quoted(lang, wants), quoted(lang, has));
            say!(lang, "word {at} is {has}, not {wants}", at, has, wants)
        }
        Mismatch::Mask => lang.say("no words for its # make the others fit").to_owned(),
        Mismatch::NoHeader(name) => say!(lang, "there is no header {name}", name),
        Mismatch::Header { name, wants, has } => {
            let (wants, has) = (quoted(lang, wants), quoted(lang, has));
            say!(lang, "header {name} is {has}, not {wants}", name, has, wants)
        }
        Mismatch::NoneOfHeaders => lang.say("none of these headers agrees").to_owned(),
        Mismatch::NotPicked => lang.say("another one was picked").to_owned(),
        Mismatch::NoQueue => lang.say("there is no such queue").to_owned(),
    }
}

fn quoted(lang: Lang, text: &str) -> String {
    say!(lang, "“{text}”", text)
}

#[cfg(test)]
mod tests {
    use warren_sim::{
        Scenario, World, lessons,
        warren_core::{Instant, explain::Routing},
    };

    use super::{Answer, answers};
    use crate::i18n::Lang;

    /// How the messages of a lesson were routed.
    fn routings(lesson: &str) -> Vec<Routing> {
        let lesson = lessons::find(lesson).expect("a lesson");
        played(&Scenario::parse(lesson.id, lesson.toml).expect("a good file"))
    }

    fn played(scenario: &Scenario) -> Vec<Routing> {
        let mut world = World::new(scenario, 1);
        let mut routings = Vec::new();
        while world.next_at().is_some_and(|at| at <= Instant::ZERO + scenario.until) {
            routings.extend(world.step_explained());
        }
        routings
    }

    fn told(lang: Lang, routing: &Routing) -> String {
        let lines = answers(lang, routing).into_iter().flat_map(|Answer { question, bindings, end }| {
            let bindings =
                bindings.into_iter().map(|(took, text)| format!("{} {text}", if took { "✓" } else { "✗" }));
            std::iter::once(question).chain(bindings).chain(end)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn masks_are_explained() {
        let routings = routings("topic");
        assert_eq!(
            told(Lang::ENGLISH, &routings[1]),
            "The topic exchange events tries its patterns on “app.notification.email.sent”:
✗ app.notification.sms.* → queue sms: word 3 is “email”, not “sms”
✓ app.notification.# → queue notifications
✓ # → queue audit"
        );
        assert_eq!(
            told(Lang::russian(), &routings[2]),
            "Точка обмена events (topic) сверяет шаблоны с ключом «app.user.created»:
✗ app.notification.sms.* → очередь sms: нужно 4 слова, в ключе 3
✗ app.notification.# → очередь notifications: слово 2 — «user», а не «notification»
✓ # → очередь audit"
        );
    }

    /// When its wait is over, an exchange asks as its `x-delayed-type` says: it was told to ask about a key always.
    #[test]
    fn an_exchange_that_holds_back_is_explained() {
        let scenario = Scenario::parse(
            "later.toml",
            r#"
            title = { en = "Later", ru = "Позже" }
            summary = { en = "Later", ru = "Позже" }
            until = "5s"
            [[exchange]]
            name = "later"
            type = "x-delayed-message"
            arguments = { x-delayed-type = "headers" }
            [[queue]]
            name = "q"
            [[binding]]
            exchange = "later"
            queue = "q"
            arguments = { x-match = "all", kind = "bill" }
            [[producer]]
            name = "p"
            exchange = "later"
            headers = { kind = "bill", x-delay = 1000 }
            count = 1
            "#,
        );
        let routings = played(&scenario.expect("a good file"));
        let told: Vec<String> = routings.iter().map(|routing| told(Lang::ENGLISH, routing)).collect();
        assert_eq!(
            told,
            [
                "The x-delayed-message exchange later holds it back for 1000 ms, and asks its bindings then.",
                "The headers exchange later compares the headers with each binding:
✓ kind=bill, x-match=all → queue q"
            ]
        );
    }

    #[test]
    fn headers_and_the_default_exchange_are_explained() {
        let headers: Vec<String> =
            routings("headers").iter().map(|routing| told(Lang::ENGLISH, routing)).collect();
        assert_eq!(
            headers[1],
            "The headers exchange scans compares the headers with each binding:
✗ format=pdf, kind=bill, x-match=all → queue accounting: header format is “jpg”, not “pdf”
✓ format=pdf, kind=photo, x-match=any → queue preview"
        );
        assert_eq!(
            headers[2],
            "The headers exchange scans compares the headers with each binding:
✗ format=pdf, kind=bill, x-match=all → queue accounting: header format is “paper”, not “pdf”
✗ format=pdf, kind=photo, x-match=any → queue preview: none of these headers agrees
No binding took it, so it goes on to the alternate exchange rest.
The fanout exchange rest looks at nothing, every binding takes it:
✓ → queue unsorted"
        );
        assert_eq!(
            told(Lang::ENGLISH, &routings("hello")[0]),
            "The default exchange looks for the queue “hello”.\n✓ → queue hello"
        );
    }
}

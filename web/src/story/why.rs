//! Why a message was routed as it was, in sentences: what the core says of every binding that it asked.

use warren_sim::warren_core::{
    event::{Destination, ExchangeKind},
    explain::{Asked, Mismatch, Routing, Tried},
    wire::FieldTable,
};

use crate::i18n::Lang;

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
        let missing = lang.say("There is no exchange", "Нет точки обмена");
        let question = format!("{missing} {}.", routing.exchange);
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
        let goes = lang.say(
            "No binding took it, so it goes on to the alternate exchange",
            "Ни одна привязка не подошла, и сообщение уходит в запасную точку обмена",
        );
        format!("{goes} {alternate}.")
    });
    Answer { question: question(lang, asked), bindings, end }
}

fn question(lang: Lang, asked: &Asked) -> String {
    let keys: Vec<String> = asked.keys.iter().map(|key| quoted(lang, key)).collect();
    let (keys, kind) = (keys.join(", "), asked.kind.as_str());
    let name = &asked.exchange;
    let it = match lang {
        Lang::En => format!("The {kind} exchange {name}"),
        Lang::Ru => format!("Точка обмена {name} ({kind})"),
    };
    if let Some(ms) = asked.delay_ms {
        return match lang {
            Lang::En => format!("{it} holds it back for {ms} ms, and asks its bindings then."),
            Lang::Ru => format!("{it} придержит сообщение на {ms} мс и лишь потом спросит привязки."),
        };
    }
    if asked.exchange.is_empty() {
        let looks = lang.say("The default exchange looks for the queue", "Обмен по умолчанию ищет очередь");
        return format!("{looks} {keys}.");
    }
    if asked.tried.is_empty() {
        return format!("{it} {}.", lang.say("has no bindings", "не имеет привязок"));
    }
    let does = match asked.kind {
        ExchangeKind::Direct => {
            format!("{} {keys}:", lang.say("wants a binding key equal to", "ищет привязку с ключом, равным"))
        }
        ExchangeKind::Topic => {
            format!("{} {keys}:", lang.say("tries its patterns on", "сверяет шаблоны с ключом"))
        }
        ExchangeKind::Headers => lang
            .say("compares the headers with each binding:", "сверяет заголовки с каждой привязкой:")
            .to_owned(),
        ExchangeKind::Fanout | ExchangeKind::RecentHistory => lang
            .say(
                "looks at nothing, every binding takes it:",
                "ни на что не смотрит, подходит каждая привязка:",
            )
            .to_owned(),
        ExchangeKind::DelayedMessage
        | ExchangeKind::ConsistentHash
        | ExchangeKind::ModulusHash
        | ExchangeKind::LocalRandom
        | ExchangeKind::Random => {
            lang.say("picks one of its bindings:", "выбирает одну из привязок:").to_owned()
        }
    };
    format!("{it} {does}")
}

/// `*.sms → queue sms: needs 2 words, the key has 3`.
fn binding(lang: Lang, asked: &Asked, tried: &Tried) -> String {
    let to = match &tried.destination {
        Destination::Queue(queue) => format!("{} {queue}", lang.say("queue", "очередь")),
        Destination::Exchange(exchange) => format!("{} {exchange}", lang.say("exchange", "точка обмена")),
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
        Mismatch::Key => lang.say("another key", "другой ключ").to_owned(),
        Mismatch::Words { needs, has, or_more } => {
            let least = match (or_more, lang) {
                (true, Lang::En) => "at least ",
                (true, Lang::Ru) => "не меньше ",
                (false, _) => "",
            };
            match lang {
                Lang::En => format!("needs {least}{}, the key has {has}", words(lang, *needs)),
                Lang::Ru => format!("нужно {least}{}, в ключе {has}", words(lang, *needs)),
            }
        }
        Mismatch::Word { at, wants, has } => {
            let (wants, has) = (quoted(lang, wants), quoted(lang, has));
            match lang {
                Lang::En => format!("word {at} is {has}, not {wants}"),
                Lang::Ru => format!("слово {at} — {has}, а не {wants}"),
            }
        }
        Mismatch::Mask => lang
            .say("no words for its # make the others fit", "какие слова ни взять за #, остальные не подходят")
            .to_owned(),
        Mismatch::NoHeader(name) => format!("{} {name}", lang.say("there is no header", "нет заголовка")),
        Mismatch::Header { name, wants, has } => {
            let (wants, has) = (quoted(lang, wants), quoted(lang, has));
            match lang {
                Lang::En => format!("header {name} is {has}, not {wants}"),
                Lang::Ru => format!("заголовок {name} — {has}, а не {wants}"),
            }
        }
        Mismatch::NoneOfHeaders => {
            lang.say("none of these headers agrees", "ни один из этих заголовков не совпал").to_owned()
        }
        Mismatch::NotPicked => lang.say("another one was picked", "выбрана другая").to_owned(),
        Mismatch::NoQueue => lang.say("there is no such queue", "такой очереди нет").to_owned(),
    }
}

fn quoted(lang: Lang, text: &str) -> String {
    match lang {
        Lang::En => format!("“{text}”"),
        Lang::Ru => format!("«{text}»"),
    }
}

fn words(lang: Lang, count: u64) -> String {
    let word = match lang {
        Lang::En if count == 1 => "word",
        Lang::En => "words",
        Lang::Ru => match (count % 10, count % 100) {
            (_, 11..=14) => "слов",
            (1, _) => "слово",
            (2..=4, _) => "слова",
            _ => "слов",
        },
    };
    format!("{count} {word}")
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
            told(Lang::En, &routings[1]),
            "The topic exchange events tries its patterns on “app.notification.email.sent”:
✗ app.notification.sms.* → queue sms: word 3 is “email”, not “sms”
✓ app.notification.# → queue notifications
✓ # → queue audit"
        );
        assert_eq!(
            told(Lang::Ru, &routings[2]),
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
        let told: Vec<String> = routings.iter().map(|routing| told(Lang::En, routing)).collect();
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
            routings("headers").iter().map(|routing| told(Lang::En, routing)).collect();
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
            told(Lang::En, &routings("hello")[0]),
            "The default exchange looks for the queue “hello”.\n✓ → queue hello"
        );
    }
}

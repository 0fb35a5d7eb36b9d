//! Events as sentences in the visitor's language.

pub(crate) mod why;

use std::time::Duration;

use warren_sim::{
    ActorId, Direction, Happening, LossReason, Mishap, Scenario, Sending, SettleBy, Unsynced, report,
    warren_core::{
        ChannelNumber, Fact, Instant,
        event::{DeathReason, RequeueReason},
    },
};

use crate::i18n::Lang;
use crate::interpreter::{MEMORY, STEPS, STEPS_IN_ALL, TOO_DEEP};

const BROKER: &str = "брокер";

/// Who did what; `None` for what only machines want to know.
pub(crate) fn sentence(lang: Lang, scenario: &Scenario, what: &Happening) -> Option<(String, String)> {
    match lang {
        Lang::En => report::sentence(scenario, what),
        Lang::Ru => russian(scenario, what),
    }
}

/// What goes wrong, in words.
pub(crate) fn mishap(lang: Lang, scenario: &Scenario, mishap: &Mishap) -> String {
    sentence(lang, scenario, &Happening::Mishap(mishap.clone())).map(|(_, what)| what).unwrap_or_default()
}

/// Why messages were lost, and how many for each reason, in one line.
pub(crate) fn losses(lang: Lang, scenario: &Scenario, ledger: &warren_sim::Ledger) -> String {
    let reasons = ledger.lost_by_reason().into_iter();
    let said = reasons.map(|(reason, count)| {
        let why = match lang {
            Lang::En => report::loss(scenario, reason),
            Lang::Ru => russian_loss(scenario, reason),
        };
        format!("{count}: {why}")
    });
    let not_arrived = ledger.not_arrived;
    let never = (not_arrived > 0).then(|| match lang {
        Lang::En => format!("{not_arrived} never arrived: on the wire when the broker ended"),
        Lang::Ru => format!("{not_arrived} не дошло: были в пути, когда брокер остановился"),
    });
    said.chain(never).collect::<Vec<_>>().join("; ")
}

/// How those producers fare that wait to hear of their messages, a line for each.
pub(crate) fn paces(lang: Lang, scenario: &Scenario, ledger: &warren_sim::Ledger) -> Vec<String> {
    let said = ledger.paces().map(|(actor, pace)| {
        let (who, heard, asks) = (name(scenario, actor), pace.heard, scenario.asks(actor));
        let [average, total] =
            [pace.average(), pace.total()].map(|time| lang.duration(time.since(Instant::ZERO)));
        match lang {
            Lang::En => {
                let what = if asks { "answered" } else { "confirmed" };
                format!("{who}: {heard} {what}, {average} each on average, the last after {total}")
            }
            Lang::Ru => {
                let what = if asks { "ответов" } else { "подтверждено" };
                format!("{who}: {what} {heard}, в среднем через {average}, последнее через {total}")
            }
        }
    });
    said.collect()
}

/// An error of code. The language has its own words for its errors; the limits are ours.
pub(crate) fn mistake(lang: Lang, message: &str) -> String {
    let limits = [
        (STEPS, "программа сделала больше 1 000 000 шагов подряд: не бесконечный ли это цикл?"),
        (STEPS_IN_ALL, "программа сделала больше 10 000 000 шагов: здесь она больше ничего не сделает"),
        (MEMORY, "программе не хватает памяти: у неё есть 16 МБ"),
        (TOO_DEEP, "программа слишком глубоко вызывает сама себя"),
    ];
    let known = limits.iter().find(|(limit, _)| *limit == message && lang == Lang::Ru);
    known.map_or(message, |(_, russian)| *russian).to_owned()
}

fn name(scenario: &Scenario, actor: ActorId) -> String {
    scenario.actor_names().nth(actor.0 as usize).unwrap_or("?").to_owned()
}

fn russian(scenario: &Scenario, what: &Happening) -> Option<(String, String)> {
    let (actor, what) = match what {
        Happening::Broker(event) => return Some((BROKER.into(), russian_fact(&event.fact)?)),
        Happening::Lost { message, reason, .. } => {
            let why = russian_loss(scenario, *reason);
            return Some((BROKER.into(), format!("сообщение {message} ПОТЕРЯНО: {why}")));
        }
        Happening::Connecting { actor, channel: ChannelNumber(1), .. } => (actor, "подключается".into()),
        Happening::Connecting { actor, channel, .. } => {
            (actor, format!("открывает канал {channel} в соединении своего клиента"))
        }
        Happening::Ready { actor } => (actor, "готов".into()),
        Happening::Refused { actor, reason, again_at: None, .. } => {
            (actor, format!("получил отказ: {reason}"))
        }
        Happening::Refused { actor, reason, again_at: Some(at), others_go_on } => {
            let what = if *others_go_on { "канал" } else { "соединение" };
            (actor, format!("теряет {what}: {reason}; новая попытка на отметке {} с", Lang::Ru.exact(*at)))
        }
        Happening::Sent(sending) => {
            let Sending { actor, exchange, routing_key, body, .. } = &**sending;
            let to = match (exchange.is_empty(), routing_key.is_empty()) {
                (true, _) if report::is_reply_address(routing_key) => "тому, кто спросил".into(),
                (true, _) => format!("в очередь {routing_key}"),
                (false, true) => format!("в точку обмена {exchange}"),
                (false, false) => format!("в точку обмена {exchange} с ключом {routing_key}"),
            };
            (actor, format!("отправляет «{body}» {to}"))
        }
        Happening::NeverArrived(sending) => {
            return Some((BROKER.into(), format!("не работает: «{}» не дошло", sending.body)));
        }
        Happening::Confirmed { actor, message } => {
            (actor, format!("узнаёт, что сообщение {message} принято"))
        }
        Happening::Nacked { actor, message } => {
            (actor, format!("узнаёт, что сообщение {message} не принято"))
        }
        Happening::CommitSent { actor, messages, .. } => {
            (actor, format!("фиксирует транзакцию, сообщений: {messages}"))
        }
        Happening::RollbackSent { actor, messages, .. } => {
            (actor, format!("откатывает транзакцию, сообщений: {messages}"))
        }
        Happening::Answered { actor, message, body, .. } => {
            (actor, format!("получает ответ «{body}» на сообщение {message}"))
        }
        Happening::Returned { actor, message } => (actor, format!("получает сообщение {message} обратно")),
        Happening::Received { actor, message, redelivered, .. } => {
            let again = if *redelivered { " повторно" } else { "" };
            (actor, format!("получает сообщение {message}{again}"))
        }
        Happening::Invented { actor } => (actor, "получает сообщение, которого никто не отправлял".into()),
        Happening::WorkStarted { actor, message, done_at, .. } => {
            let until =
                done_at.map_or_else(String::new, |at| format!(" до отметки {} с", Lang::Ru.exact(at)));
            (actor, format!("обрабатывает сообщение {message}{until}"))
        }
        Happening::WorkDone { actor, message, .. } => (actor, format!("обработал сообщение {message}")),
        Happening::WorkFailed { actor, message, rejections, .. } => {
            let before = match rejections {
                0 => String::new(),
                count => format!(", прежде отклонено раз: {count}"),
            };
            (actor, format!("не справился с сообщением {message}{before}"))
        }
        Happening::RejectSent { actor, message, requeue, .. } => {
            let back = if *requeue { " и возвращает его в очередь" } else { "" };
            (actor, format!("отклоняет сообщение {message}{back}"))
        }
        Happening::AckSent { actor, message, .. } => (actor, format!("подтверждает сообщение {message}")),
        Happening::Crashed { actor, .. } => (actor, "ПАДАЕТ".into()),
        Happening::Revived { actor } => (actor, "запускается снова".into()),
        Happening::WentOn { actor } => (actor, "продолжает работу".into()),
        Happening::Printed { actor, text, line, .. } => {
            let place = line.map_or_else(String::new, |line| format!(" (строка {line} кода)"));
            (actor, format!("выводит «{text}»{place}"))
        }
        Happening::CodeFailed { actor, message, line } => {
            let place = line.map_or_else(String::new, |line| format!(" в строке {line}"));
            (actor, format!("ОШИБКА в коде{place}: {}", mistake(Lang::Ru, message)))
        }
        Happening::Finished { actor } => (actor, "дошёл до конца своей программы".into()),
        Happening::BrokerCrashed { unsynced } => {
            let left = match unsynced {
                Unsynced::Lost => ", и то, что диск не сохранил, пропало",
                Unsynced::Torn => ", и из того, что диск не сохранил, осталась часть",
                Unsynced::Kept => "; записанное осталось в кэше",
            };
            return Some((BROKER.into(), format!("ПАДАЕТ{left}")));
        }
        Happening::BrokerStopped => return Some((BROKER.into(), "остановился, как его просили".into())),
        Happening::BrokerHalted { reason } => {
            return Some((BROKER.into(), format!("ОСТАНАВЛИВАЕТСЯ САМ: {reason}")));
        }
        Happening::BrokerRefused { damage } => {
            return Some((BROKER.into(), format!("НЕ ЗАПУСКАЕТСЯ: {damage}")));
        }
        Happening::Mishap(mishap) => return Some((mishap.whom().into(), russian_mishap(mishap))),
        Happening::Healed => return Some((BROKER.into(), "и все остальные снова в порядке".into())),
        Happening::BrokerStarted => return Some((BROKER.into(), "запускается снова".into())),
        Happening::Dispatched { .. } => return None,
    };
    Some((name(scenario, *actor), what))
}

fn russian_mishap(mishap: &Mishap) -> String {
    let time = |time: &Duration| Lang::Ru.duration(*time);
    let toward = |way: &Option<Direction>| match way {
        None => "",
        Some(Direction::ToBroker) => " к брокеру",
        Some(Direction::ToClient) => " к клиенту",
    };
    match mishap {
        Mishap::Cut { way: None, .. } => "соединение РВЁТСЯ".into(),
        Mishap::Cut { way, frames, torn, .. } => {
            let torn = if *torn { " с половиной" } else { "" };
            format!("соединение ПОРВЁТСЯ, пропустив{} кадров: {frames}{torn}", toward(way))
        }
        Mishap::Close { .. } => "закрывает свой канал".into(),
        Mishap::Silence { .. } => "по соединению больше ничего не проходит, и никто об этом не знает".into(),
        Mishap::Partition { way, lasts, .. } => {
            format!("по линии{} ничего не проходит {}", toward(way), time(lasts))
        }
        Mishap::Slow { latency, lasts, .. } => {
            format!("задержка на линии {} в каждую сторону, на {}", time(latency), time(lasts))
        }
        Mishap::Tire { times, lasts, .. } => {
            format!("работает медленнее, раз: {times}, на {}", time(lasts))
        }
        Mishap::Pause { .. } => "замирает, соединение остаётся открытым".into(),
        Mishap::Settle { message, how, .. } => match how {
            SettleBy::Ack => format!("вынужден подтвердить сообщение {message}"),
            SettleBy::Reject => format!("вынужден отклонить сообщение {message}"),
            SettleBy::Requeue => format!("вынужден вернуть сообщение {message} в очередь"),
        },
        Mishap::ClockJump { by } => format!("календарь прыгает на {by}"),
        Mishap::SlowDisk { times, lasts } => {
            format!("диск медленнее, раз: {times}, на {}", time(lasts))
        }
        Mishap::FullDisk { lasts } => format!("диск полон, на {}", time(lasts)),
        Mishap::FailingWrite => "следующая запись на диск не удастся".into(),
        Mishap::FlippedBit => "один бит на диске переворачивается".into(),
        Mishap::LowMemory { lasts } => format!("не хватает памяти, на {}", time(lasts)),
        Mishap::Policy { pattern, definition } => {
            format!("получает политику для очередей {pattern:?}: {definition}")
        }
        Mishap::DeleteQueue { queue } => format!("оператор удаляет очередь {queue}"),
        Mishap::PurgeQueue { queue } => format!("оператор очищает очередь {queue}"),
        Mishap::Crash { .. } | Mishap::CrashBroker { .. } => "падает".into(),
        Mishap::Revive { .. } | Mishap::StartBroker => "запускается снова".into(),
        Mishap::StopBroker => "останавливается".into(),
        Mishap::Heal => "и все остальные снова в порядке".into(),
    }
}

fn russian_fact(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::ExchangeDeclared { exchange, kind, .. } => {
            format!("создаёт точку обмена {exchange} типа {}", kind.as_str())
        }
        Fact::QueueDeclared { queue, .. } => format!("создаёт очередь {queue}"),
        Fact::QueueDeleted { queue, .. } => format!("удаляет очередь {queue}"),
        // The next fact tells of it.
        Fact::Routed { queues, .. } if queues.iter().all(|queue| report::is_reply_address(queue)) => {
            return None;
        }
        Fact::Routed { message, queues } => {
            let queues: Vec<String> = queues.iter().map(ToString::to_string).collect();
            format!("сообщение {message} → {}", queues.join(", "))
        }
        Fact::Unroutable { message, .. } => format!("сообщению {message} не подошла ни одна привязка"),
        Fact::Delayed { message, exchange, delay_ms } => {
            format!("сообщение {message} ждёт в точке обмена {exchange} {delay_ms} мс")
        }
        Fact::ReturnedEarly { message } => {
            format!("сообщение {message} обязательное, а в очередях его ещё нет")
        }
        Fact::Delivered { message, consumer, redelivered, no_ack, .. } => {
            let again = if *redelivered { ", повторно" } else { "" };
            let forget = if *no_ack { ", и забывает его" } else { "" };
            format!("сообщение {message} → {}{again}{forget}", consumer.tag)
        }
        Fact::Read { message, consumer, offset, .. } => {
            format!("сообщение {message} → {} (смещение {offset}); в потоке оно остаётся", consumer.tag)
        }
        Fact::ReadSettled { message, queue, acked: true } => {
            format!("сообщение {message} подтверждено; в потоке {queue} оно остаётся")
        }
        Fact::Acked { message, queue, .. } => {
            format!("сообщение {message} подтверждено и удалено из очереди {queue}")
        }
        Fact::Requeued { message, queue, reason } => {
            let why = match reason {
                RequeueReason::Rejected | RequeueReason::Nacked => "отклонено",
                RequeueReason::Recovered => "запрошено заново",
                RequeueReason::ChannelClosed => "канал закрыт",
                RequeueReason::ConnectionClosed => "соединение оборвалось",
            };
            format!("сообщение {message} снова в очереди {queue}: {why}")
        }
        Fact::DeadLettered { message, queue, reason, exchange, .. } => {
            let why = match reason {
                DeathReason::Rejected => "отклонено",
                DeathReason::Expired => "устарело",
                DeathReason::MaxLength => "лишнее: очередь полна",
                DeathReason::DeliveryLimit => "слишком много неудачных доставок",
            };
            let to = if exchange.is_empty() { "обмен по умолчанию" } else { exchange };
            format!("сообщение {message} из очереди {queue}: {why}; как dead-letter уходит в {to}")
        }
        Fact::DeadLetterWaits { message, queue } => {
            format!("dead-letter {message} пока некуда деть: очередь {queue} хранит его и попробует снова")
        }
        Fact::DeadLetterTaken { message, queue } => {
            format!("dead-letter {message} ушло дальше: очередь {queue} его больше не хранит")
        }
        Fact::DeadLetterDropped { message, queue } => {
            format!("dead-letter {message} удалено вместе с очередью {queue}, которая его хранила")
        }
        Fact::Refused { message, queue } => {
            format!("не принимает сообщение {message}: очередь {queue} полна")
        }
        Fact::Nacked { .. } => "сообщает отправителю, что сообщение не принято".into(),
        Fact::Committed { .. } => "фиксирует транзакцию".into(),
        Fact::RolledBack { publishes, acks, .. } => {
            format!("откатывает транзакцию: публикаций {publishes}, подтверждений {acks}")
        }
        Fact::ConsumerActivated { consumer, queue } => {
            format!("очередь {queue} теперь обслуживает только {}", consumer.tag)
        }
        Fact::Replied { message, .. } => format!("сообщение {message} → прямо тому, кто ждёт ответа"),
        Fact::Recorded { message, commit } => {
            format!("сообщение {message} записывается на диск с порцией {commit}")
        }
        Fact::Written { commit } => format!("порция {commit} записана: она в кэше"),
        Fact::Synced { commit } => format!("порция {commit} сохранена: она на диске"),
        Fact::Recovered { message, queue } => {
            format!("сообщение {message} найдено на диске, в очереди {queue}")
        }
        Fact::RecoveredDelayed { message, exchange, delay_ms } => {
            format!("сообщение {message} найдено на диске: ждёт в точке обмена {exchange} ещё {delay_ms} мс")
        }
        Fact::DiskFull => "на диске нет места".into(),
        Fact::Blocked => "останавливает отправителей: мало памяти или места на диске".into(),
        Fact::Unblocked => "отправители могут продолжать".into(),
        _ => return None,
    })
}

fn russian_loss(scenario: &Scenario, reason: LossReason) -> String {
    match reason {
        LossReason::HeldByCrashed { actor, working: true } => {
            format!("{} упал, не закончив обработку, а подтверждения не требовалось", name(scenario, actor))
        }
        LossReason::HeldByCrashed { actor, working: false } => {
            format!("{} упал, оно ждало в его буфере, а подтверждения не требовалось", name(scenario, actor))
        }
        LossReason::InSocket { actor } => {
            format!("{} упал, пока оно было в пути, а подтверждения не требовалось", name(scenario, actor))
        }
        LossReason::WorkFailed { actor } => {
            format!("{} не справился с ним, а подтверждения не требовалось", name(scenario, actor))
        }
        LossReason::Unroutable => "не подошла ни одна привязка".into(),
        LossReason::Rejected => "потребитель отклонил его".into(),
        LossReason::Expired => "срок его жизни истёк".into(),
        LossReason::MaxLength => "очередь переполнилась".into(),
        LossReason::DeliveryLimit => "слишком много неудачных доставок".into(),
        LossReason::Refused => "очередь полна и не приняла его".into(),
        LossReason::DeadLetterCycle => "как dead-letter оно вернулось в ту же очередь".into(),
        LossReason::InMemory => "оно было только в памяти брокера".into(),
        LossReason::NotSynced => "оно помечено постоянным, но диск ещё не сохранил его".into(),
        LossReason::Purged => "очередь очистили".into(),
        LossReason::QueueDeleted => "очередь удалили".into(),
    }
}

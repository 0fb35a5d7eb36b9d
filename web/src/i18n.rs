//! Every word of the page, in both its languages.

use gloo::storage::{LocalStorage, Storage};
use warren_sim::Text;

/// A language of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lang {
    En,
    Ru,
}

const STORED: &str = "warren-language";

impl Lang {
    /// What the visitor chose last time, or what the browser speaks.
    pub(crate) fn initial() -> Lang {
        if let Ok(stored) = LocalStorage::get::<String>(STORED) {
            return if stored == "ru" { Lang::Ru } else { Lang::En };
        }
        let spoken = web_sys::window().and_then(|window| window.navigator().language());
        if spoken.is_some_and(|spoken| spoken.starts_with("ru")) { Lang::Ru } else { Lang::En }
    }

    /// The other one, remembered for the next visit.
    pub(crate) fn switched(self) -> Lang {
        let other = if self == Lang::En { Lang::Ru } else { Lang::En };
        // A visitor who forbids storage is asked again next time.
        let _ = LocalStorage::set(STORED, other.code());
        other
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ru => "ru",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Lang::En => &EN,
            Lang::Ru => &RU,
        }
    }

    /// A scenario's own text.
    pub(crate) fn pick(self, text: &Text) -> &str {
        match self {
            Lang::En => &text.en,
            Lang::Ru => &text.ru,
        }
    }
}

/// The page's words in one language.
#[derive(PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) tagline: &'static str,
    pub(crate) other_language: &'static str,
    pub(crate) lessons: &'static str,
    pub(crate) play: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) again: &'static str,
    pub(crate) step: &'static str,
    pub(crate) restart: &'static str,
    pub(crate) speed: &'static str,
    pub(crate) try_crash: &'static str,
    pub(crate) try_disk: &'static str,
    pub(crate) try_message: &'static str,
    pub(crate) ledger: &'static str,
    pub(crate) published: &'static str,
    pub(crate) routed: &'static str,
    pub(crate) delivered: &'static str,
    pub(crate) acked: &'static str,
    pub(crate) redelivered: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) actors: &'static str,
    pub(crate) crash: &'static str,
    pub(crate) revive: &'static str,
    pub(crate) up: &'static str,
    pub(crate) down: &'static str,
    pub(crate) connecting: &'static str,
    pub(crate) message: &'static str,
    pub(crate) close: &'static str,
    pub(crate) log: &'static str,
    pub(crate) stage: &'static str,
    pub(crate) legend_ready: &'static str,
    pub(crate) legend_unacked: &'static str,
    pub(crate) legend_redelivered: &'static str,
    pub(crate) legend_lost: &'static str,
}

const EN: Words = Words {
    tagline: "an AMQP broker that you can see, stop and crash",
    other_language: "Русский",
    lessons: "Lessons",
    play: "Play",
    pause: "Pause",
    again: "Play again",
    step: "Step",
    restart: "Restart",
    speed: "Speed",
    try_crash: "Click a worker to crash it, and again to bring it back.",
    try_disk: "Click the disk to cut the broker's power, and again to start it. Outlined: in memory. Filled: in the cache. ✓: synced.",
    try_message: "Click a message to read its story.",
    ledger: "Ledger",
    published: "published",
    routed: "routed",
    delivered: "delivered",
    acked: "acked",
    redelivered: "redelivered",
    lost: "lost",
    actors: "Producers and consumers",
    crash: "Crash",
    revive: "Revive",
    up: "up",
    down: "down",
    connecting: "connecting",
    message: "Message",
    close: "Close",
    log: "What happened",
    stage: "Messages on their way from producers through exchanges and queues to consumers",
    legend_ready: "ready",
    legend_unacked: "delivered, not acked",
    legend_redelivered: "redelivered",
    legend_lost: "lost",
};

const RU: Words = Words {
    tagline: "брокер AMQP, который можно увидеть, остановить и уронить",
    other_language: "English",
    lessons: "Уроки",
    play: "Пуск",
    pause: "Пауза",
    again: "Ещё раз",
    step: "Шаг",
    restart: "Сначала",
    speed: "Скорость",
    try_crash: "Щёлкните по обработчику, чтобы уронить его, и ещё раз, чтобы поднять.",
    try_disk: "Щёлкните по диску, чтобы отключить брокеру питание, и ещё раз, чтобы включить. Контур: в памяти. Заливка: в кэше. ✓: на диске.",
    try_message: "Щёлкните по сообщению, чтобы прочесть его историю.",
    ledger: "Итоги",
    published: "опубликовано",
    routed: "попало в очереди",
    delivered: "доставлено",
    acked: "подтверждено",
    redelivered: "доставлено повторно",
    lost: "потеряно",
    actors: "Продюсеры и слушатели",
    crash: "Уронить",
    revive: "Поднять",
    up: "работает",
    down: "упал",
    connecting: "подключается",
    message: "Сообщение",
    close: "Закрыть",
    log: "Что произошло",
    stage: "Сообщения на пути от продюсеров через точки обмена и очереди к слушателям",
    legend_ready: "ждёт в очереди",
    legend_unacked: "доставлено, не подтверждено",
    legend_redelivered: "доставлено повторно",
    legend_lost: "потеряно",
};

//! The sums of the ledger, and the messages that each of them counts.

use warren_core::ordered::OrdSet;
use warren_sim::{
    Happening, Ledger,
    warren_core::{Event, Fact, MessageId},
};

use super::{Player, picture::is_expiry};
use crate::i18n::Lang;

/// What queues are in.
const VHOST: &str = "/";

impl Player {
    /// The sums: what each is called in the page's HTML, what it is called, and how much it is.
    pub(crate) fn sums(&self, lang: Lang) -> [(&'static str, &'static str, u64); 12] {
        let Ledger { published, routed, unroutable, delivered, ready, unacked, acked, redelivered, .. } =
            *self.world().ledger();
        let (ledger, picture) = (self.world().ledger(), self.history().spectator());
        [
            ("published", lang.say("published"), published),
            ("routed", lang.say("routed"), routed),
            ("unroutable", lang.say("unroutable"), unroutable),
            ("ready", lang.say_in("ledger", "ready"), ready),
            ("delivered", lang.say("delivered"), delivered),
            ("unacked", lang.say("unacked"), unacked),
            ("acked", lang.say("acked"), acked),
            ("redelivered", lang.say("redelivered"), redelivered),
            ("duplicated", lang.say("done twice"), picture.duplicated),
            ("dead-lettered", "dead-letter", ledger.dead_lettered),
            ("expired", lang.say("expired"), picture.expired),
            ("lost", lang.say("lost"), ledger.lost()),
        ]
    }

    /// The messages that a sum counts, each once.
    pub(crate) fn messages_of(&self, sum: &str) -> Vec<MessageId> {
        let view = self.world().broker();
        let mut found: OrdSet<MessageId> = match sum {
            "ready" => {
                let queues = self.scenario().queues.iter();
                queues.flat_map(|queue| view.ready_ids(VHOST, &queue.name, u32::MAX)).collect()
            }
            "unacked" => view.unacked_ids().into_iter().collect(),
            _ => OrdSet::new(),
        };
        let mut done = OrdSet::new();
        for entry in self.history().past() {
            let what = &entry.event.what;
            let is_counted = match (sum, what) {
                ("published", Happening::Broker(Event { fact: Fact::Published { .. }, .. }))
                | ("routed", Happening::Broker(Event { fact: Fact::Routed { .. }, .. }))
                | ("unroutable", Happening::Broker(Event { fact: Fact::Unroutable { .. }, .. }))
                | ("acked", Happening::Broker(Event { fact: Fact::Acked { .. }, .. }))
                | ("dead-lettered", Happening::Broker(Event { fact: Fact::DeadLettered { .. }, .. }))
                | ("delivered", Happening::Dispatched { .. })
                | ("redelivered", Happening::Dispatched { redelivered: true, .. })
                | ("lost", Happening::Lost { .. }) => true,
                ("expired", what) => is_expiry(what),
                ("duplicated", Happening::WorkDone { message, queue, .. }) => !done.insert((*message, queue)),
                _ => false,
            };
            found.extend(what.message().filter(|_| is_counted));
        }
        found.into_iter().collect()
    }
}

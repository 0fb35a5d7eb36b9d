//! The consumers of a channel that share a prefetch (basic.qos with `global`), each of a queue of its own: none of the queues
//! starves. Only programs share one; the host here has no JavaScript, and does what its program would.

use std::{cell::RefCell, rc::Rc};

use warren_sim::{
    Ending, Happening, Scenario, Trial,
    check::Property,
    script::{Call, Command, Heard, Interpreter, Reply, Request, Run, Runs, Script, Settlement},
    warren_core::{Bug, Event, Fact, wire::FieldTable},
};

const MESSAGES: u64 = 60;

/// Says basic.qos for each of its consumers and for all together, and acks one message after the other.
struct Program;

impl Run for Program {
    fn begin(_: &Script) -> Program {
        Program
    }

    fn call(&mut self, script: &Script, call: &Call) -> Reply {
        let commands = match &call.what {
            Heard::Start => vec![Command::Connect],
            Heard::Opened => begin(&script.code),
            Heard::Delivered(message) => {
                vec![Command::Settle { tag: message.delivery_tag, multiple: false, how: Settlement::Ack }]
            }
            _ => Vec::new(),
        };
        Reply { commands, mistake: None }
    }
}

/// `code`: how many queues there are, and the prefetch of all consumers together and of each.
fn begin(code: &str) -> Vec<Command> {
    let mut numbers = code.split(' ').map(|number| number.parse::<u16>().expect("a number"));
    let mut next = || numbers.next().expect("three numbers");
    let (queues, shared, own) = (next(), next(), next());
    let limits = [(own, false), (shared, true)];
    let limits = limits.into_iter().map(|(count, global)| Request::Prefetch { count, global });
    let consume = |i: u16| {
        let (queue, tag) = (format!("q{i}"), format!("c{i}"));
        Request::Consume { queue, tag, no_ack: false, arguments: FieldTable::default() }
    };
    limits.chain((0..queues).map(consume)).map(Command::Ask).collect()
}

#[derive(Default)]
struct Host(RefCell<Runs<Program>>);

impl Interpreter for Host {
    fn plays(&self, _: &str) -> bool {
        true
    }

    fn answer(&self, script: &Script) -> Reply {
        self.0.borrow_mut().answer(script)
    }
}

/// Queues that are full when the program begins.
fn scenario((queues, shared, own): (u16, u16, u16)) -> Scenario {
    let queue = |i: u16| {
        format!(
            "[[queue]]\nname = \"q{i}\"\n[[producer]]\nname = \"p{i}\"\nrouting_key = \"q{i}\"\n\
             count = {MESSAGES}\ninterval = \"1ms\"\n"
        )
    };
    let text = format!(
        "until = \"60s\"\ntitle = {{ en = \"Sharing\" }}\nsummary = {{ en = \"Sharing\" }}\n\
         [network]\nlatency = \"1ms\"\n{}\
         [[consumer]]\nname = \"program\"\nqueue = \"q0\"\nack = \"after-work\"\nstart = \"500ms\"\n\
         code = \"{queues} {shared} {own}\"\n",
        (0..queues).map(queue).collect::<String>()
    );
    Scenario::parse("sharing.toml", &text).expect("a good file")
}

const LIMITS: [(u16, u16, u16); 5] = [(3, 1, 0), (3, 3, 0), (3, 3, 1), (10, 3, 0), (10, 3, 2)];

#[test]
fn queues_whose_consumers_share_a_prefetch_are_served_in_turn() {
    for limits in LIMITS {
        let scenario = scenario(limits);
        let (mut served, mut most_apart) = (vec![0; usize::from(limits.0)], 0);
        let trial = Trial::new(&scenario, 1).playing(Rc::new(Host::default()));
        let outcome = trial.run(Ending::AsItIs, |event| {
            if let Happening::Broker(Event { fact: Fact::Delivered { queue, .. }, .. }) = &event.what {
                let queue: usize = queue[1..].parse().expect("a number");
                served[queue] += 1;
                let (least, most) = (served.iter().min(), served.iter().max());
                most_apart = most_apart.max(most.unwrap_or(&0) - least.unwrap_or(&0));
            }
        });
        assert_eq!(outcome.violation(), None, "{limits:?}");
        assert_eq!(outcome.ledger.acked, u64::from(limits.0) * MESSAGES, "{limits:?}");
        // Who is there first may have all that is shared, before the others have come.
        assert!(most_apart <= limits.1 + 2, "{limits:?}: {most_apart} messages apart");
    }
}

#[test]
fn the_checks_see_that_a_queue_starves() {
    // With less of its own each waits for that alone.
    let is_shared = |&(queues, shared, own): &(u16, u16, u16)| own == 0 || queues * own > shared;
    for limits in LIMITS.into_iter().filter(is_shared) {
        let scenario = scenario(limits);
        let trial = Trial::planting(&scenario, 1, Bug::SharedPrefetchToLatest);
        let outcome = trial.playing(Rc::new(Host::default())).run(Ending::AsItIs, |_| {});
        assert!(outcome.breaks(Property::TurnsTaken), "{limits:?}: {:?}", outcome.violation());
    }
}

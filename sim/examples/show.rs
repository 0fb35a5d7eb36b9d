//! x
use warren_sim::*;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let seed: u64 = a[0].parse().unwrap();
    let s = swarm(&generate(seed), seed);
    if a.len() > 1 && a[1] == "toml" {
        println!("{}", s.to_toml());
        return;
    }
    let mut ev = vec![];
    let o = Trial::new(&s, seed).run(Ending::Healed, |e| ev.push(e.clone()));
    if let Some(v) = o.violation() {
        println!("{v:?}");
        let n: usize = a.get(1).and_then(|a| a.parse().ok()).unwrap_or(40);
        if n == 0 {
            ev.retain(|e| {
                e.what.message() == v.message
                    || matches!(
                        e.what,
                        Happening::BrokerCrashed { .. }
                            | Happening::BrokerStarted
                            | Happening::Mishap(_)
                            | Happening::BrokerHalted { .. }
                            | Happening::BrokerStopped
                    )
            });
        } else {
            let k = ev.len().saturating_sub(n);
            ev.drain(..k);
        }
        for e in ev {
            println!("{} {:?}", e.at, e.what);
        }
    } else {
        println!("fine")
    }
}

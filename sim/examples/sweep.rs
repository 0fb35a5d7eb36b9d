use warren_sim::*;
fn main() {
    let a: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let mut bad = std::collections::BTreeMap::<String, (u64, u64, String)>::new();
    let mut ex = std::collections::BTreeMap::<&str, u64>::new();
    let (mut events, mut time) = (0, 0.0);
    let t = std::time::Instant::now();
    for seed in a[0]..a[1] {
        let s = swarm(&generate(seed), seed);
        if let Err(e) = s.check() {
            println!("{seed}: {e}");
            continue;
        }
        let o = Trial::new(&s, seed).run(Ending::Healed, |_| {});
        events += o.events;
        time += o.time.as_secs_f64();
        for (p, n) in &o.exercised {
            *ex.entry(p.name()).or_default() += n;
        }
        if let Some(v) = o.violation() {
            let e = bad.entry(v.property.name().into()).or_insert((
                0,
                seed,
                format!("{} msg {:?}: {}", v.at, v.message, v.detail),
            ));
            e.0 += 1;
        }
    }
    for (p, (n, s, d)) in bad {
        println!("{p}: {n}, first {s}: {d}");
    }
    for p in check::Property::ALL {
        println!("   {} {}", p.name(), ex.get(p.name()).copied().unwrap_or(0));
    }
    let el = t.elapsed().as_secs_f64();
    println!(
        "{events} events in {el:.2} s: {:.0}/s, {:.0}x, {:.2} ms a run",
        events as f64 / el,
        time / el,
        el * 1000.0 / (a[1] - a[0]) as f64
    );
}

//! How smoothly a page runs: its frames, and how long it takes to answer a hand.

use serde_json::{Value, json};

use crate::Page;

/// Times in ms, each sorted.
#[derive(Debug)]
pub struct Frames {
    /// From one frame to the next.
    pub apart: Vec<f64>,
    /// What the page's own callback takes of each: the world, the picture.
    pub callback: Vec<f64>,
    /// From the end of each click to the picture after it.
    pub click: Vec<f64>,
    /// From each key to the picture after it.
    pub key: Vec<f64>,
    /// What the main thread computes for a frame, on average: its CPU time, whatever else the machine does.
    pub cpu: f64,
}

/// Wraps what the page asks the browser for, until it is asked what was seen.
const RECORD: &str = "const seen = window.seen = { apart: [], callback: [], click: [], key: [] };
    const ask = window.asked ??= window.requestAnimationFrame.bind(window);
    let last;
    window.requestAnimationFrame = callback => ask(at => {
        const began = performance.now();
        callback(at);
        seen.callback.push(performance.now() - began);
        if (last) seen.apart.push(at - last);
        last = at;
    });
    // From what the hand did to the picture after it, as the browser's Event Timing has it: in steps of 8 ms.
    const kinds = { pointerup: seen.click, keydown: seen.key };
    seen.done = { pointerup: 0, keydown: 0 };
    window.watch?.disconnect();
    window.watch = new PerformanceObserver(list => {
        for (const entry of list.getEntries()) kinds[entry.name]?.push(entry.duration);
    });
    window.watch.observe({ type: 'event', durationThreshold: 16 });
    window.count ??= event => window.seen.done[event.type]++;
    for (const kind in kinds) addEventListener(kind, window.count, { capture: true });";

/// What is answered within 16 ms is not told, and counts as that. The last are told when their pictures have been shown.
const READ: &str = "return new Promise(read => setTimeout(() => {
        const { click, key, done } = seen;
        while (click.length < done.pointerup) click.push(16);
        while (key.length < done.keydown) key.push(16);
        read(seen);
    }, 500))";

impl Page {
    /// Has somebody do something, and says how smoothly the page ran meanwhile.
    pub async fn frames(&self, doing: impl AsyncFnOnce(&Page)) -> Frames {
        self.devtools("Performance.enable", &json!({ "timeDomain": "threadTicks" })).await;
        self.run(RECORD, json!([])).await;
        let before = self.busy_ms().await;
        doing(self).await;
        let after = self.busy_ms().await;
        let seen = self.run(READ, json!([])).await;
        let times = |kind: &str| {
            let times = seen[kind].as_array().into_iter().flatten();
            let mut times: Vec<f64> = times.filter_map(Value::as_f64).collect();
            times.sort_by(f64::total_cmp);
            times
        };
        let (apart, callback) = (times("apart"), times("callback"));
        let (click, key) = (times("click"), times("key"));
        let frames = u32::try_from(callback.len().max(1)).unwrap_or(u32::MAX);
        Frames { apart, callback, click, key, cpu: (after - before) / f64::from(frames) }
    }

    /// How long the page's main thread has computed so far.
    async fn busy_ms(&self) -> f64 {
        let metrics = self.devtools("Performance.getMetrics", &json!({})).await;
        let mut metrics = metrics["metrics"].as_array().into_iter().flatten();
        let busy = metrics.find(|metric| metric["name"] == "TaskDuration");
        busy.and_then(|metric| metric["value"].as_f64()).unwrap_or_default() * 1_000.0
    }
}

impl Frames {
    /// So many of a hundred take no longer.
    #[must_use]
    pub fn percentile(times: &[f64], percent: usize) -> f64 {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(index).copied().unwrap_or(f64::NAN)
    }

    /// All of it in a few lines.
    #[must_use]
    pub fn told(&self) -> String {
        let line = |name: &str, times: &[f64]| {
            let [half, most, all] = [50, 95, 100].map(|percent| Frames::percentile(times, percent));
            format!("{name}: {half:.1} ms, p95 {most:.1}, longest {all:.1}, {} of them\n", times.len())
        };
        let mut told = line("from frame to frame", &self.apart);
        told += &line("the page's callback", &self.callback);
        told += &line("to the answer to a click", &self.click);
        told += &line("to the answer to a key", &self.key);
        told + &format!("computed on the main thread for a frame, on average: {:.1} ms\n", self.cpu)
    }
}

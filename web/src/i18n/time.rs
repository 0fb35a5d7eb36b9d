//! Times as people read them: as many digits as matter, with the decimal sign and the unit of the language.

use std::time::Duration;

use warren_sim::warren_core::Instant;

use super::Lang;

impl Lang {
    /// A moment, to the tenth of a second: `37.6 s`.
    pub(crate) fn moment(self, at: Instant) -> String {
        format!("{} {}", self.decimal(at.as_micros() / 100_000, 1), self.unit())
    }

    /// A moment among others that may be close to it, to the ms and without a unit: `37.615`.
    pub(crate) fn exact(self, at: Instant) -> String {
        self.decimal(at.as_micros() / 1_000, 3)
    }

    /// How long something takes, to two or three digits: `37.6 s`, `2 s`, `12 ms`.
    pub(crate) fn duration(self, lasts: Duration) -> String {
        let us = u64::try_from(lasts.as_micros()).unwrap_or(u64::MAX);
        if us < 1_000_000 {
            let ms = us.div_ceil(1_000);
            return format!("{ms} {}", self.say("ms", "мс"));
        }
        let tenths = us.saturating_add(50_000) / 100_000;
        let number = if tenths % 10 == 0 { (tenths / 10).to_string() } else { self.decimal(tenths, 1) };
        format!("{number} {}", self.unit())
    }

    /// A number of tenths, hundredths, ….
    pub(crate) fn decimal(self, parts: u64, digits: u32) -> String {
        let one = 10_u64.pow(digits);
        let width = usize::try_from(digits).unwrap_or_default();
        format!("{}{}{:0width$}", parts / one, self.say(".", ","), parts % one)
    }

    fn unit(self) -> &'static str {
        self.say("s", "с")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use warren_sim::warren_core::Instant;

    use super::Lang;

    #[test]
    fn times_have_the_digits_that_matter() {
        let at = Instant::from_micros(37_615_201);
        assert_eq!((Lang::En.moment(at), Lang::Ru.moment(at)), ("37.6 s".into(), "37,6 с".into()));
        assert_eq!((Lang::En.exact(at), Lang::Ru.exact(at)), ("37.615".into(), "37,615".into()));
        let said = |us| Lang::En.duration(Duration::from_micros(us));
        assert_eq!([said(250_000), said(2_000_000), said(2_560_000)], ["250 ms", "2 s", "2.6 s"]);
        assert_eq!([said(0), said(200), said(61_040_000)], ["0 ms", "1 ms", "61 s"]);
        assert_eq!(Lang::Ru.duration(Duration::from_millis(2_560)), "2,6 с");
    }
}

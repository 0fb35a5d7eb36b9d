//! Times as people read them: as many digits as matter, with the decimal sign and the unit of the language.

use std::time::Duration;

use crate::Catalogue;

impl Catalogue {
    /// A moment as the time since the beginning, to the tenth of a second: `37.6 s`.
    #[must_use]
    pub fn moment(&self, at: Duration) -> String {
        format!("{} {}", self.decimal(micros(at) / 100_000, 1), self.seconds())
    }

    /// A moment among others that may be close to it, to the ms and without a unit: `37.615`.
    #[must_use]
    pub fn exact(&self, at: Duration) -> String {
        self.decimal(micros(at) / 1_000, 3)
    }

    /// How long something takes, to two or three digits: `37.6 s`, `2 s`, `12 ms`.
    #[must_use]
    pub fn duration(&self, lasts: Duration) -> String {
        let us = micros(lasts);
        if us < 1_000_000 {
            let ms = us.div_ceil(1_000);
            return format!("{ms} {}", self.text(crate::text!("ms")));
        }
        let tenths = us.saturating_add(50_000) / 100_000;
        let number =
            if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { self.decimal(tenths, 1) };
        format!("{number} {}", self.seconds())
    }

    /// A number of tenths, hundredths, …, with as many digits behind the decimal sign.
    #[must_use]
    pub fn decimal(&self, parts: u64, digits: u32) -> String {
        let one = 10_u64.saturating_pow(digits);
        let width = usize::try_from(digits).unwrap_or_default();
        let sign = self.text_in("decimal sign", ".");
        format!("{}{sign}{:0width$}", parts / one, parts % one)
    }

    fn seconds(&self) -> &'static str {
        self.text_in("seconds", "s")
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{Catalogue, Plurals};

    #[test]
    fn times_have_the_digits_that_matter() {
        let texts = &[("decimal sign\u{4}.", ","), ("seconds\u{4}s", "с")];
        let russian = Catalogue { code: "ru", plurals: Plurals::Slavic, texts };
        let english = Catalogue::ENGLISH;
        let at = Duration::from_micros(37_615_201);
        assert_eq!((english.moment(at), russian.moment(at)), ("37.6 s".into(), "37,6 с".into()));
        assert_eq!((english.exact(at), russian.exact(at)), ("37.615".into(), "37,615".into()));
        let said = |us| english.duration(Duration::from_micros(us));
        assert_eq!([said(250_000), said(2_000_000), said(2_560_000)], ["250 ms", "2 s", "2.6 s"]);
        assert_eq!([said(0), said(200), said(61_040_000)], ["0 ms", "1 ms", "61 s"]);
        assert_eq!(russian.duration(Duration::from_millis(2_560)), "2,6 с");
    }
}

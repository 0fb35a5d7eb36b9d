//! Licence expressions, as `license` in a Cargo.toml has them: SPDX, and cargo's old way with a slash for "or".

/// Whether the licences that are allowed meet the expression. One that cannot be read is not met.
pub(super) fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = Words { rest: spaced.split_whitespace().collect(), allowed };
    words.rest.reverse();
    words.any() == Some(true) && words.rest.is_empty()
}

/// What is left of an expression, the next word last.
struct Words<'a> {
    rest: Vec<&'a str>,
    allowed: &'a [String],
}

impl Words<'_> {
    /// Alternatives.
    fn any(&mut self) -> Option<bool> {
        let mut met = self.all()?;
        while self.takes("OR") {
            met |= self.all()?;
        }
        Some(met)
    }

    /// Licences that hold together. AND binds closer than OR.
    fn all(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.takes("AND") {
            met &= self.one()?;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        if self.takes("(") {
            let met = self.any()?;
            return self.takes(")").then_some(met);
        }
        let mut licence = self.rest.pop()?.to_owned();
        if self.takes("WITH") {
            licence = format!("{licence} WITH {}", self.rest.pop()?);
        }
        Some(self.allowed.contains(&licence))
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.rest.last() == Some(&word);
        if is_next {
            self.rest.pop();
        }
        is_next
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn expressions_mean_what_spdx_says() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for met in [
            "MIT",
            "GPL-3.0 OR MIT",
            "GPL-3.0/MIT",
            "MIT AND ISC",
            "(MIT OR GPL-3.0) AND ISC",
            "GPL-3.0 AND BSL-1.0 OR MIT",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(is_allowed(met, &allowed), "{met}");
        }
        for unmet in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(GPL-3.0 OR BSL-1.0) AND MIT",
            "MIT OR",
            "(MIT",
            "MIT)",
            "MIT ISC",
            "Apache-2.0",
            "MIT WITH LLVM-exception",
        ] {
            assert!(!is_allowed(unmet, &allowed), "{unmet}");
        }
    }
}

//! What a comparison of made-up conversations passes over: what a live broker may answer or not.

use crate::Played;

impl Played {
    /// The answers up to the end of a connection.
    ///
    /// When the broker closes one its channels die one after the other. What they had may go to one that dies next before it
    /// comes back, so from there on the order is a matter of chance.
    #[must_use]
    pub fn until_a_connection_closes(mut self) -> Self {
        let played = &mut self.0;
        let closes = |line: &String| line.contains("0 connection.close ");
        if let Some(step) = played.iter().position(|answers| answers.iter().any(closes)) {
            played.truncate(step + 1);
            played[step].retain(closes);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::Played;

    #[test]
    fn what_follows_a_closed_connection_is_passed_over() {
        let steps =
            [&["<- 1 one"][..], &["<- 0 connection.close 530 …", "<- b:1 basic.deliver"], &["<- b:1 two"]];
        let played = Played(steps.map(|answers| answers.iter().map(|&line| line.into()).collect()).to_vec());
        assert_eq!(played.until_a_connection_closes().0, [["<- 1 one"], ["<- 0 connection.close 530 …"]]);
    }
}

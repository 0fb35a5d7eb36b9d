//! Playing a conversation, and finding where two plays of it differ.

use std::time::Duration;

use crate::{
    Address, Bytes, Conversation, CoreHost, Host, Mistake, Player, Release, Step, TcpHost,
    cleanup::{declared, delete, undo, undoing},
};

/// The answers to each step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Played(pub Vec<Vec<String>>);

/// The first step at which two plays differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The step's place in the conversation, from 0.
    pub step: usize,
    /// What one answered.
    pub one: Vec<String>,
    /// What the other answered.
    pub other: Vec<String>,
}

/// Plays a conversation with the broker at an address. A live one is cleaned up before and after, and is believed to
/// have finished an answer when it has been quiet for `quiet`. `release` is the one that the core answers like, and whose
/// recorded answers a file gives.
///
/// # Errors
/// A step that says nothing known, or a broker that is not there.
pub fn play(
    file: &str,
    conversation: &Conversation,
    (address, release): (&Address, Release),
    quiet: Duration,
) -> Result<Played, Mistake> {
    match address {
        Address::File => {
            let answers = conversation.steps.iter().map(|step| step.rabbitmq_answers(release).to_vec());
            Ok(Played(answers.collect()))
        }
        Address::Core => {
            let config = CoreHost::config(conversation, release).map_err(|what| Mistake {
                file: file.into(),
                line: 1,
                what,
            })?;
            let player = Player::new(CoreHost::new(config, Bytes::Together));
            play_steps(file, conversation, player).map(|(played, _)| played)
        }
        Address::Tcp(place) => {
            let host = || TcpHost::new(place, quiet);
            let things = declared(conversation);
            let at = |line: u32| move |what: String| Mistake { file: file.into(), line, what };
            let added = undoing(conversation);
            let sweep = || TcpHost::new(place, Duration::ZERO);
            undo(host(), &added).and_then(|()| delete(sweep(), &things)).map_err(at(1))?;
            let (played, player) = play_steps(file, conversation, Player::new(host()))?;
            let made_up = player.made_up_queues().into_iter().map(|name| ("queue", name));
            drop(player);
            let things: Vec<_> = things.into_iter().chain(made_up).collect();
            undo(host(), &added).and_then(|()| delete(sweep(), &things)).map_err(at(1))?;
            Ok(played)
        }
    }
}

/// Plays every step; the player is given back.
///
/// # Errors
/// A step that says nothing known.
pub fn play_steps<H: Host>(
    file: &str,
    conversation: &Conversation,
    player: Player<H>,
) -> Result<(Played, Player<H>), Mistake> {
    let mut player = player.telling_all(conversation.core_only.is_some());
    let mut answers = Vec::new();
    for step in &conversation.steps {
        let heard = player.play(&step.said);
        let heard = heard.map_err(|what| Mistake { file: file.into(), line: step.line, what })?;
        answers.push(heard);
    }
    Ok((Played(answers), player))
}

/// Where two plays differ first.
#[must_use]
pub fn first_difference(one: &Played, other: &Played) -> Option<Difference> {
    let step = one.0.iter().zip(&other.0).position(|(one, other)| one != other)?;
    Some(Difference { step, one: one.0[step].clone(), other: other.0[step].clone() })
}

impl Difference {
    /// The conversation up to the difference, then both answers, for a person.
    #[must_use]
    pub fn shown(&self, conversation: &Conversation, played: &Played, names: (&str, &str)) -> String {
        let mut text = String::new();
        for (step, answers) in conversation.steps.iter().zip(&played.0).take(self.step) {
            text += &told(step, answers);
        }
        if let Some(step) = conversation.steps.get(self.step) {
            text += &format!("{}\n", step.said);
        }
        let width = names.0.len().max(names.1.len());
        for (name, answers) in [(names.0, &self.one), (names.1, &self.other)] {
            for answer in answers {
                text += &format!("{name:>width$} {answer}\n");
            }
            if answers.is_empty() {
                text += &format!("{name:>width$} (silence)\n");
            }
        }
        text
    }
}

fn told(step: &Step, answers: &[String]) -> String {
    std::iter::once(&step.said).chain(answers).map(|line| format!("{line}\n")).collect()
}

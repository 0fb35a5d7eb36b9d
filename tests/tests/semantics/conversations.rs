//! Every conversation, played against the core for each release of RabbitMQ that has answered it, with a core that is to
//! answer like that release: as written, byte by byte, in slices of one operation, and watched. All must read like the
//! file. `WARREN_BLESS=1` writes the answers into the files; read them before you commit them.

use std::{fs, path::Path};

use warren_core::{Config, Release};
use warren_talk::{Bytes, Conversation, CoreHost, Player, play_steps};

use crate::collection::{files, read};

#[test]
fn conversations_read_as_they_were_written() {
    let files = files();
    assert!(files.len() >= 86, "only {} conversations are found", files.len());
    // The newest release first: what it answers is what the others differ from.
    let plays =
        Release::ALL.into_iter().rev().flat_map(|release| files.iter().map(move |file| (file, release)));
    let wrong: Vec<String> = plays.filter_map(|(file, release)| check(file, release).err()).collect();
    assert!(
        wrong.is_empty(),
        "{} plays of {} files differ:\n\n{}",
        wrong.len(),
        files.len(),
        wrong.join("\n")
    );
}

fn check(path: &Path, release: Release) -> Result<(), String> {
    let (name, mut conversation) = read(path)?;
    if release != Release::default() && !conversation.recorded_releases().contains(&release) {
        return Ok(());
    }
    let config = CoreHost::config(&conversation, release).map_err(|what| format!("{name}: {what}"))?;
    let (answers, outputs) = play(&name, &conversation, config.clone(), Bytes::Together)?;
    // What all releases answer alike is played in every way as the newest.
    if release == Release::default() || conversation.differs_between_releases(release) {
        check_other_ways(&name, &conversation, config, (&answers, &outputs))?;
    }
    if std::env::var_os("WARREN_BLESS").is_some() {
        for (step, answers) in conversation.steps.iter_mut().zip(answers) {
            step.set_warren_answers(release, answers);
        }
        return fs::write(path, conversation.render()).map_err(|error| error.to_string());
    }
    for (step, answers) in conversation.steps.iter().zip(&answers) {
        if step.warren_answers(release) != *answers {
            let (expected, got) = (step.warren_answers(release).join("\n"), answers.join("\n"));
            return Err(format!(
                "{name}:{}: as {release}: {}\nexpected:\n{expected}\ngot:\n{got}\n",
                step.line, step.said
            ));
        }
    }
    check_is_followed(&name, &conversation, release)
}

fn check_other_ways(
    name: &str,
    conversation: &Conversation,
    config: Config,
    (answers, outputs): (&Answers, &[String]),
) -> Result<(), String> {
    let (dripped, _) = play(name, conversation, config.clone(), Bytes::OneByOne)?;
    if dripped != *answers {
        return Err(format!("{name}: fed byte by byte, it reads differently"));
    }
    let sliced = Config { work_per_input: 1, ..config.clone() };
    let (sliced, _) = play(name, conversation, sliced, Bytes::Together)?;
    if without_remarks(&sliced) != without_remarks(answers) {
        return Err(format!("{name}: in slices of one operation, it reads differently:\n{}", said(&sliced)));
    }
    let watched = Config { watched: true, ..config };
    let (_, seen) = play(name, conversation, watched, Bytes::Together)?;
    if seen != *outputs {
        return Err(format!("{name}: watched, the broker sends other bytes"));
    }
    Ok(())
}

/// A file that says Warren differs from a release has a step in which it does.
fn check_is_followed(name: &str, conversation: &Conversation, release: Release) -> Result<(), String> {
    let mut steps = conversation.steps.iter();
    let follows = steps.all(|step| step.warren_answers(release) == step.rabbitmq_answers(release));
    match conversation.differs.get(&release) {
        Some(why) if follows => {
            Err(format!("{name}: Warren does not differ from {release} any more ({why})"))
        }
        _ => Ok(()),
    }
}

type Answers = Vec<Vec<String>>;

fn said(answers: &Answers) -> String {
    answers.concat().join("\n")
}

/// Between slices the broker reads nothing more: that is no answer.
fn without_remarks(answers: &Answers) -> Answers {
    let is_remark = |line: &String| line.contains("pause reads") || line.contains("resume reads");
    answers.iter().map(|step| step.iter().filter(|line| !is_remark(line)).cloned().collect()).collect()
}

fn play(
    name: &str,
    conversation: &Conversation,
    config: Config,
    bytes: Bytes,
) -> Result<(Answers, Vec<String>), String> {
    let player = Player::new(CoreHost::new(config, bytes));
    let (played, player) = play_steps(name, conversation, player).map_err(|mistake| mistake.to_string())?;
    Ok((played.0, player.into_host().outputs().to_vec()))
}

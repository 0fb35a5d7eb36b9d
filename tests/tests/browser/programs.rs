//! Programs of the visitor's own: written in the tab Code, played in the world, wrong at a line, and never run unseen.

use serde_json::{Value, json};
use warren_sim::{Moment, Scenario, lessons, warren_core::Instant};
use warren_tests::{Page, with_page};

/// Opens the editor for the program of an actor.
async fn write_program(page: &Page, actor: &str) {
    page.click("tab-code").await;
    page.select("code-actor", actor).await;
    page.select("code-language", "javascript").await;
    page.click("write-code").await;
    page.wait_for("at('program')?.value.includes('require(\"amqplib\")')").await;
}

/// All that has happened up to a moment, in ms, when the clock is set there by the slider.
async fn events_at(page: &Page, ms: i64) -> Value {
    page.slide("timeline", ms).await;
    page.wait_for(&format!("Math.round(warren.now * 1000) === {ms}")).await;
    page.run("return warren.events()", json!([])).await
}

/// The lesson with code for its first consumer.
fn lesson_with(id: &str, code: &str) -> Scenario {
    let lesson = lessons::find(id).expect("a lesson");
    let mut scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    scenario.consumers[0].code = Some(code.into());
    scenario
}

async fn text_of(page: &Page, test_id: &str) -> String {
    let text = page.run("return at(arguments[0])?.textContent ?? ''", json!([test_id])).await;
    text.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_lessons_program_is_run_changed_found_wrong_at_its_line_and_rewound() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        write_program(page, "worker-1").await;
        assert_eq!(text_of(page, "program-state").await, "Not run yet.");
        page.click("run-code").await;
        page.wait_for("at('program-state').textContent === 'The simulation plays this code.'").await;
        page.wait_for("at('program-output')?.textContent.includes('done')").await;
        page.wait_for("Number(ledger('acked')) > 0").await;

        // A mistake is read at its line, and the worker is down.
        page.click("program").await;
        page.press(&["Control+Home"]).await;
        page.write("\nack();").await;
        assert!(text_of(page, "program-state").await.starts_with("Not run yet"));
        page.press(&["Control+Enter"]).await;
        page.wait_for("at('program-failure').textContent === 'Line 2: ReferenceError: ack is not defined'")
            .await;
        page.wait_for("document.querySelector('.numbers .wrong')?.textContent.trim() === '2'").await;
        page.wait_for("at('actor-worker-1').classList.contains('down')").await;
        page.screenshot("program-wrong").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());

        // Set right, it works again; and the past is exactly what it was.
        page.click("program").await;
        page.press(&["Control+Home"]).await;
        page.press(&["Delete"; 7]).await;
        page.press(&["Escape", "Enter"]).await;
        page.wait_for("at('program-failure').textContent === '' && Number(ledger('acked')) > 1").await;
        page.screenshot("program-runs").await;
        let first = events_at(page, 5_000).await;
        events_at(page, 2_000).await;
        assert_eq!(events_at(page, 5_000).await, first);
        let printed =
            first.as_array().into_iter().flatten().filter(|event| event["kind"] == "printed").count();
        assert!(printed > 0, "{printed} lines printed");
    })
    .await;
}

#[tokio::test]
async fn code_of_a_link_does_nothing_before_it_was_seen_and_run_and_goes_on_in_links() {
    let code = "console.log(\"code of a link\", typeof fetch, typeof document, typeof window);";
    let moment = Moment { scenario: lesson_with("crash-with-ack", code), seed: 1, at: Instant::ZERO };
    with_page(async |page| {
        page.look(1280, 800, "dark").await;
        page.run("location.hash = arguments[0]", json!([moment.to_fragment()])).await;
        page.wait_for("at('unread-code')?.textContent.startsWith('worker-1 plays code of its own')").await;
        page.wait_for("Number(ledger('acked')) > 2").await;
        let printed = page.run("return warren.events({ kind: 'printed' }).length", json!([])).await;
        assert_eq!(printed, 0, "nobody has run it");
        assert_eq!(
            page.run(
                "return performance.getEntriesByType('resource')
            .filter(entry => entry.name.includes('quickjs')).length",
                json!([])
            )
            .await,
            0,
            "nobody needs it"
        );
        assert_eq!(page.barriers().await, Vec::<String>::new());

        page.click("read-code").await;
        page.wait_for("at('program')?.value.startsWith('console.log')").await;
        assert!(text_of(page, "program-state").await.starts_with("Read it first"));
        page.screenshot("program-unread").await;
        page.click("run-code").await;
        page.wait_for(
            "at('program-output')?.textContent.includes('code of a link undefined undefined undefined')",
        )
        .await;
        page.wait_for("!at('unread-code')").await;

        page.click("files").await;
        page.click("share").await;
        page.wait_for("location.hash.startsWith('#w1=')").await;
        let hash = page.run("return location.hash", json!([])).await;
        let shared =
            Moment::from_fragment(hash.as_str().expect("a text")).expect("a link").expect("a good one");
        assert_eq!(shared.scenario.programs().collect::<Vec<_>>(), [("worker-1", code)]);
    })
    .await;
}

#[tokio::test]
async fn a_program_that_loops_or_eats_memory_is_stopped_with_a_sentence() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        write_program(page, "worker-1").await;
        page.overwrite("program", "for (;;) {}").await;
        page.press(&["Control+Enter"]).await;
        page.wait_for("at('program-failure').textContent.startsWith('Line 1: the program took more than 1,000,000 steps')").await;
        page.overwrite("program", "const a = [];\nfor (;;) a.push(new Array(9999).fill(1));").await;
        page.press(&["Control+Enter"]).await;
        page.wait_for("at('program-failure').textContent === 'Line 2: the program needs more memory than it has: 16 MB'").await;
        page.overwrite("program", "const f = () => f();\nf();").await;
        page.press(&["Control+Enter"]).await;
        page.wait_for("at('program-failure').textContent.includes('call stack')").await;
        // The page and the rest of the world go on; without code the worker works as the lesson has it.
        page.click("remove-code").await;
        page.wait_for("at('code')?.textContent.includes('amqplib')").await;
        page.wait_for("Number(ledger('acked')) > 4").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_written_stays_while_another_tab_is_open_and_is_undone_as_an_edit() {
    with_page(async |page| {
        page.look(390, 844, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.click("lang").await;
        write_program(page, "worker-1").await;
        page.overwrite("program", "console.log(7)").await;
        page.click("tab-log").await;
        page.click("tab-code").await;
        page.wait_for("at('program')?.value === 'console.log(7)'").await;
        page.click("run-code").await;
        page.wait_for("at('program-output')?.textContent.includes('7')").await;
        page.screenshot("program-phone").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());
        page.wait_for("!at('undo').disabled").await;
        page.click("undo").await;
        page.wait_for("at('code')?.textContent.includes('amqplib')").await;
        // What it says in the log is in the visitor's language.
        page.click("redo").await;
        page.click("tab-log").await;
        page.wait_for(
            "document.querySelector('.log, [data-testid=log]')?.textContent.includes('выводит «7»')",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_goal_of_a_lesson_is_reached_by_code() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.choose_lesson("unfair-dispatch").await;
        page.wait_for("at('predict')").await;
        page.click("choice-1").await;
        page.click("predict").await;
        page.wait_for("at('to-task')").await;
        page.click("to-task").await;
        page.wait_for("at('goal')").await;
        write_program(page, "worker-1").await;
        // All messages at once, not one after the other: each has its own timer.
        page.click("program").await;
        page.press(&["Control+Home"]).await;
        let line = "return at('program').value.split('\\n').findIndex(line => line.includes('inTurn);'))";
        let line = page.run(line, json!([])).await.as_u64().expect("a line");
        page.press(&vec!["Down"; usize::try_from(line).expect("a few")]).await;
        page.press(&["End"]).await;
        page.press(&["Backspace"; "inTurn);".len()]).await;
        page.write("onMessage);").await;
        page.press(&["Control+Enter"]).await;
        page.click("speed").await;
        page.wait_for("at('done').textContent.includes('Done')").await;
        page.screenshot("program-goal").await;
    })
    .await;
}

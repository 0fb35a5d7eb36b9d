//! Nothing that a visitor has made is lost: it is kept by name, whatever is opened in its place.

use serde_json::json;
use warren_sim::{Moment, Scenario, lessons, warren_core::Instant};
use warren_tests::{Page, with_page};

/// An empty stage, and a queue of that name on it.
async fn make(page: &Page, queue: &str) {
    page.click("files").await;
    page.click("new").await;
    page.wait_for("!document.querySelector('[data-testid^=pick-]')").await;
    page.click("add-queue").await;
    page.fill("field-name", queue).await;
    page.wait_for(&format!("at('pick-{queue}')")).await;
}

fn link_to(lesson: &str) -> String {
    let lesson = lessons::find(lesson).expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    Moment { scenario, seed: 1, at: Instant::ZERO }.to_fragment()
}

/// Comes back another day, by the address of the page itself.
async fn visit_again(page: &Page) {
    let address = page.run("return location.href.split('#')[0]", json!([])).await;
    page.goto("about:blank").await;
    page.goto(address.as_str().expect("a text")).await;
    page.wait_for("window.wasmBindings && at('ledger-delivered')").await;
}

/// Goes back to what the page offers.
async fn resume(page: &Page, queue: &str) {
    page.wait_for("at('continue')").await;
    page.click("continue").await;
    page.wait_for(&format!("at('pick-{queue}') && !at('offer')")).await;
}

async fn text(page: &Page, test_id: &str) -> String {
    page.run("return at(arguments[0])?.textContent ?? ''", json!([test_id]))
        .await
        .as_str()
        .expect("a text")
        .to_owned()
}

#[tokio::test]
async fn whatever_is_opened_in_its_place_ones_own_topology_is_kept() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        make(page, "mine").await;
        page.choose_lesson("hello").await;
        page.wait_for("at('pick-hello') && !at('pick-mine')").await;
        assert!(text(page, "offer").await.contains("Continue: My topology"));
        page.screenshot("kept-offer").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());
        resume(page, "mine").await;

        page.choose_lesson("saga").await;
        page.wait_for("!at('pick-mine')").await;
        resume(page, "mine").await;

        page.run("location.hash = arguments[0]", json!([link_to("direct")])).await;
        page.wait_for("at('pick-logs') && !at('pick-mine')").await;
        resume(page, "mine").await;

        page.drop_file("theirs.toml", lessons::find("topic").expect("a lesson").toml).await;
        page.wait_for("!at('pick-mine')").await;
        resume(page, "mine").await;

        // Without a word about it, too.
        page.choose_lesson("hello").await;
        page.wait_for("at('offer')").await;
        page.click("dismiss").await;
        page.wait_for("!at('offer')").await;
        page.click("files").await;
        assert_eq!(text(page, "continue-0").await, "My topology");
        page.click("continue-0").await;
        page.wait_for("at('pick-mine')").await;
    })
    .await;
}

#[tokio::test]
async fn one_step_back_leads_to_what_was_there_before_new() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        make(page, "mine").await;
        page.click("files").await;
        page.click("new").await;
        page.wait_for("!at('pick-mine')").await;
        page.press(&["Control+z"]).await;
        page.wait_for("at('pick-mine')").await;
        // With all that could be taken back there.
        page.click("undo").await;
        page.wait_for("at('pick-queue')").await;
        page.press(&["Control+y"]).await;
        page.wait_for("at('pick-mine')").await;

        // A lesson that was changed can be had as it was, and as it was changed.
        page.open_lesson("work-queue").await;
        page.click("pick-tasks").await;
        page.fill("field-name", "jobs").await;
        page.wait_for("at('reset')").await;
        page.click("reset").await;
        page.wait_for("at('pick-tasks')").await;
        page.press(&["Control+z"]).await;
        page.wait_for("at('pick-jobs')").await;

        // In another lesson there is nothing to take back.
        page.open_lesson("topic").await;
        page.wait_for("at('pick-events') && at('undo').disabled").await;
    })
    .await;
}

#[tokio::test]
async fn after_a_reload_the_page_says_what_is_kept_in_both_languages() {
    with_page(async |page| {
        page.look(1280, 800, "dark").await;
        make(page, "first").await;
        make(page, "second").await;
        visit_again(page).await;
        page.wait_for("at('offer')").await;
        assert!(text(page, "offer").await.contains("Kept in this browser"));
        assert!(text(page, "offer").await.contains("Continue: My topology 2"));
        page.click("lang").await;
        page.wait_for("at('offer').textContent.includes('Продолжить: My topology 2')").await;
        assert!(text(page, "offer").await.contains("Сохранено в этом браузере"));
        page.screenshot("kept-offer-ru").await;
        page.click("lang").await;
        page.wait_for("document.documentElement.lang === 'en'").await;
        page.click("files").await;
        let list = text(page, "kept-list").await;
        assert!(list.contains("My topology 2✎✕") && list.contains("My topology✎✕"), "{list}");
        page.screenshot("kept-menu").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());
        // What is removed can be put back.
        page.click("forget-1").await;
        page.wait_for("at('put-back') && !at('continue-1')").await;
        page.click("put-back").await;
        page.wait_for("at('continue-1')").await;
        page.click("continue-1").await;
        page.wait_for("at('pick-first')").await;
        page.click("files").await;
        page.click("continue-0").await;
        page.wait_for("at('pick-second')").await;
    })
    .await;
}

#[tokio::test]
async fn a_kept_topology_gets_another_name_by_the_keyboard() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        make(page, "first").await;
        assert_eq!(text(page, "kept").await, "My topologyKept in this browser");
        make(page, "second").await;
        page.click("files").await;
        page.wait_for("at('rename-0') && at('continue-0').disabled && !at('forget-0')").await;
        page.click("rename-0").await;
        page.wait_for("document.activeElement === at('new-name')").await;
        page.screenshot("kept-rename").await;
        // No two have one name.
        page.write("My topology").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('refused')").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());
        page.press(&["Control+a"]).await;
        page.write("Orders").await;
        page.press(&["Enter"]).await;
        page.wait_for("!at('new-name') && at('continue-0').textContent.startsWith('Orders')").await;
        page.wait_for("location.hash === '#/topology/Orders'").await;
        assert!(page.run("return at('kept-list').contains(document.activeElement)", json!([])).await == true);
        // Escape leaves the name, and only then the menu.
        page.click("rename-1").await;
        page.wait_for("document.activeElement === at('new-name')").await;
        page.write("never").await;
        page.press(&["Escape"]).await;
        page.wait_for("!at('new-name') && at('continue-1').textContent === 'My topology'").await;
        page.press(&["Escape"]).await;
        page.wait_for("!at('kept-list') && document.activeElement === at('files')").await;

        visit_again(page).await;
        page.wait_for("at('offer').textContent.includes('Continue: Orders')").await;
        page.click("continue").await;
        page.wait_for("at('pick-second') && document.title === 'Orders · Warren'").await;
        page.wait_for("document.querySelector('.lesson h2').textContent === 'Orders'").await;
    })
    .await;
}

#[tokio::test]
async fn a_lesson_that_was_changed_is_kept_and_so_is_what_an_earlier_version_kept() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("hello").await;
        page.click("pick-hello").await;
        page.fill("field-name", "kept").await;
        page.wait_for("at('pick-kept')").await;
        // What earlier versions of the page left behind.
        let old = "localStorage.setItem('warren-autosave', JSON.stringify(arguments[0]))";
        page.run(old, json!([link_to("direct")])).await;
        visit_again(page).await;
        page.wait_for("at('offer')").await;
        page.click("files").await;
        page.wait_for("at('continue-1')").await;
        assert!(text(page, "continue-1").await.contains("(edited)"));
        page.click("continue-1").await;
        page.wait_for("at('pick-kept')").await;
        page.click("files").await;
        page.click("continue-0").await;
        page.wait_for("at('pick-logs')").await;
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_keeps_nothing_is_said_to() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.forbid_storage().await;
        page.reload().await;
        page.build().await;
        make(page, "mine").await;
        page.choose_lesson("hello").await;
        page.wait_for("at('offer')?.textContent.includes('does not let the page keep anything')").await;
        page.screenshot("kept-nothing").await;
        resume_unkept(page).await;
    })
    .await;
}

/// As long as the page is open, it is there all the same.
async fn resume_unkept(page: &Page) {
    page.click("continue").await;
    page.wait_for("at('pick-mine')").await;
}

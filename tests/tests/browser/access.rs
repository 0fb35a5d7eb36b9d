//! Nobody is kept out: axe-core finds no barriers, whatever is open and picked, in both languages and both themes.

use serde_json::json;
use warren_tests::{Page, with_page};

#[tokio::test]
async fn help_keeps_the_focus_while_it_is_open_and_gives_it_back() {
    with_page(async |page| {
        page.click("help").await;
        page.wait_for("at('help-dialog')?.contains(document.activeElement)").await;
        let is_at_top = page.run("return at('help-dialog').scrollTop", json!([])).await;
        assert_eq!(is_at_top, 0, "it is read from its beginning");
        for _ in 0..4 {
            page.press(&["Tab"]).await;
            let behind = "return !at('help-dialog').contains(document.activeElement)
                && document.activeElement !== document.body";
            assert_eq!(page.run(behind, json!([])).await, false, "what is behind cannot be reached");
        }
        page.press(&["Escape"]).await;
        page.wait_for("!at('help-dialog') && document.activeElement === at('help')").await;
        page.press(&["?"]).await;
        page.wait_for("at('help-dialog')").await;
        page.click("help-close").await;
        page.wait_for("!at('help-dialog') && document.activeElement === at('help')").await;
    })
    .await;
}

#[tokio::test]
async fn assistive_technology_meets_no_barriers() {
    with_page(async |page| {
        let mut found = Vec::new();
        for (language, scheme) in [("English", "light"), ("Russian", "dark")] {
            page.look(1280, 800, scheme).await;
            found.extend(barriers(page, &format!("{language}, the first sight")).await);
            for menu in ["lessons", "files"] {
                page.click(menu).await;
                found.extend(barriers(page, &format!("{language}, the menu {menu}")).await);
            }
            page.press(&["Escape", "?"]).await;
            page.wait_for("at('help-dialog')").await;
            found.extend(barriers(page, &format!("{language}, help")).await);
            page.press(&["Escape"]).await;
            page.click_actor("worker-1").await;
            // The lesson crashes it, too, if it comes first.
            page.wait_for("at('tool-crash') || at('tool-revive')").await;
            found.extend(barriers(page, &format!("{language}, a worker is picked")).await);
            page.click("tab-faults").await;
            page.click("compare").await;
            found.extend(barriers(page, &format!("{language}, faults and a rival")).await);
            page.click("tab-wire").await;
            found.extend(barriers(page, &format!("{language}, frames on the wire")).await);
            for tab in ["charts", "check", "code", "log"] {
                page.click(&format!("tab-{tab}")).await;
                found.extend(barriers(page, &format!("{language}, the tab {tab}")).await);
            }
            page.click("compare").await;
            page.press(&["Escape"]).await;
            page.click("lang").await;
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    })
    .await;
}

async fn barriers(page: &Page, when: &str) -> Vec<String> {
    // Two frames, so that what was opened is there.
    let frames = "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
    page.run(frames, json!([])).await;
    page.barriers().await.into_iter().map(|barrier| format!("{when}: {barrier}")).collect()
}

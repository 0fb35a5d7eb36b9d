//! Too many queues to see at once: their exchanges are folded with them, and unfolded by a click, a key or a search.

use std::fmt::Write as _;

use warren_tests::{Page, with_page};

/// Four exchanges with 50 queues each, and a consumer for every queue.
fn many_queues() -> String {
    let mut toml = String::from(
        "until = \"60s\"\n[title]\nen = \"A shop\"\nru = \"Магазин\"\n\
         [summary]\nen = \"200 queues.\"\nru = \"200 очередей.\"\n",
    );
    for exchange in ["orders", "payments", "mail", "audit"] {
        let _ = write!(
            toml,
            "[[exchange]]\nname = \"{exchange}\"\ntype = \"fanout\"\n\
             [[producer]]\nname = \"p-{exchange}\"\nexchange = \"{exchange}\"\ncount = 100\ninterval = \"1s\"\n"
        );
        for n in 0..50 {
            let _ = write!(
                toml,
                "[[queue]]\nname = \"{exchange}.{n}\"\n\
                 [[binding]]\nexchange = \"{exchange}\"\nqueue = \"{exchange}.{n}\"\n\
                 [[consumer]]\nname = \"c-{exchange}-{n}\"\nqueue = \"{exchange}.{n}\"\nack = \"auto\"\n"
            );
        }
    }
    toml
}

async fn open(page: &Page) {
    page.look(1280, 900, "light").await;
    page.drop_file("shop.toml", &many_queues()).await;
    page.wait_for("at('pick-queues of orders')").await;
}

#[tokio::test]
async fn an_exchange_is_unfolded_by_a_second_click_and_folded_again_beside_it() {
    with_page(async |page| {
        open(page).await;
        page.wait_for("!at('pick-orders.7') && !at('pick-c-orders-7')").await;
        page.screenshot("folded").await;
        page.click_actor("queues of orders").await;
        page.wait_for("at('folded').textContent.includes('Queues of exchange orders: 50')").await;
        page.click_actor("queues of orders").await;
        page.wait_for("at('pick-orders.7') && at('pick-c-orders-7') && !at('pick-payments.7')").await;
        // The exchange is picked now, and offers to be folded again.
        page.wait_for("at('fold').textContent.includes('Fold its queues')").await;
        page.click("fold").await;
        page.wait_for("!at('pick-orders.7') && at('fold').textContent.includes('Unfold')").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_looked_for_is_unfolded_and_the_keyboard_unfolds_too() {
    with_page(async |page| {
        open(page).await;
        page.click("find").await;
        page.write("mail.42").await;
        page.wait_for("at('pick-mail.42').getAttribute('aria-pressed') === 'true'").await;
        page.press(&["Escape"]).await;
        page.focus("crash-consumers of audit").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('pick-c-audit-3')").await;
        // What is listed of a folded exchange can be picked there.
        page.focus("pick-queues of payments").await;
        page.press(&["Enter"]).await;
        page.focus("folded-payments.11").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('pick-payments.11').getAttribute('aria-pressed') === 'true'").await;
    })
    .await;
}

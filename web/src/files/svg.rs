//! The topology as a drawing: what the stage shows, without what moves.

use std::fmt::Write as _;

use crate::scene::{Box2, ClientFrame, Curve, Layout, Link, Node, Place};

/// The colours of a drawing on paper.
const INK: &str = "#20302c";
const FAINT: &str = "#5c6b66";
const LINE: &str = "#8a9a94";
const ACCENT: &str = "#2f6f62";
/// Room around it, in pixels.
const MARGIN: f64 = 28.0;

/// The drawing, as a file of its own.
pub(crate) fn svg(layout: &Layout) -> String {
    let areas = layout.nodes.iter().map(|node| node.area);
    let all = areas.fold(layout.broker.area, |all, area| all.joined(&area)).grown(MARGIN);
    let Box2 { left, top, width, height } = all;
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"{left:.0} {top:.0} {width:.0} {height:.0}\" font-family=\"system-ui, sans-serif\">\
         <rect x=\"{left:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" fill=\"#ffffff\"/>\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"{LINE}\"/></marker></defs>"
    );
    svg.push_str(&broker(layout));
    layout.clients.iter().for_each(|frame| svg.push_str(&client(frame)));
    layout.links.iter().for_each(|link| svg.push_str(&line(link)));
    layout.nodes.iter().for_each(|node| svg.push_str(&card(node)));
    svg.push_str("</svg>\n");
    svg
}

fn broker(layout: &Layout) -> String {
    let area = layout.broker.area;
    format!(
        "<g><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" ry=\"18\" fill=\"#f2f4f0\" \
         stroke=\"{LINE}\" stroke-width=\"2\"/><text x=\"{:.1}\" y=\"{:.1}\" font-size=\"14\" \
         font-weight=\"600\" fill=\"{INK}\">broker</text></g>",
        area.left,
        area.top,
        area.width,
        area.height,
        area.left + 18.0,
        area.top + layout.sizes.head / 2.0 + 5.0
    )
}

fn client(frame: &ClientFrame) -> String {
    let ClientFrame { name, area, is_inner } = frame;
    let dashes = if *is_inner { " stroke-dasharray=\"4 4\"" } else { "" };
    format!(
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"14\" fill=\"none\" \
         stroke=\"{LINE}\"{dashes}/><text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10.5\" fill=\"{FAINT}\">{}</text>",
        area.left,
        area.top,
        area.width,
        area.height,
        area.left + 12.0,
        area.top + area.height + 12.0,
        escaped(name)
    )
}

fn line(link: &Link) -> String {
    let dashes = if link.aside { " stroke-dasharray=\"5 5\"" } else { "" };
    format!(
        "<path d=\"{}\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"1.5\"{dashes} marker-end=\"url(#tip)\"/>",
        drawn(&link.curves())
    )
}

/// Curves, one after the other.
fn drawn(curves: &[Curve]) -> String {
    let mut path = String::new();
    for (index, [from, a, b, to]) in curves.iter().enumerate() {
        if index == 0 {
            let _ = write!(path, "M{:.1} {:.1}", from.x, from.y);
        }
        let ends = (a.x, a.y, b.x, b.y, to.x, to.y);
        let _ = write!(
            path,
            "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            ends.0, ends.1, ends.2, ends.3, ends.4, ends.5
        );
    }
    path
}

fn card(node: &Node) -> String {
    let (area, centre) = (node.area, node.area.centre());
    let (fill, stroke) = match node.place {
        Place::Exchange(_) => ("#eef1ee", ACCENT),
        Place::Queue(_) => ("#eef1ee", LINE),
        _ => ("#ffffff", LINE),
    };
    let (name, note) = (escaped(&node.name), escaped(&node.note));
    let name_at = if note.is_empty() { centre.y } else { centre.y - 8.0 };
    let mut card = format!(
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"12\" fill=\"{fill}\" stroke=\"{stroke}\"/>\
         <text x=\"{:.1}\" y=\"{name_at:.1}\" font-size=\"13\" fill=\"{INK}\" text-anchor=\"middle\" \
         dominant-baseline=\"central\">{name}</text>",
        area.left, area.top, area.width, area.height, centre.x
    );
    if !note.is_empty() {
        let _ = write!(
            card,
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" fill=\"{FAINT}\" text-anchor=\"middle\" \
             dominant-baseline=\"central\">{note}</text>",
            centre.x,
            centre.y + 10.0
        );
    }
    card
}

/// As text in XML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            // Nothing that XML may not have.
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use warren_sim::{Queue, Scenario, lessons};

    use super::svg;
    use crate::scene::Layout;

    #[test]
    fn every_thing_and_every_way_is_drawn_and_no_name_breaks_the_file() {
        for lesson in lessons::all() {
            let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
            let layout = Layout::new(&scenario, 1_000.0, 500.0);
            let drawn = svg(&layout);
            assert_eq!(drawn.matches(" rx=").count(), layout.nodes.len(), "{}", lesson.id);
            assert_eq!(drawn.matches("marker-end").count(), layout.links.len(), "{}", lesson.id);
            assert_eq!(
                drawn.matches("dasharray").count(),
                layout.links.iter().filter(|link| link.aside).count()
            );
        }
        let odd = Scenario { queues: vec![Queue::new("a<b&\"c\u{1}")], ..Scenario::new("odd") };
        assert!(svg(&Layout::new(&odd, 1_000.0, 500.0)).contains("a&lt;b&amp;&quot;c\u{fffd}"));
    }
}

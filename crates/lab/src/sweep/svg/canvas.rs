//! Elements of an SVG as text. Whatever comes from outside is escaped here and nowhere else.

use std::fmt::Write;

/// The elements so far.
#[derive(Default)]
pub(super) struct Canvas {
    text: String,
}

/// Which point of a text stands at its place.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How many classes of series the style sheet has.
const CLASSES: usize = 6;

/// Half the size of a marker.
const RADIUS: f64 = 4.5;

impl Canvas {
    /// The whole file.
    pub(super) fn finish(self, width: f64, height: f64, title: &str) -> String {
        let title = escaped(title);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\">\n<title>{title}</title>\n<style>\n{}</style>\n\
             <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n{}</svg>\n",
            include_str!("style.css"),
            self.text
        )
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        self.text.write_fmt(element).expect("a text takes all that is written to it");
        self.text.push('\n');
    }

    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    /// Lines through all these places.
    pub(super) fn path(&mut self, class: &str, places: &[(f64, f64)]) {
        let steps: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        self.push(format_args!("<path class=\"{class}\" d=\"M{}\"/>", steps.join("L")));
    }

    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// Along an axis that goes up.
    pub(super) fn text_upwards(&mut self, (x, y): (f64, f64), text: &str) {
        let text = escaped(text);
        self.push(format_args!(
            "<text transform=\"translate({x:.1} {y:.1}) rotate(-90)\" text-anchor=\"middle\">{text}</text>"
        ));
    }

    /// The mark of a point of a series, with what is said of it when the pointer rests there.
    pub(super) fn marker(&mut self, series: usize, (x, y): (f64, f64), about: &str) {
        let class = class(series);
        let about = escaped(about);
        let around = |offsets: &[(f64, f64)]| {
            let corners: Vec<String> =
                offsets.iter().map(|(dx, dy)| format!("{:.1} {:.1}", x + dx * RADIUS, y + dy * RADIUS)).collect();
            format!("M{}Z", corners.join("L"))
        };
        let outline = match series % 4 {
            0 => {
                return self.push(format_args!(
                    "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"><title>{about}</title></circle>",
                    RADIUS * 0.9
                ));
            }
            1 => around(&[(0.0, -1.1), (1.0, 0.8), (-1.0, 0.8)]),
            2 => around(&[(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]),
            _ => around(&[(0.0, -1.1), (1.1, 0.0), (0.0, 1.1), (-1.1, 0.0)]),
        };
        self.push(format_args!("<path class=\"{class}\" d=\"{outline}\"><title>{about}</title></path>"));
    }

    /// A ring around a marker.
    pub(super) fn ring(&mut self, (x, y): (f64, f64)) {
        self.push(format_args!("<circle class=\"ring\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"/>", RADIUS * 1.8));
    }
}

/// The class of the colours of a series.
pub(super) fn class(series: usize) -> String {
    format!("s{}", series % CLASSES)
}

/// A text that is no longer than so many characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// As XML takes it. Characters that XML does not have are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escaped("a<b>&\"c\"\n\x1b\u{ffff}é"), "a&lt;b&gt;&amp;&quot;c&quot; \u{fffd}\u{fffd}é");
    }

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(shortened("漢字かな", 4), "漢字かな");
        assert_eq!(shortened("漢字かな", 3), "漢字…");
    }
}

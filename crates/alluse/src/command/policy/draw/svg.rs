//! Drawings as one SVG file that needs nothing else: it follows the reader's light or dark, and every word is text.
//!
//! A machine's states stand side by side, each above its own line; below, one arrow for each transition, from the line
//! of the state before to that of the state after, with what happens at its left and the rules at its right. No two
//! arrows or words can lie upon each other, however many there are.

use std::fmt::Write as _;

use super::{Drawing, Machine, Part, Table, Tone, text};

const MARGIN: usize = 24;
const LINE: usize = 26;
/// Width of a letter at the size in which words are set, generously.
const LETTER: usize = 8;
const PADDING: usize = 12;
/// Height of a state's box.
const BOX: usize = 30;
/// Wide enough for the arrow of a state that stays.
const NARROWEST_BOX: usize = 90;
/// The page is never narrower, so that its title and first sentence fit.
const NARROWEST: usize = 760;

const STYLE: &str = "
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1c2430; }
.title { font-size: 20px; font-weight: 600; }
.part { font-size: 15px; font-weight: 600; }
.head, .state { font-weight: 600; }
.quiet { fill: #5a6675; }
.page { fill: #ffffff; }
.box { fill: #eef2f7; stroke: #8795a6; }
.band { fill: #f6f8fa; }
.life { stroke: #c3ccd6; stroke-dasharray: 2 4; }
.arrow { stroke: #2f6fb0; stroke-width: 1.6; fill: none; }
.tip { fill: #2f6fb0; }
.rule { stroke: #c3ccd6; }
.good { fill: #dff3e3; } .wary { fill: #fdf0cf; } .bad { fill: #fbdfdd; }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e9ef; }
  .quiet { fill: #9aa7b5; }
  .page { fill: #14181e; }
  .box { fill: #232b35; stroke: #5d6b7b; }
  .band { fill: #1a2028; }
  .life { stroke: #414c59; }
  .arrow { stroke: #6cb0f2; }
  .tip { fill: #6cb0f2; }
  .rule { stroke: #414c59; }
  .good { fill: #1d3a26; } .wary { fill: #463a14; } .bad { fill: #4a2422; }
}";

/// What is drawn so far.
struct Pen {
    body: String,
    y: usize,
    width: usize,
}

/// The whole file.
pub(super) fn draw(drawing: &Drawing) -> String {
    let mut pen = Pen { body: String::new(), y: MARGIN + 20, width: NARROWEST };
    pen.words(MARGIN, "title", &drawing.title);
    pen.y += 8;
    for line in broken(&drawing.intro, (NARROWEST - 2 * MARGIN) / 7) {
        pen.y += 20;
        pen.words(MARGIN, "quiet", &line);
    }
    for part in &drawing.parts {
        pen.y += 46;
        match part {
            Part::Table(table) => pen.table(table),
            Part::Machine(machine) => pen.machine(machine),
        }
    }
    let (width, height) = (pen.width, pen.y + MARGIN);
    let (title, intro) = (escaped(&drawing.title), escaped(&drawing.intro));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" style=\"max-width:100%;height:auto\" role=\"img\" aria-labelledby=\"t d\">\n\
         <title id=\"t\">{title}</title>\n<desc id=\"d\">{intro}</desc>\n<style>{STYLE}\n</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n{}</svg>\n",
        pen.body
    )
}

impl Pen {
    fn put(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.body, "{element}");
    }

    fn words(&mut self, x: usize, class: &str, words: &str) {
        let y = self.y;
        self.put(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(words)));
    }

    fn heading(&mut self, title: &str) {
        self.widen(MARGIN + title.chars().count() * (LETTER + 1));
        self.words(MARGIN, "part", title);
        self.y += 12;
    }

    fn widen(&mut self, to: usize) {
        self.width = self.width.max(to + MARGIN);
    }

    fn table(&mut self, table: &Table) {
        self.heading(&text::cited(&table.title, &table.rules));
        let columns = table.heads.len();
        let widest = |i: usize| {
            let cells = table.rows.iter().map(|row| row[i].text.chars().count());
            cells.chain([table.heads[i].chars().count()]).max().unwrap_or(0) * LETTER + 2 * PADDING
        };
        let lefts: Vec<usize> = (0..=columns).map(|i| MARGIN + (0..i).map(widest).sum::<usize>()).collect();
        let right = lefts[columns];
        self.widen(right);
        self.y += LINE - 8;
        for (i, head) in table.heads.iter().enumerate() {
            self.words(lefts[i] + PADDING, if i < table.labels { "quiet" } else { "head" }, head);
        }
        self.y += 8;
        for row in &table.rows {
            let (top, baseline) = (self.y, self.y + LINE - 8);
            self.put(format_args!("<path class=\"rule\" d=\"M{MARGIN} {top}H{right}\"/>"));
            for (i, cell) in row.iter().enumerate() {
                if let Some(tone) = tinted(cell.tone) {
                    let (x, width, height) = (lefts[i] + 1, lefts[i + 1] - lefts[i] - 2, LINE - 2);
                    let y = top + 1;
                    self.put(format_args!(
                        "<rect class=\"{tone}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\"/>"
                    ));
                }
                self.y = baseline;
                self.words(lefts[i] + PADDING, "cell", &cell.text);
            }
            self.y = top + LINE;
        }
        let y = self.y;
        self.put(format_args!("<path class=\"rule\" d=\"M{MARGIN} {y}H{right}\"/>"));
    }

    fn machine(&mut self, machine: &Machine) {
        self.heading(&machine.title);
        let lanes = Lanes::of(machine);
        self.widen(lanes.right);
        let (top, first) = (self.y, self.y + BOX + 6);
        let bottom = first + machine.edges.len() * LINE + 4;
        let width = lanes.right - MARGIN;
        for (n, _) in machine.edges.iter().enumerate().filter(|(_, edge)| edge.from % 2 == 0) {
            let y = first + n * LINE;
            self.put(format_args!(
                "<rect class=\"band\" x=\"{MARGIN}\" y=\"{y}\" width=\"{width}\" height=\"{LINE}\"/>"
            ));
        }
        for (name, (middle, width)) in machine.states.iter().zip(&lanes.states) {
            let (x, baseline, begin) = (middle - width / 2, top + 20, top + BOX);
            self.put(format_args!(
                "<path class=\"life\" d=\"M{middle} {begin}V{bottom}\"/>\n<rect class=\"box\" x=\"{x}\" y=\"{top}\" \
                 width=\"{width}\" height=\"{BOX}\" rx=\"6\"/>\n<text class=\"state\" text-anchor=\"middle\" \
                 x=\"{middle}\" y=\"{baseline}\">{}</text>",
                escaped(name)
            ));
        }
        for (n, edge) in machine.edges.iter().enumerate() {
            self.y = first + n * LINE;
            self.arrow(lanes.states[edge.from].0, lanes.states[edge.to].0);
            self.y += LINE - 9;
            self.words(MARGIN + PADDING, "cell", edge.event);
            self.words(lanes.rules, "quiet", &text::ids(&edge.rules));
        }
        self.y = bottom;
    }

    /// From one state's line to another's; a state that stays has an arrow that comes back to its own.
    fn arrow(&mut self, from: usize, to: usize) {
        let y = self.y + LINE / 2;
        self.put(format_args!("<circle class=\"tip\" cx=\"{from}\" cy=\"{y}\" r=\"3\"/>"));
        if from == to {
            let (high, low, out, back) = (y - 5, y + 7, from + 26, from + 8);
            self.put(format_args!(
                "<path class=\"arrow\" d=\"M{from} {high}H{out}a6 6 0 0 1 0 12H{back}\"/>\
                 <path class=\"tip\" d=\"M{from} {low}l9 -4v8z\"/>"
            ));
            return;
        }
        let (tip, back) = if to > from { (to, "l-9 -4v8z") } else { (to, "l9 -4v8z") };
        let line = if to > from { to - 8 } else { to + 8 };
        self.put(format_args!(
            "<path class=\"arrow\" d=\"M{from} {y}H{line}\"/><path class=\"tip\" d=\"M{tip} {y}{back}\"/>"
        ));
    }
}

/// Where a machine's columns stand.
struct Lanes {
    /// Middle and width of each state's box.
    states: Vec<(usize, usize)>,
    /// Left edge of the rules.
    rules: usize,
    /// Right edge of everything.
    right: usize,
}

impl Lanes {
    fn of(machine: &Machine) -> Lanes {
        let wide = |text: &str| text.chars().count() * LETTER;
        let events = machine.edges.iter().map(|e| wide(e.event)).max().unwrap_or(0);
        let mut left = MARGIN + events + 3 * PADDING;
        let mut states = Vec::new();
        for name in &machine.states {
            let width = (wide(name) + 2 * PADDING).max(NARROWEST_BOX);
            states.push((left + width / 2, width));
            left += width + PADDING;
        }
        let ids = machine.edges.iter().map(|e| wide(&text::ids(&e.rules))).max().unwrap_or(0);
        Lanes { states, rules: left + PADDING, right: left + 2 * PADDING + ids }
    }
}

const fn tinted(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Wary => Some("wary"),
        Tone::Bad => Some("bad"),
    }
}

fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            last.push_str(if last.is_empty() { "" } else { " " });
            last.push_str(word);
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

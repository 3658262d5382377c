//! Where a rule's answer changes along one figure, found by asking the rule itself.

/// A span of a figure, in the smallest units in which it is asked, and on which side each edge lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    /// The lower edge, and whether it belongs to the span.
    pub(super) from: Option<(i64, bool)>,
    /// The upper edge, and whether it belongs to the span.
    pub(super) to: Option<(i64, bool)>,
}

impl Interval {
    /// `−15% ≤ move < −5%`, with `name` for the figure and `shown` for an edge.
    pub(super) fn words(&self, name: &str, shown: impl Fn(i64) -> String) -> String {
        let sign = |included: bool| if included { "≤" } else { "<" };
        match (self.from, self.to) {
            (None, None) => format!("any {name}"),
            (Some((from, included)), None) => {
                let sign = if included { "≥" } else { ">" };
                format!("{name} {sign} {}", shown(from))
            }
            (None, Some((to, included))) => format!("{name} {} {}", sign(included), shown(to)),
            (Some((from, above)), Some((to, below))) => {
                format!("{} {} {name} {} {}", shown(from), sign(above), sign(below), shown(to))
            }
        }
    }
}

/// The spans of `low..=high` on which `answer` stays the same. The figure is asked every `step`, and each change found
/// so is narrowed to two neighbouring units; of those the multiple of `grain` is the edge that the rule means.
pub(super) fn spans<T: PartialEq>(
    (low, high): (i64, i64),
    step: usize,
    grain: i64,
    answer: impl Fn(i64) -> T,
) -> Vec<(Interval, T)> {
    let mut found = Vec::new();
    let (mut from, mut at, mut now) = (None, low, answer(low));
    for next in (low..=high).step_by(step).skip(1) {
        while answer(next) != now {
            let last = last_alike(at, next, |x| answer(x) == now);
            let edge = if last % grain == 0 { (last, true) } else { (last + 1, false) };
            let after = answer(last + 1);
            found.push((Interval { from, to: Some(edge) }, std::mem::replace(&mut now, after)));
            from = Some((edge.0, !edge.1));
            at = last + 1;
        }
        at = next;
    }
    found.push((Interval { from, to: None }, now));
    found
}

/// The last of `from..to` that is like `from`, if the figures in between change once.
fn last_alike(from: i64, to: i64, alike: impl Fn(i64) -> bool) -> i64 {
    let (mut like, mut unlike) = (from, to);
    while unlike - like > 1 {
        let middle = like + (unlike - like) / 2;
        if alike(middle) { like = middle } else { unlike = middle }
    }
    like
}

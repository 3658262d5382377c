//! How the market's week was judged.

use engine::event::Body;
use protocol::policy::Policy;
use protocol::week::Classification;

use super::{Evidence, MarketWeek};
use crate::book::{Book, WeekRecord};
use crate::{story, words};

pub(super) fn market_week(book: &Book<'_>, record: &WeekRecord) -> MarketWeek {
    let mut week = MarketWeek { class: None, confidence: None, evidence: None, sentences: Vec::new() };
    for place in record.events.clone() {
        match &book.events[place].body {
            Body::WeekClassified { classification, .. } => {
                week.class = Some(classification.class.to_string());
                week.confidence = Some(classification.confidence.into());
                week.evidence = Some(evidence(book.policy(), classification));
            }
            Body::WeekUnclassified { .. } => {}
            _ => continue,
        }
        week.sentences.extend(story::lines(book, place).into_iter().map(|line| line.text));
    }
    week
}

fn evidence(policy: &Policy, class: &Classification) -> Evidence {
    let e = &class.evidence;
    Evidence {
        as_of: e.as_of.to_string(),
        index: policy.universe.index.to_string(),
        trend: words::trend(class.trend).to_owned(),
        close: e.close.into(),
        average: e.average.into(),
        average_before: e.average_before.into(),
        volatility: words::volatility(class.vix).to_owned(),
        vix: e.vix as f64 / 100.0,
        vix_mean: e.vix_mean as f64 / 100.0,
        support: words::support(class.support).to_owned(),
        above: e.above,
        symbols: e.symbols,
    }
}

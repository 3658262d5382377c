//! A look at an open option down to its figures: how it was sold, how far the market moved since, what of its premium
//! is captured, and every expiration that was tried for a roll.

use engine::event::Body;
use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::time::Date;
use market::value::Price;
use protocol::manage::{Note, Review};
use protocol::policy::Policy;
use protocol::roll::{Roll, RollKind};
use protocol::rule::Rule;

use super::Sentence;
use crate::book::Book;
use crate::story::{self, review as told};
use crate::words;

/// Everything that the review at `place` holds beside its line in the story.
pub(super) fn sentences(book: &Book<'_>, place: usize, sleeve: SleeveId, review: &Review) -> Vec<Sentence> {
    let sale = Sale::before(book, place, sleeve, &review.series);
    let teller = Teller { book, place, review, sale };
    let one = [teller.seen(), teller.moved(), teller.captured(), teller.last_day()];
    let mut sentences: Vec<Sentence> = one.into_iter().flatten().collect();
    sentences.extend(teller.rolls());
    sentences.extend(teller.noted());
    sentences.extend(teller.asked());
    sentences
}

/// How an option was sold, in the prices of the day on which it is asked for.
struct Sale {
    day: Date,
    price: Price,
    underlying: Price,
    atr: Option<Price>,
}

impl Sale {
    /// The last sale of `series` by the sleeve before `place`.
    fn before(book: &Book<'_>, place: usize, sleeve: SleeveId, series: &Series) -> Option<Sale> {
        let mut splits: Vec<i64> = Vec::new();
        for at in (0..place).rev() {
            match &book.events[at].body {
                Body::SplitApplied { symbol, new_per_old } if *symbol == series.underlying => splits.push(*new_per_old),
                Body::Filled { sleeve: of, trade, fill, .. }
                    if *of == sleeve && trade.writes().is_some_and(|sold| renamed(sold, &splits) == *series) =>
                {
                    let decided = &book.events[book.order(fill.order)?.decided].body;
                    let Body::OrderApproved { underlying, atr, .. } = decided else { return None };
                    let today = |price: Price| Price::from_units(price.units() / splits.iter().product::<i64>());
                    return Some(Sale {
                        day: book.day(at),
                        price: today(fill.sold.map_or(fill.price, |sold| sold.price)),
                        underlying: today(*underlying),
                        atr: atr.map(today),
                    });
                }
                _ => {}
            }
        }
        None
    }
}

/// A series as splits, the last one first, have renamed it.
fn renamed(series: Series, splits: &[i64]) -> Series {
    splits.iter().rev().fold(series, |series, n| super::split_series(series, *n))
}

struct Teller<'b, 'a> {
    book: &'b Book<'a>,
    place: usize,
    review: &'b Review,
    sale: Option<Sale>,
}

impl Teller<'_, '_> {
    fn say(&self, text: String, rules: &[Rule]) -> Sentence {
        Sentence::of(self.book.day(self.place), text, rules, self.place)
    }

    fn policy(&self) -> &Policy {
        self.book.policy()
    }

    const fn symbol(&self) -> Symbol {
        self.review.series.underlying
    }

    fn seen(&self) -> Option<Sentence> {
        let seen = self.review.seen?;
        let delta = seen.delta.map_or("no delta".to_owned(), |d| format!("delta {d}"));
        let left = self.review.sessions_left;
        let text = format!(
            "{}: bid {}, ask {}, {delta}, {}; {left} {} left after this one",
            self.review.series,
            words::price(seen.bid),
            words::price(seen.ask),
            words::origin(seen.origin),
            words::plural(left, "session is", "sessions are"),
        );
        Some(self.say(text, &[Rule::E9]))
    }

    /// X-1 with its figures, and where its edges lie.
    fn moved(&self) -> Option<Sentence> {
        let (sale, now) = (self.sale.as_ref()?, self.review.price?);
        let fell = sale.underlying - now;
        let way = if fell < Price::ZERO { "rose" } else { "fell" };
        let then = sale.atr.map_or(String::new(), |atr| format!(", its average true range at {}", words::price(atr)));
        let mut text = format!(
            "sold on {} with {} at {}{then}; it {way} by {} to {}",
            sale.day,
            self.symbol(),
            words::price(sale.underlying),
            words::price(fell.distance(Price::ZERO)),
            words::price(now)
        );
        if let Some(adverse) = self.review.adverse {
            let exit = &self.policy().exit;
            let atr = self.review.atr.map_or_else(String::new, |atr| format!(" of {}", words::price(atr)));
            text += &format!(
                ": {} ATR{atr} to the close before (watched from {}, a roll proposed from {}, acted on from {})",
                words::minus(&adverse.to_string()),
                exit.watch,
                exit.propose,
                exit.act
            );
        }
        Some(self.say(text, &[Rule::X1]))
    }

    /// X-5 with its figures.
    fn captured(&self) -> Option<Sentence> {
        let (captured, sale, seen) = (self.review.captured?, self.sale.as_ref()?, self.review.seen?);
        let exit = &self.policy().exit;
        let edges = match self.review.series.right {
            Right::Put => format!(
                "bought back from {} on, from {} with more than {} {} left and a move of {} ATR in favour",
                words::rate(exit.profit_put),
                words::rate(exit.profit_early),
                exit.profit_early_sessions,
                words::plural(i64::from(exit.profit_early_sessions), "session", "sessions"),
                exit.profit_early_move
            ),
            Right::Call => format!("bought back and sold again from {} on", words::rate(exit.profit_call)),
        };
        let text = format!(
            "last sold at {}, {} to buy back: {} of the premium is captured ({edges})",
            words::price(sale.price),
            words::price(seen.ask),
            words::ppm(captured)
        );
        Some(self.say(text, &[Rule::X5]))
    }

    /// X-6 with its edges.
    fn last_day(&self) -> Option<Sentence> {
        self.review.expiry?;
        let (price, strike) = (self.review.price?, self.review.series.strike);
        let (exit, types) = (&self.policy().exit, &self.policy().types);
        let edges = match self.review.series.right {
            Right::Put => format!(
                "above {} it is left to expire, below {} rolled where a roll is allowed, below {} capital is preserved",
                words::rate(exit.expire_above),
                words::rate(exit.roll_below),
                words::rate(types.put_deep)
            ),
            Right::Call => "above the strike the shares are delivered, else it expires".to_owned(),
        };
        let text = format!(
            "{} at {} lies {} from the strike {} ({edges})",
            self.symbol(),
            words::price(price),
            story::away(price, strike),
            words::price(strike)
        );
        Some(self.say(text, &[Rule::X6]))
    }

    /// Every expiration that was tried for a roll.
    fn rolls(&self) -> Vec<Sentence> {
        let Some(search) = &self.review.roll else { return Vec::new() };
        let mut sentences = vec![self.say(self.terms(), &[Rule::R2, Rule::R3])];
        if let Some(barred) = &search.barred {
            sentences.push(self.say(format!("no expiration is asked: {}", told::barred(barred)), &[Rule::R2]));
        }
        for (expiration, outcome) in &search.tried {
            let text = match outcome {
                Ok(roll) => {
                    let best = if search.best == Some(*roll) { "; of all this is the best" } else { "" };
                    format!("to {expiration}: {}{best}", offered(roll))
                }
                Err(refusal) => format!("to {expiration}: {}", told::refused(refusal)),
            };
            sentences.push(self.say(text, &[Rule::R2, Rule::R3]));
        }
        if search.earnings_unknown {
            let text = format!("the next earnings report of {} is not known: it could not be asked for", self.symbol());
            sentences.push(self.say(text, &[Rule::R2]));
        }
        sentences
    }

    fn terms(&self) -> String {
        let roll = &self.policy().roll;
        format!(
            "a roll is sought: at most {} days ahead, for a credit of at least {} a share after fees or, into the \
             band, a debit of at most {} of the first premium; at most {} rolls of one position",
            roll.max_days,
            words::price(roll.min_credit),
            words::rate(roll.max_debit),
            roll.max_rolls
        )
    }

    fn noted(&self) -> Vec<Sentence> {
        let said = self.review.notes.iter().filter_map(|note| match note {
            Note::CheapNotExercised => {
                let text = "it is so cheap that it would have been bought back during the day, had that been seen";
                Some(self.say(text.to_owned(), &[Rule::X8, Rule::E3]))
            }
            Note::NoRange => {
                let text =
                    format!("the average true range of {} is not known: its move was not measured", self.symbol());
                Some(self.say(text, &[Rule::X1]))
            }
            Note::Dividend { cost: Some(cost), .. } => {
                let text = format!("buying one contract back would cost {} in spread and fees", words::money(*cost));
                Some(self.say(text, &[Rule::X7]))
            }
            Note::Dividend { .. } | Note::AssignmentAnyNight { .. } => None,
        });
        said.collect()
    }

    fn asked(&self) -> Option<Sentence> {
        let asked = &self.review.rules;
        let ends = match self.review.decided {
            Some(rule) => format!("{} answers", rule.id()),
            None => "none answers".to_owned(),
        };
        let list: Vec<&str> = asked.iter().map(|rule| rule.id()).collect();
        (!list.is_empty()).then(|| self.say(format!("asked in this order: {}; {ends}", list.join(", ")), &[]))
    }
}

fn offered(roll: &Roll) -> String {
    let delta = roll.to.delta.map_or(String::new(), |d| format!(" (delta {d})"));
    let kind = match roll.kind {
        RollKind::Credit => "",
        RollKind::Debit => ", within what a debit may be",
    };
    let orders = if roll.combined { "" } else { ", in two orders" };
    format!(
        "sell the {} at {}{delta}, buy back at {}, fees {} a contract: {} a share{kind}{orders}",
        roll.to.series.strike,
        words::price(roll.sell),
        words::price(roll.buy),
        words::money(roll.fees),
        words::net(roll.net).trim_start_matches("for ")
    )
}

//! and G-1: every combination of what the rules look at has one answer, the one that a slow reading of the
//! specification gives; then examples by hand, edges, and what each rule's switch changes.

mod desk;

use desk::{Desk, FRIDAY, NEXT, WEDNESDAY, before_dividend, c, quote, tsla, word};
use market::instrument::Right;
use market::quote::{Chain, Earnings};
use market::value::Price;
use protocol::expiry::{ExpiryAnswer, last_day};
use protocol::guard::Guard;
use protocol::manage::{Answer, CloseReason as Why, Note, ORDER, adverse, captured};
use protocol::policy::Policy;
use protocol::policy::unit::{Multiple, Ppm};
use protocol::position::PositionType;
use protocol::roll::RollKind;
use protocol::rule::Rule;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    Nothing,
    Debit,
    Credit,
}

/// One combination of what the rules look at. Money in cents, moves in thousandths of ATR or of the strike.
#[derive(Clone, Copy, Debug)]
struct Cell {
    right: Right,
    left: i64,
    adverse: i64,
    from_strike: i64,
    ask: i64,
    locked: bool,
    rolled_down: bool,
    guard: Guard,
    killed: bool,
    /// Sessions until the last one before the ex-date, and cents a share.
    dividend: Option<(i64, i64)>,
    offer: Offer,
}

const PREMIUM: i64 = 200;
const ATR: i64 = 400;

impl Cell {
    /// Of a $100 strike.
    fn price(&self) -> i64 {
        10_000 + 10 * self.from_strike
    }

    fn desk(&self) -> Desk {
        let is_put = self.right == Right::Put;
        let mut desk = if is_put { Desk::put() } else { Desk::call() };
        desk.short.series.strike = Price::dollars(100);
        desk.on(["2024-06-14", "2024-06-13", WEDNESDAY][self.left as usize]);
        desk.price(self.price());
        desk.short.underlying = c(self.price()) + Price::from_units(self.adverse * ATR / 10);
        desk.now(self.ask - 1, self.ask);
        (desk.view.locked, desk.guard, desk.killed) = (self.locked, self.guard, self.killed);
        if self.rolled_down {
            desk.typed(PositionType::CallRolled);
            desk.set("calls.below_basis", "true");
        }
        if let Some((sessions, amount)) = self.dividend {
            let (friday, thursday, wednesday) =
                (["2024-06-17"; 3], [FRIDAY, "2024-06-17", "2024-06-17"], ["2024-06-13", FRIDAY, "2024-06-17"]);
            desk.dividend([friday, thursday, wednesday][self.left as usize][sessions as usize], amount);
        }
        let strike = if is_put { 90 } else { 120 };
        match self.offer {
            Offer::Nothing => {}
            Offer::Credit => desk.offer(NEXT, vec![quote(strike, self.ask + 100, self.ask + 101, 4_400)]),
            Offer::Debit => desk.offer(NEXT, vec![quote(strike, (self.ask - 20).max(5), self.ask, 4_400)]),
        }
        desk
    }

    /// What a rule says here, read from the specification; `None` where it leaves the answer to the next.
    fn says(&self, rule: Rule) -> Option<String> {
        let some = |text: &str| Some(text.to_owned());
        let is_put = self.right == Right::Put;
        let by_move = is_put || self.rolled_down;
        let (last, a) = (self.left == 0, self.adverse);
        let gained = PREMIUM - self.ask;
        let credit = self.offer == Offer::Credit;
        let roll = match self.offer {
            Offer::Credit => Some("Credit"),
            Offer::Debit if self.guard < Guard::Defend => Some("Debit"),
            _ => None,
        };
        let roll_or = |otherwise: &str| Some(roll.map_or(otherwise.to_owned(), |kind| format!("Roll {kind}")));
        match rule {
            Rule::K6 if self.killed => some("Halt"),
            Rule::K3 if self.guard == Guard::Stop => some("Halt"),
            Rule::X7 if !is_put && self.price() > 10_000 => {
                let time_value = self.ask - (self.price() - 10_000);
                let (sessions, amount) = self.dividend?;
                // The ex-date must not lie after the last day, and this must be the last session before it.
                let before_end = sessions < self.left;
                if sessions > 0 || !before_end || time_value >= amount {
                    None
                } else if credit {
                    some("Roll Credit")
                } else if 1 + amount - amount < amount - time_value && 100 + 71 < 100 * (amount - time_value) {
                    some("Close Dividend")
                } else {
                    some("PrepareDelivery")
                }
            }
            Rule::X8 => {
                let out = if is_put { self.from_strike } else { -self.from_strike };
                let unless = last && out > 10;
                if self.ask <= 5 && 5 * self.ask <= PREMIUM && !unless { some("Close Cheap") } else { None }
            }
            Rule::X6 if last && is_put => match self.from_strike {
                11.. => some("LetExpire"),
                -50..=10 => some("PrepareAssignment"),
                -150..=-51 => roll_or("PrepareAssignment"),
                _ if a >= 1_500 => roll_or("Close Preservation"),
                _ => some("PrepareAssignment"),
            },
            Rule::X6 if last => some(if self.from_strike > 0 { "PrepareDelivery" } else { "LetExpire" }),
            Rule::G1 if is_put && self.locked && a >= 1_500 => roll_or("Close Preservation"),
            Rule::X4 if is_put && a >= 1_500 => roll_or("KeepForAssignment"),
            Rule::X4 if by_move && a >= 1_500 => roll.map(|kind| format!("Roll {kind}")),
            Rule::X3 if by_move && (1_000..1_500).contains(&a) => roll.map(|kind| format!("Propose {kind}")),
            Rule::X5 if 10 * gained >= 8 * PREMIUM => some("Close Profit"),
            Rule::X5 if is_put && 2 * gained >= PREMIUM && self.left > 1 && a <= -1_000 => some("Close ProfitEarly"),
            // Where found no roll, the position is watched all the same.
            Rule::X2 if by_move && a >= 500 => some("Watch"),
            _ => None,
        }
    }
}

/// Every cell of the grid.
fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    let moves = [-1_500, -1_000, -999, 0, 499, 500, 999, 1_000, 1_499, 1_500, 3_000];
    for right in [Right::Put, Right::Call] {
        for left in [0, 1, 2] {
            for adverse in moves {
                for from_strike in [-151, -150, -51, -50, 0, 1, 10, 11] {
                    for ask in [300, 200, 101, 100, 41, 40, 6, 5] {
                        for (locked, rolled_down) in [(false, false), (true, false), (false, true)] {
                            for (guard, killed) in [(0, false), (0, true), (1, false), (2, false), (3, false)] {
                                for offer in [Offer::Nothing, Offer::Debit, Offer::Credit] {
                                    let guard = Guard::ALL[guard];
                                    let cell = Cell {
                                        right,
                                        left,
                                        adverse,
                                        from_strike,
                                        ask,
                                        locked,
                                        rolled_down,
                                        guard,
                                        killed,
                                        dividend: None,
                                        offer,
                                    };
                                    if right == Right::Put && rolled_down {
                                        continue;
                                    }
                                    cells.push(cell);
                                    if right == Right::Call && from_strike > 0 {
                                        let dividends = [(0, 500), (0, 2), (1, 500)].map(Some);
                                        cells.extend(dividends.map(|dividend| Cell { dividend, ..cell }));
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    cells
}

#[test]
fn every_combination_has_the_one_answer_of_the_specification() {
    let mut met = std::collections::BTreeMap::<String, u32>::new();
    for cell in cells() {
        let desk = cell.desk();
        let review = desk.review();
        let said = ORDER.iter().find_map(|rule| cell.says(*rule).map(|text| (text, *rule)));
        let (expected, by) = said.map_or(("Hold".to_owned(), None), |(text, rule)| (text, Some(rule)));
        assert_eq!(word(&review), expected, "{cell:?}\n{review:#?}");
        // Watching after a search without a roll is the word of the rule that searched.
        let searched = match cell.adverse {
            1_500.. => Some(Rule::X4),
            1_000.. => Some(Rule::X3),
            _ => by,
        };
        assert_eq!(review.decided, if expected == "Watch" { searched } else { by }, "{cell:?}");
        // The ranges of never overlap: each is asked for only where the others are silent.
        let ranges = [500..1_000, 1_000..1_500, 1_500..i64::MAX];
        assert!(ranges.iter().filter(|r| r.contains(&cell.adverse)).count() <= 1);
        // What is asked of the board is known before its quotes are.
        assert!(review.roll.is_none() || desk.may_roll(), "{cell:?}");
        *met.entry(format!("{:?} {}", cell.right, word(&review))).or_default() += 1;
    }
    let met: Vec<&str> = met.keys().map(String::as_str).collect();
    assert_eq!(
        met,
        [
            "Call Close Cheap",
            "Call Close Dividend",
            "Call Close Profit",
            "Call Halt",
            "Call Hold",
            "Call LetExpire",
            "Call PrepareDelivery",
            "Call Propose Credit",
            "Call Propose Debit",
            "Call Roll Credit",
            "Call Roll Debit",
            "Call Watch",
            "Put Close Cheap",
            "Put Close Preservation",
            "Put Close Profit",
            "Put Close ProfitEarly",
            "Put Halt",
            "Put Hold",
            "Put KeepForAssignment",
            "Put LetExpire",
            "Put PrepareAssignment",
            "Put Propose Credit",
            "Put Propose Debit",
            "Put Roll Credit",
            "Put Roll Debit",
            "Put Watch",
        ]
    );
}

/// A put two sessions before its end, moved by `a` thousandths of ATR, costing `ask` cents.
fn moved(a: i64, ask: i64) -> Desk {
    let cell = Cell {
        right: Right::Put,
        left: 2,
        adverse: a,
        from_strike: 0,
        ask,
        locked: false,
        rolled_down: false,
        guard: Guard::Calm,
        killed: false,
        dividend: None,
        offer: Offer::Nothing,
    };
    cell.desk()
}

#[test]
fn x1_counts_moves_in_atrs_exactly() {
    let dollars = Price::dollars;
    // (104 − 98) / 4 = 1.5; (104 − 110) / 4 = −1.5; (104 − 103) / 3 = 0.333…, −0.333… rounded down.
    assert_eq!(adverse(dollars(104), dollars(98), dollars(4)), Some(Multiple(1_500)));
    assert_eq!(adverse(dollars(104), dollars(110), dollars(4)), Some(Multiple(-1_500)));
    assert_eq!(adverse(dollars(104), dollars(103), dollars(3)), Some(Multiple(333)));
    assert_eq!(adverse(dollars(103), dollars(104), dollars(3)), Some(Multiple(-334)));
    assert_eq!(adverse(dollars(104), dollars(98), Price::ZERO), None);
    // Sold at $2.00: at $0.40 it is 80% captured, at $3.00 minus 50%.
    assert_eq!(captured(c(200), c(40)), Some(Ppm::percent(80)));
    assert_eq!(captured(c(200), c(300)), Some(Ppm::percent(-50)));
    assert_eq!(captured(c(300), c(100)), Some(Ppm(666_666)));
    assert_eq!(captured(Price::ZERO, c(100)), None);
}

#[test]
fn the_edges_of_the_adverse_move_to_the_ten_thousandth_of_a_dollar() {
    // Sold with the shares at $104.00, ATR $4.00: 0.5, 1.0 and 1.5 ATR are $102.00, $100.00 and $98.00.
    let at = |units: i64, offered: bool| {
        let mut desk = Desk::put();
        desk.underlying().price = Price::from_units(units);
        if offered {
            desk.offer(NEXT, vec![quote(95, 300, 310, 4_000)]);
        }
        desk.answer()
    };
    assert_eq!([1_020_001, 1_020_000].map(|p| at(p, true)), ["Hold", "Watch"]);
    assert_eq!([1_000_001, 1_000_000].map(|p| at(p, true)), ["Watch", "Propose Credit"]);
    assert_eq!([980_001, 980_000].map(|p| at(p, true)), ["Propose Credit", "Roll Credit"]);
    assert_eq!([980_001, 980_000].map(|p| at(p, false)), ["Watch", "KeepForAssignment"]);
    // An ATR that divides nothing evenly: $3.33, of which 1.5 are $4.995.
    let uneven = |units: i64| {
        let mut desk = Desk::put();
        desk.underlying().atr = Some(c(333));
        desk.underlying().price = Price::dollars(104) - Price::from_units(units);
        desk.answer()
    };
    assert_eq!([49_949, 49_950].map(uneven), ["Watch", "KeepForAssignment"]);
}

#[test]
fn the_table_of_a_put_before_its_last_day() {
    let row = |a: i64| [300, 200, 100, 40, 5].map(|ask| moved(a, ask).answer()).join(" | ");
    // Ask at $3.00 (a loss), $2.00 (nothing captured), $1.00 (50%), $0.40 (80%), $0.05.
    let drawn = [-1_000, -999, 0, 500, 1_000, 1_500].map(row);
    assert_eq!(
        drawn,
        [
            "Hold | Hold | Close ProfitEarly | Close Profit | Close Cheap",
            "Hold | Hold | Hold | Close Profit | Close Cheap",
            "Hold | Hold | Hold | Close Profit | Close Cheap",
            "Watch | Watch | Watch | Close Profit | Close Cheap",
            "Watch | Watch | Watch | Close Profit | Close Cheap",
            "KeepForAssignment | KeepForAssignment | KeepForAssignment | KeepForAssignment | Close Cheap",
        ]
    );
}

#[test]
fn x5_closes_a_put_at_half_only_early_and_at_four_fifths_always() {
    assert_eq!(moved(-1_000, 100).decided(), ("Close ProfitEarly".to_owned(), Some(Rule::X5)));
    assert_eq!(moved(-1_000, 101).answer(), "Hold", "49.5%");
    let left = |day: &str, a: i64| {
        let mut desk = moved(a, 100);
        desk.on(day);
        desk.answer()
    };
    // Thursday leaves one session, Wednesday two, Monday over Juneteenth: Tuesday, Thursday and Friday.
    assert_eq!(["2024-06-13", WEDNESDAY].map(|d| left(d, -1_000)), ["Hold", "Close ProfitEarly"]);
    assert_eq!(moved(0, 40).answer(), "Close Profit");
    assert_eq!(moved(0, 41).answer(), "Hold", "79.5%");
    let mut over_juneteenth = moved(-1_000, 100);
    over_juneteenth.short.series.expiration = desk::ends(NEXT);
    over_juneteenth.now(99, 100);
    over_juneteenth.on("2024-06-17");
    assert_eq!(over_juneteenth.review().sessions_left, 3);
    // The keys: 60% early, from half an ATR, with more than two sessions left; 85% always.
    let mut desk = moved(-1_000, 100);
    desk.set("exit.profit_early", "60");
    assert_eq!(desk.answer(), "Hold");
    let mut desk = moved(-500, 100);
    desk.set("exit.profit_early_move", "0.5");
    assert_eq!(desk.answer(), "Close ProfitEarly");
    desk.set("exit.profit_early_sessions", "2");
    assert_eq!(desk.answer(), "Hold");
    let mut desk = moved(0, 40);
    desk.set("exit.profit_put", "85");
    assert_eq!(desk.answer(), "Hold");
    // A premium of nothing has captured nothing.
    let mut desk = moved(0, 40);
    desk.short.price = Price::ZERO;
    assert_eq!(desk.answer(), "Hold");
    let review = moved(0, 40).review();
    assert_eq!(review.answer, Answer::Close { limit: c(40), why: Why::Profit });
    assert_eq!(review.captured, Some(Ppm::percent(80)));
}

#[test]
fn x5_and_x8_sell_a_call_again() {
    let mut desk = Desk::call();
    desk.now(39, 40);
    assert_eq!(desk.decided(), ("Close Profit".to_owned(), Some(Rule::X5)));
    assert!(desk.review().answer.sells_again());
    desk.now(40, 41);
    assert_eq!(desk.answer(), "Hold");
    // Half of a call's premium is never enough, however the shares moved.
    desk.now(99, 100);
    desk.price(9_000);
    assert_eq!(desk.answer(), "Hold");
    desk.set("exit.profit_call", "50");
    assert_eq!(desk.answer(), "Close Profit");
    desk.now(4, 5);
    assert_eq!(desk.decided(), ("Close Cheap".to_owned(), Some(Rule::X8)));
    assert!(desk.review().answer.sells_again());
    let kept = [Why::Dividend, Why::Preservation, Why::NeverAssigned];
    assert!(kept.iter().all(|why| !Answer::Close { limit: c(1), why: *why }.sells_again()));
    assert!(!Answer::Hold.sells_again());
}

#[test]
fn x6_replaces_the_moves_on_the_last_day() {
    let at = |cents: i64, offered: bool| {
        let mut desk = Desk::put();
        desk.on("2024-06-14");
        desk.price(cents);
        if offered {
            desk.offer(NEXT, vec![quote(90, 300, 310, 4_000)]);
        }
        desk.decided().0
    };
    let row = |offered| [10_101, 10_100, 9_500, 9_499, 8_500, 8_499].map(|p| at(p, offered));
    let prepare = "PrepareAssignment";
    assert_eq!(row(true), ["LetExpire", prepare, prepare, "Roll Credit", "Roll Credit", "Roll Credit"]);
    assert_eq!(row(false), ["LetExpire", prepare, prepare, prepare, prepare, "Close Preservation"]);
    // Far below the strike but hardly moved since the sale: step 4 of G-1, hold.
    let mut desk = Desk::put();
    desk.on("2024-06-14");
    desk.price(8_400);
    desk.short.underlying = c(8_999);
    let review = desk.review();
    assert_eq!((word(&review).as_str(), review.expiry), (prepare, Some(ExpiryAnswer::DeepDrawdown)));
    assert_eq!(review.rules, [Rule::X1, Rule::K6, Rule::K3, Rule::X7, Rule::X8, Rule::X6, Rule::G1]);
    desk.short.underlying = c(9_000);
    assert_eq!(desk.answer(), "Close Preservation", "1.5 ATR");
    // Without G-1 the row below −5% goes on.
    desk.off(Rule::G1);
    assert_eq!(desk.answer(), prepare);
    desk.offer(NEXT, vec![quote(80, 300, 310, 4_000)]);
    assert_eq!(desk.answer(), "Roll Credit");
    // On the last day no quote is needed to know where it stands; without X-6 it is.
    let mut desk = Desk::put();
    desk.on("2024-06-14");
    desk.price(9_000);
    desk.board.chains.clear();
    assert_eq!(desk.decided(), (prepare.to_owned(), Some(Rule::X6)));
    desk.off(Rule::X6);
    assert_eq!(desk.decided(), ("NoQuote".to_owned(), None));
    assert_eq!(desk.review().expiry, None);
}

#[test]
fn x6_looks_twice_live_and_earlier_on_early_closes() {
    let policy = Policy::all_use();
    let times = |early| {
        let day = last_day(&policy, early);
        [day.first, day.second, day.roll_before].map(|t| t.to_string())
    };
    assert_eq!(times(false), ["14:30", "15:30", "15:45"]);
    assert_eq!(times(true), ["12:30", "13:30", "13:45"]);
}

#[test]
fn the_owner_may_avoid_shares() {
    let prepared = |choice: &str, offered: bool| {
        let mut desk = Desk::put();
        desk.on("2024-06-14");
        desk.price(9_900);
        desk.set("assignment.TSLA", choice);
        if offered {
            desk.offer(NEXT, vec![quote(90, 300, 310, 4_000)]);
        }
        assert_eq!(desk.may_roll(), choice != "accept");
        desk.answer()
    };
    let row = |choice| [true, false].map(|offered| prepared(choice, offered));
    assert_eq!(row("accept"), ["PrepareAssignment", "PrepareAssignment"]);
    assert_eq!(row("avoid"), ["Roll Credit", "PrepareAssignment"]);
    assert_eq!(row("never"), ["Roll Credit", "Close NeverAssigned"]);
    // X-4 keeps nothing for an assignment that never shall be; E-10 off accepts.
    let mut desk = moved(1_500, 300);
    desk.set("assignment.TSLA", "never");
    assert_eq!(desk.answer(), "Close NeverAssigned");
    assert!(desk.review().rules.contains(&Rule::E10));
    desk.off(Rule::E10);
    assert_eq!(desk.answer(), "KeepForAssignment");
    // Without a quote it cannot be bought back.
    let mut desk = Desk::put();
    desk.on("2024-06-14");
    desk.price(9_900);
    desk.set("assignment.TSLA", "never");
    desk.board.chains.clear();
    assert_eq!(desk.answer(), "PrepareAssignment");
}

#[test]
fn x8_buys_back_what_is_nearly_worthless() {
    let at = |premium: i64, ask: i64| {
        let mut desk = Desk::put();
        desk.short.price = c(premium);
        desk.set("exit.profit_put", "100");
        desk.now(ask - 1, ask);
        desk.answer()
    };
    // At most five cents and at most a fifth of the premium.
    assert_eq!(
        [at(25, 5), at(24, 5), at(25, 6), at(20, 4), at(19, 4), at(0, 1)],
        ["Close Cheap", "Hold", "Hold", "Close Cheap", "Hold", "Hold"]
    );
    // On the last day only within 1% of the money, on either side of the strike.
    let last = |call: bool, cents: i64| {
        let mut desk = if call { Desk::call() } else { Desk::put() };
        desk.on("2024-06-14");
        desk.price(cents);
        desk.now(4, 5);
        desk.answer()
    };
    assert_eq!([10_100, 10_101].map(|p| last(false, p)), ["Close Cheap", "LetExpire"]);
    assert_eq!([10_890, 10_889].map(|p| last(true, p)), ["Close Cheap", "LetExpire"]);
    // A day earlier it is bought back however far it is out of the money.
    let mut desk = Desk::put();
    desk.price(12_000);
    desk.now(4, 5);
    assert_eq!(desk.answer(), "Close Cheap");
    assert_eq!(desk.review().notes, []);
    // Daily replay cannot see it within the session, says so, and asks the later rules.
    desk.intraday = false;
    let review = desk.review();
    assert_eq!((word(&review).as_str(), review.notes), ("Close Profit", vec![Note::CheapNotExercised]));
}

/// A call in the money: strike $110, shares at $114.00, so that $4.00 of the ask is intrinsic; ex-date tomorrow.
#[test]
fn gbr4_rolls_or_closes_every_put_far_against_it() {
    let mut desk = moved(1_500, 300);
    desk.view.locked = true;
    assert_eq!(desk.decided(), ("Close Preservation".to_owned(), Some(Rule::G1)));
    desk.offer(NEXT, vec![quote(90, 400, 410, 4_000)]);
    assert_eq!(desk.decided(), ("Roll Credit".to_owned(), Some(Rule::G1)));
    let mut near = moved(1_499, 300);
    near.view.locked = true;
    assert_eq!(near.decided(), ("Watch".to_owned(), Some(Rule::X3)));
    near.set("gbr4.close_from", "1.2");
    assert_eq!(near.decided(), ("Close Preservation".to_owned(), Some(Rule::G1)));
    // X-4 says the same where G-1's own limit lies further off; without G-1 the put is kept.
    let mut desk = moved(1_500, 300);
    desk.view.locked = true;
    desk.set("gbr4.close_from", "2");
    assert_eq!(desk.decided(), ("Close Preservation".to_owned(), Some(Rule::X4)));
    desk.off(Rule::G1);
    assert_eq!(desk.decided(), ("KeepForAssignment".to_owned(), Some(Rule::X4)));
}

#[test]
fn calls_follow_the_move_only_in_c_ro_below_the_basis() {
    let at = |kind: Option<PositionType>, below: bool, price: i64| {
        let mut desk = Desk::call();
        desk.price(price);
        desk.view.holdings[0].kind = kind;
        if below {
            desk.set("calls.below_basis", "true");
        }
        desk.offer(NEXT, vec![quote(98, 260, 270, 4_800)]);
        assert_eq!(desk.may_roll(), desk.review().roll.is_some());
        desk.decided()
    };
    let rolled = Some(PositionType::CallRolled);
    let hold = ("Hold".to_owned(), None);
    for price in [10_200, 10_000, 9_800] {
        assert_eq!(at(rolled, false, price), hold);
        assert_eq!(at(Some(PositionType::CallRecovery), true, price), hold);
        assert_eq!(at(None, true, price), hold);
    }
    assert_eq!(at(rolled, true, 10_200), ("Watch".to_owned(), Some(Rule::X2)));
    assert_eq!(at(rolled, true, 10_000), ("Propose Credit".to_owned(), Some(Rule::X3)));
    // Rolled down from $110 to $98, at the money.
    assert_eq!(at(rolled, true, 9_800), ("Roll Credit".to_owned(), Some(Rule::X4)));
    // Without a roll X-5 is asked, and else it is watched.
    let mut desk = Desk::call();
    desk.price(9_800);
    desk.typed(PositionType::CallRolled);
    desk.set("calls.below_basis", "true");
    assert_eq!(desk.decided(), ("Watch".to_owned(), Some(Rule::X4)));
    desk.now(29, 30);
    assert_eq!(desk.decided(), ("Close Profit".to_owned(), Some(Rule::X5)));
}

#[test]
fn the_guard_and_the_kill_switch_come_first() {
    let mut desk = moved(1_500, 300);
    desk.offer(NEXT, vec![quote(90, 280, 290, 4_200)]);
    assert_eq!(desk.answer(), "Roll Debit");
    desk.guard = Guard::Defend;
    assert_eq!(desk.answer(), "KeepForAssignment", "only rolls for a credit");
    desk.guard = Guard::Stop;
    assert_eq!(desk.decided(), ("Halt".to_owned(), Some(Rule::K3)));
    assert!(!desk.may_roll());
    desk.killed = true;
    assert_eq!(desk.decided(), ("Halt".to_owned(), Some(Rule::K6)));
    desk.off(Rule::K6);
    assert_eq!(desk.decided(), ("Halt".to_owned(), Some(Rule::K3)));
    desk.guard = Guard::Calm;
    assert_eq!(desk.answer(), "Roll Debit");
    assert!(desk.may_roll());
    // Halted, the review still says where an option of today stands.
    desk.on("2024-06-14");
    desk.guard = Guard::Stop;
    assert_eq!(desk.review().expiry, Some(ExpiryAnswer::PrepareAssignment));
}

#[test]
fn what_is_missing_is_said() {
    // No quote, an offer of nothing, no underlying: not judged.
    let mut desk = moved(1_500, 300);
    desk.board.chains.clear();
    let review = desk.review();
    assert_eq!((review.answer, review.decided, review.seen, review.captured), (Answer::NoQuote, None, None, None));
    assert_eq!(review.adverse, Some(Multiple(1_500)));
    let mut desk = moved(0, 5);
    desk.now(0, 0);
    assert_eq!(desk.answer(), "NoQuote");
    let mut desk = moved(0, 5);
    desk.board.underlyings.clear();
    let review = desk.review();
    assert_eq!((review.answer, review.price, review.adverse), (Answer::NoQuote, None, None));
    desk.on("2024-06-14");
    assert_eq!(desk.answer(), "NoQuote");
    // No average true range: the move is not known, the premium is.
    let mut desk = moved(3_000, 200);
    desk.underlying().atr = None;
    let review = desk.review();
    assert_eq!((review.answer, review.adverse), (Answer::Hold, None));
    assert_eq!(review.notes, [Note::NoRange]);
    assert!(!review.rules.contains(&Rule::X1));
    desk.now(39, 40);
    assert_eq!(desk.answer(), "Close Profit");
    desk.underlying().atr = Some(Price::ZERO);
    assert_eq!(desk.review().notes, [Note::NoRange]);
    // Earnings that no table knows are said to be untestable.
    let mut desk = moved(1_500, 300);
    desk.underlying().earnings = Earnings::Unknown;
    assert!(desk.review().roll.unwrap().earnings_unknown);
}

#[test]
fn a_review_tells_what_it_saw_and_asked() {
    let mut desk = moved(1_250, 300);
    desk.offer(NEXT, vec![quote(95, 320, 330, 4_400)]);
    let review = desk.review();
    assert_eq!((review.series, review.contracts), (desk.short.series, desk.short.contracts));
    assert_eq!((review.price, review.adverse), (Some(c(10_000)), Some(Multiple(1_250))));
    assert_eq!((review.captured, review.sessions_left), (Some(Ppm::percent(-50)), 2));
    let seen = review.seen.unwrap();
    assert_eq!((seen.series, seen.bid, seen.ask), (desk.short.series, c(299), c(300)));
    let Answer::ProposeRoll(roll) = review.answer else { panic!("{:?}", review.answer) };
    // $3.20 − $3.00 − ($0.71 + $0.73) / 100.
    assert_eq!((roll.net, roll.kind), (Price::from_units(1_856), RollKind::Credit));
    assert_eq!(review.roll.unwrap().best, Some(roll));
    use Rule::{G1, K3, K6, R2, R3, X1, X3, X4, X6, X7, X8};
    assert_eq!(review.rules, [X1, K6, K3, X7, X8, X6, G1, X4, X3, R2, R3]);
    assert_eq!(moved(0, 200).review().rules[1..], ORDER);
}

#[test]
fn every_rule_has_a_switch_that_is_felt() {
    let credit = |mut desk: Desk| {
        desk.offer(NEXT, vec![quote(90, 400, 410, 4_000)]);
        desk
    };
    let locked = |mut desk: Desk| {
        desk.view.locked = true;
        desk
    };
    let on_last_day = |mut desk: Desk| {
        desk.on("2024-06-14");
        desk
    };
    let killed = |mut desk: Desk| {
        desk.killed = true;
        desk
    };
    let guarded = |mut desk: Desk| {
        desk.guard = Guard::Stop;
        desk
    };
    let rolled = |mut desk: Desk| {
        desk.short.rolls = 2;
        desk
    };
    let cases: [(Rule, Desk, &str, &str); 13] = [
        (Rule::X1, moved(500, 200), "Watch", "Hold"),
        (Rule::X2, moved(500, 200), "Watch", "Hold"),
        (Rule::X3, credit(moved(1_000, 200)), "Propose Credit", "Hold"),
        (Rule::X4, credit(moved(1_500, 200)), "Roll Credit", "Hold"),
        (Rule::X5, moved(0, 40), "Close Profit", "Hold"),
        (Rule::X6, on_last_day(moved(0, 200)), "PrepareAssignment", "Hold"),
        (Rule::X7, before_dividend(410, 10, 25), "Close Dividend", "Hold"),
        (Rule::X8, moved(0, 5), "Close Cheap", "Close Profit"),
        (Rule::R2, credit(moved(1_500, 200)), "Roll Credit", "KeepForAssignment"),
        (Rule::R3, rolled(credit(moved(1_500, 200))), "KeepForAssignment", "Roll Credit"),
        (Rule::G1, locked(moved(1_500, 200)), "Close Preservation", "KeepForAssignment"),
        (Rule::K3, guarded(moved(0, 40)), "Halt", "Close Profit"),
        (Rule::K6, killed(moved(0, 40)), "Halt", "Close Profit"),
    ];
    for (rule, mut desk, with, without) in cases {
        assert_eq!(desk.answer(), with, "{rule}");
        desk.off(rule);
        assert_eq!(desk.answer(), without, "{rule} off");
        assert!(!desk.review().rules.contains(&rule), "{rule} is not cited when it is off");
    }
    // With off nothing of theirs is asked in advance either.
    for (rule, a) in [(Rule::X3, 1_000), (Rule::X4, 1_500)] {
        let mut desk = moved(a, 200);
        assert!(desk.may_roll());
        desk.off(rule);
        assert!(!desk.may_roll(), "{rule}");
    }
    let mut desk = locked(moved(1_500, 200));
    desk.off(Rule::X4);
    assert!(desk.may_roll(), "G-1 still asks");
    desk.off(Rule::G1);
    assert!(!desk.may_roll());
    let mut desk = before_dividend(410, 10, 25);
    assert!(desk.may_roll());
    desk.off(Rule::X7);
    assert!(!desk.may_roll());
    let mut desk = moved(1_500, 200);
    desk.off(Rule::R2);
    assert!(!desk.may_roll());
    let mut desk = rolled(moved(1_500, 200));
    assert!(!desk.may_roll());
    desk.off(Rule::R3);
    assert!(desk.may_roll());
}

#[test]
fn the_puts_band_is_the_judged_weeks() {
    // A debit into 35 to 45 points is in a Red week's band and not in a Green one's.
    let mut desk = moved(1_500, 300);
    desk.offer(NEXT, vec![quote(90, 280, 290, 3_700)]);
    assert_eq!(desk.answer(), "KeepForAssignment");
    desk.red();
    assert_eq!(desk.answer(), "Roll Debit");
    // A call's band is not shifted.
    let mut desk = Desk::call();
    desk.price(9_800);
    desk.typed(PositionType::CallRolled);
    desk.set("calls.below_basis", "true");
    desk.offer(NEXT, vec![quote(98, 190, 199, 4_800)]);
    desk.red();
    assert_eq!(desk.answer(), "Roll Debit");
}

#[test]
fn another_symbols_chain_is_not_its_own() {
    let mut desk = moved(1_500, 300);
    let spy = market::instrument::Symbol::new("SPY").unwrap();
    let own: Vec<Chain> = std::mem::take(&mut desk.board.chains);
    desk.board.chains = own.into_iter().map(|chain| Chain { underlying: spy, ..chain }).collect();
    assert_eq!(desk.answer(), "NoQuote");
    assert_eq!(desk.short.series.underlying, tsla());
}

//! The decision tables, enumerated against the specification: complete, without overlap, boundaries on the milder side.

use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::quote::{Board, Chain, Climate, Delta, Earnings, OptionQuote, Origin, Underlying};
use market::time::{Calendar, Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price};
use protocol::entry::{EntryContext, plan, put_band, put_gates, put_strike};
use protocol::expiry::{ExpiryAnswer as X, answer, is_exercised};
use protocol::guard::Guard;
use protocol::plan::{Gate, Skip, Untestable, Verdict};
use protocol::policy::unit::Ppm;
use protocol::policy::{EntryDays, Policy, WeekClass};
use protocol::position::{PositionType as T, PutEnd, move_from, put_type, shares_type, sleeve_type};
use protocol::view::SleeveView;
use protocol::week::{self, Evidence, Support as S, Trend, VixState as V, judge};

fn day(text: &str) -> TradingDay {
    TradingDay::from_record(text.parse::<Date>().unwrap())
}

fn evidence() -> Evidence {
    Evidence {
        as_of: day("2024-06-07"),
        close: Price::dollars(510),
        average: Price::dollars(500),
        average_before: Price::dollars(495),
        vix: 1_400,
        vix_mean: 1_500,
        above: 4,
        symbols: 5,
    }
}

#[test]
fn m4_is_the_table_of_the_specification() {
    let policy = Policy::all_use();
    let row = |t, v| [S::Strong, S::Mixed, S::Broken].map(|s| format!("{:?}", week::table(&policy, t, v, s))).join(" ");
    let drawn = [Trend::Bullish, Trend::Bearish, Trend::Sideways].map(|t| [row(t, V::Low), row(t, V::High)]);
    assert_eq!(
        drawn,
        [["Green Chop Chop", "Green Chop Chop"], ["Chop Chop Red", "Red Red Red"], ["Chop Chop Chop", "Red Red Red"]]
    );
}

#[test]
fn m1_to_m3_compare_strictly() {
    let policy = Policy::all_use();
    let judged = |change: &dyn Fn(&mut Evidence)| {
        let mut e = evidence();
        change(&mut e);
        judge(&policy, e)
    };
    assert_eq!(judged(&|_| {}).trend, Trend::Bullish);
    assert_eq!(judged(&|e| e.close = e.average).trend, Trend::Sideways);
    assert_eq!(judged(&|e| e.average_before = e.average).trend, Trend::Sideways);
    assert_eq!(judged(&|e| e.close = Price::dollars(499)).trend, Trend::Sideways);
    let bearish = judged(&|e| (e.close, e.average_before) = (Price::dollars(499), Price::dollars(501)));
    assert_eq!(bearish.trend, Trend::Bearish);
    assert_eq!(judged(&|e| e.vix = e.vix_mean).vix, V::Low);
    assert_eq!(judged(&|e| e.vix = e.vix_mean + 1).vix, V::High);
    for (above, support) in [(5, S::Strong), (3, S::Strong), (2, S::Mixed), (1, S::Broken), (0, S::Broken)] {
        assert_eq!(judged(&|e| e.above = above).support, support, "{above} of 5");
    }
}

#[test]
fn m5_confidence_is_nought_on_an_edge_and_only_a_worse_class_replaces() {
    let policy = Policy::all_use();
    // 80% of symbols stands 20 points over the edge (d = 2), the index 2% over its average (d = 2), the average 1.01%
    // over where it was (d = 2.02); VIX decides nothing here. d / (1 + d) = 2/3.
    let judged = judge(&policy, evidence());
    assert_eq!((judged.class, judged.confidence), (WeekClass::Green, Ppm(666_666)));
    assert_eq!(judge(&policy, Evidence { above: 3, ..evidence() }).confidence, Ppm(0));
    use WeekClass::{Chop, Green, Red};
    let worse =
        [(Red, Green), (Chop, Red), (Green, Red), (Red, Red)].map(|(later, earlier)| week::is_worse(later, earlier));
    assert_eq!(worse, [true, true, false, false]);
}

#[test]
fn m6_and_m7_take_the_smaller_size() {
    let policy = Policy::all_use();
    let size = |class, vix| {
        let judged = week::Classification { class, ..judge(&policy, Evidence { vix, ..evidence() }) };
        week::sizing(&policy, &judged).0 / 10_000
    };
    let drawn =
        [WeekClass::Green, WeekClass::Red, WeekClass::Chop].map(|c| [1_500, 1_501, 2_250, 2_251].map(|v| size(c, v)));
    assert_eq!(drawn, [[100, 75, 75, 50], [75, 75, 75, 50], [55, 55, 55, 50]]);
}

#[test]
fn entry_days_follow_the_calendar() {
    use EntryDays as D;
    let (policy, calendar) = (Policy::all_use(), Calendar::nyse());
    let days = |choice: D, monday: &str| -> String {
        let week = market::time::Week::of(monday.parse().unwrap());
        let marks = calendar.sessions(week).iter().map(|d| week::is_entry_day(&policy, &calendar, choice, *d));
        marks.map(|is| if is { 'x' } else { '.' }).collect()
    };
    let choices = [D::None, D::Monday, D::MondayRetry, D::MondayToWednesday, D::Wednesday, D::Thursday];
    // A plain week; Good Friday; Juneteenth on a Wednesday.
    assert_eq!(choices.map(|c| days(c, "2024-06-10")), [".....", "x....", "xxx..", "xxx..", "..x..", "...x."]);
    assert_eq!(choices.map(|c| days(c, "2024-03-25")), ["....", "x...", "xxx.", "xxx.", "..x.", "..x."]);
    assert_eq!(choices.map(|c| days(c, "2024-06-17")), ["....", "x...", "xx..", "xx..", ".x..", "..x."]);
}

#[test]
fn a_week_that_turns_keeps_or_loses_its_days() {
    use EntryDays as D;
    use WeekClass::{Chop, Green, Red};
    let policy = Policy::all_use();
    let days =
        |first, now| [SleeveKind::Generation, SleeveKind::Revenue].map(|k| week::entry_days(&policy, k, first, now));
    assert_eq!(
        [(Green, Green), (Red, Red), (Chop, Chop), (Green, Red), (Green, Chop), (Red, Chop)].map(|(f, n)| days(f, n)),
        [
            [D::Thursday, D::MondayToWednesday],
            [D::Monday, D::MondayRetry],
            [D::None, D::Wednesday],
            [D::Thursday, D::MondayToWednesday],
            [D::None, D::Wednesday],
            [D::None, D::Wednesday],
        ]
    );
}

#[test]
fn every_put_has_one_type() {
    let (policy, strike) = (Policy::all_use(), Price::dollars(100));
    // Far below the limit, just beyond it, on it, just below the strike, at it, above it.
    let closes = [8_499, 9_499, 9_500, 9_999, 10_000, 10_001].map(Price::cents);
    let row = |end| closes.map(|c| put_type(&policy, end, strike, c, false).abbreviation()).join(" ");
    assert_eq!(row(PutEnd::Expired), "P-EW P-EW P-EW P-EW P-EW P-EW");
    assert_eq!(row(PutEnd::Assigned), "P-AOL P-AOL P-AWL P-AWL P-AWL P-AWL");
    assert_eq!(row(PutEnd::ClosedAtGain), "P-EW P-EW P-EW P-EW P-EW P-EW");
    assert_eq!(row(PutEnd::ClosedAtLoss), "P-RO P-RO P-RO P-RO P-RO P-RO");
    assert_eq!(row(PutEnd::Rolled), "P-RO P-RO P-RO P-RO P-RO P-RO");
    assert_eq!(row(PutEnd::Open), "P-RO P-RO P-RO P-RO P-EW P-EW");
    // Without the type that a put would have it is any other put.
    let without = |rule: &str, cents| {
        let policy = policy.with("rules.off", rule).unwrap();
        put_type(&policy, PutEnd::Assigned, strike, Price::cents(cents), false).abbreviation()
    };
    assert_eq!(
        ["W-2", "W-4"].map(|rule| [9_499, 9_500].map(|c| without(rule, c))),
        [["P-AOL", "P-EW"], ["P-EW", "P-AWL"]]
    );
    for end in [PutEnd::Expired, PutEnd::Assigned, PutEnd::ClosedAtGain, PutEnd::Rolled, PutEnd::Open] {
        assert_eq!(put_type(&policy, end, strike, Price::dollars(120), true), T::PutDeep, "deep at any close: {end:?}");
    }
}

/// m = close / reference − 1, to the millionth; a fall is rounded toward the milder side.
#[test]
fn a_move_is_measured_from_its_reference() {
    let of = |price, reference| move_from(Price::from_units(price), Price::from_units(reference)).0;
    assert_eq!([950_000, 1_000_000, 1_050_000].map(|p| of(p, 1_000_000)), [-50_000, 0, 50_000]);
    // A ten-thousandth of $30 is 3.33 millionths.
    assert_eq!([299_999, 300_001].map(|p| of(p, 300_000)), [-3, 4]);
    assert_eq!(of(2_000_000, 500_000), 3_000_000);
    assert_eq!(T::PutDeep.to_string(), "P-DD");
}

#[test]
fn shares_have_one_type_and_a_sleeve_its_most_severe() {
    let (policy, basis) = (Policy::all_use(), Price::dollars(100));
    let drawn = [8_999, 9_000, 9_499, 9_500, 10_000, 10_001, 10_500, 10_501]
        .map(|c| shares_type(&policy, Price::cents(c), basis).abbreviation());
    assert_eq!(drawn.join(" "), "C-REC C-RO C-RO C-PNO C-PNO C-WAP C-WAP C-WAP+");
    for (i, milder) in T::ALL.iter().enumerate() {
        for severer in &T::ALL[..=i] {
            assert_eq!(sleeve_type(&policy, &[*milder, *severer]), *severer);
        }
    }
    assert_eq!(sleeve_type(&policy, &[]), T::Idle);
    let order = T::ALL.map(T::abbreviation).join(" ");
    assert_eq!(order, "P-DD C-REC C-RO P-AOL P-RO P-AWL C-PNO C-WAP C-WAP+ P-EW W-IDL");
}

#[test]
fn x6_answers_at_every_price() {
    let policy = Policy::all_use();
    let of = |right| Series {
        underlying: Symbol::new("TSLA").unwrap(),
        expiration: Expiration(Date::constant(2024, 6, 14)),
        right,
        strike: Price::dollars(100),
    };
    let put = |c| answer(&policy, &of(Right::Put), Price::cents(c));
    assert_eq!([8_499, 8_500, 9_499].map(put), [X::DeepDrawdown, X::RollOrAssign, X::RollOrAssign]);
    assert_eq!([9_500, 10_000, 10_100].map(put), [X::PrepareAssignment; 3]);
    assert_eq!(put(10_101), X::LetExpire);
    let call = |c| answer(&policy, &of(Right::Call), Price::cents(c));
    assert_eq!([9_999, 10_000, 10_001].map(call), [X::LetExpire, X::LetExpire, X::PrepareDelivery]);
    let exercised =
        |right| [9_999, 10_000, 10_001].map(|c| is_exercised(&policy, right, Price::dollars(100), Price::cents(c)));
    assert_eq!((exercised(Right::Put), exercised(Right::Call)), ([true, false, false], [false, false, true]));
}

fn quote(strike: i64, bid: i64, delta: i32) -> OptionQuote {
    let (strike, bid, ask) = (Price::dollars(strike), Price::cents(bid), Price::cents(bid + 2));
    OptionQuote { strike, bid, ask, delta: Some(Delta(delta)), open_interest: None, volume: None }
}

fn chain(symbol: &str, quotes: Vec<OptionQuote>) -> Chain {
    Chain {
        underlying: Symbol::new(symbol).unwrap(),
        expiration: Expiration(Date::constant(2024, 6, 14)),
        right: Right::Put,
        origin: Origin::Quoted,
        quotes,
    }
}

#[test]
fn e1_and_e4_find_the_strike() {
    let policy = Policy::all_use();
    let band = policy.band.of(SleeveKind::Generation);
    let chosen = |quotes| {
        put_strike(&policy, &chain("TSLA", quotes), band).map(|q| q.strike.units() / 10_000).map_err(|d| d.map(|d| d.0))
    };
    // Inside 40 to 50, 46 is nearer to the middle than 43; 44 and 46 are as near: the lower strike.
    assert_eq!(chosen(vec![quote(95, 50, 3_900), quote(96, 60, 4_300), quote(97, 70, 4_600)]), Ok(97));
    assert_eq!(chosen(vec![quote(96, 60, 4_400), quote(97, 70, 4_600)]), Ok(96));
    assert_eq!(chosen(vec![quote(90, 60, 4_000), quote(99, 70, 5_100)]), Ok(90), "the edge belongs to the band");
    // None inside: the highest delta below, at most ten points under.
    assert_eq!(chosen(vec![quote(90, 60, 2_000), quote(91, 60, 3_000), quote(99, 70, 5_001)]), Ok(91));
    assert_eq!(chosen(vec![quote(91, 60, 2_999), quote(99, 70, 5_001)]), Err(Some(2_999)));
    assert_eq!(chosen(vec![quote(99, 70, 5_001)]), Err(None));
    assert!(put_strike(&Policy::as_written(), &chain("TSLA", vec![quote(91, 60, 3_999)]), band).is_err());
    let shifted = |kind, class| {
        let band = put_band(&policy, kind, &week::Classification { class, ..judge(&policy, evidence()) });
        (band.low.0 / 100, band.high.0 / 100)
    };
    let drawn = SleeveKind::ALL.map(|k| [WeekClass::Green, WeekClass::Red, WeekClass::Chop].map(|c| shifted(k, c)));
    assert_eq!(drawn, [[(40, 50), (35, 45), (30, 40)], [(30, 40), (25, 35), (20, 30)], [(20, 30), (15, 25), (10, 20)]]);
}

fn board(puts: &[(&str, OptionQuote)]) -> Board {
    let climate = Climate {
        as_of: day("2024-06-07"),
        index_close: Price::dollars(510),
        index_sma20: None,
        index_sma20_before: None,
        vix: None,
        vix_mean: None,
        vix_closes: 0,
        index_bars: 0,
        symbol_bars: 0,
    };
    let underlying = |(symbol, quote): &(&str, OptionQuote)| Underlying {
        symbol: Symbol::new(symbol).unwrap(),
        price: quote.strike + Price::dollars(3),
        previous_close: quote.strike,
        atr: None,
        sma50: None,
        earnings: Earnings::None,
        iv_rank: None,
        dividend: None,
    };
    Board {
        day: day("2024-06-10"),
        climate,
        underlyings: puts.iter().map(underlying).collect(),
        chains: puts.iter().map(|(symbol, quote)| chain(symbol, vec![*quote])).collect(),
        bill_rate: None,
    }
}

/// A Rev sleeve of `equity` dollars without positions.
fn sleeve(equity: i64) -> SleeveView {
    let equity = Money::dollars(equity);
    SleeveView {
        id: SleeveId::new(StructureId(1), SleeveKind::Revenue),
        equity,
        unreserved: equity,
        buffer: Ppm::percent(5).of(equity),
        committed: Money::ZERO,
        exposure: Vec::new(),
        holdings: Vec::new(),
        shorts: Vec::new(),
        locked: false,
        profit_taken: Vec::new(),
    }
}

/// What such a sleeve takes of each symbol, or why it leaves it.
fn decided(equity: i64, puts: &[(&str, OptionQuote)]) -> String {
    decided_by(&Policy::all_use(), equity, puts)
}

fn decided_by(policy: &Policy, equity: i64, puts: &[(&str, OptionQuote)]) -> String {
    let (view, board) = (sleeve(equity), board(puts));
    let judged = judge(policy, evidence());
    let friday = Expiration(Date::constant(2024, 6, 14));
    let expirations: Vec<_> = board.underlyings.iter().map(|u| (u.symbol, Some(friday))).collect();
    let context = EntryContext {
        policy,
        board: &board,
        week: &judged,
        guard: Guard::Calm,
        sold_today: &[],
        expirations: &expirations,
    };
    let said = plan(&view, context, |_| Some(Money::cents(68))).candidates.into_iter().map(|c| match c.verdict {
        Verdict::Take { contracts: Contracts(n), .. } => n.to_string(),
        Verdict::Leave(Skip::Gate(Gate::Premium { .. })) => "premium".to_owned(),
        Verdict::Leave(Skip::DoesNotFit { .. }) => "does not fit".to_owned(),
        Verdict::Leave(other) => format!("{other:?}"),
    });
    said.collect::<Vec<_>>().join(", ")
}

#[test]
fn e5_shares_equally_then_offers_the_rest_by_yield() {
    let three = |msft: i64| {
        [("AAPL", quote(100, 80, 3_500)), ("AMZN", quote(150, 135, 3_500)), ("MSFT", quote(400, msft, 3_500))]
    };
    // $95,000, $31,666 each: 3 AAPL, 2 AMZN, no MSFT; of the $35,000 left AMZN (0.9% of strike) takes one, AAPL (0.8%)
    // one, and AAPL another; caps of $50,000 hold.
    assert_eq!(decided(100_000, &three(300)), "5, 3, Outbid");
    // MSFT pays best (1.25%), but a first contract of $40,000 does not fit the $35,000 that are left.
    assert_eq!(decided(100_000, &three(500)), "5, 3, Outbid");
    // The first contract of a sleeve may pass the cap if it fits: $10,450 deployable holds one AAPL.
    assert_eq!(decided(11_000, &three(300)), "1, does not fit, does not fit");
    assert_eq!(decided(10_000, &three(300)), "does not fit, does not fit, does not fit");
}

#[test]
fn e6_asks_for_the_largest_of_three_premiums() {
    // 0.10% of $400 is $0.40; below $100 strikes $0.10 a share holds; ten times $0.68 a contract is $0.068 a share.
    assert_eq!(decided(100_000, &[("MSFT", quote(400, 40, 3_500))]), "1");
    assert_eq!(decided(100_000, &[("MSFT", quote(400, 39, 3_500))]), "premium");
    assert_eq!(decided(100_000, &[("AAPL", quote(50, 10, 3_500))]), "10");
    assert_eq!(decided(100_000, &[("AAPL", quote(50, 9, 3_500))]), "premium");
}

#[test]
fn e6_asks_every_gate_of_a_quote() {
    let policy = Policy::all_use();
    let board = board(&[("MSFT", quote(400, 300, 3_500))]);
    let series = Series {
        underlying: Symbol::new("MSFT").unwrap(),
        expiration: Expiration(Date::constant(2024, 6, 14)),
        right: Right::Put,
        strike: Price::dollars(400),
    };
    let sound = OptionQuote { open_interest: Some(500), volume: Some(100), ..quote(400, 300, 3_500) };
    let asked = |change: &dyn Fn(&mut OptionQuote), earnings: Earnings| {
        let (mut quote, underlying) = (sound, Underlying { earnings, ..board.underlyings[0] });
        change(&mut quote);
        put_gates(&policy, board.day.date(), &underlying, &series, &quote, Money::cents(68))
    };
    let gate = |change: &dyn Fn(&mut OptionQuote)| asked(change, Earnings::None).0;
    assert_eq!(asked(&|_| {}, Earnings::None), (None, vec![]));

    assert_eq!(gate(&|q| (q.bid, q.ask) = (Price::ZERO, Price::cents(2))), Some(Gate::NoBid));
    // Mid $3.00: $0.15 is 5% of it and passes, a cent more does not. Below a mid of $1.00 five cents always pass.
    assert_eq!(gate(&|q| (q.bid, q.ask) = (Price::cents(293), Price::cents(307))), None);
    let (spread, limit) = (Price::cents(16), Price::cents(15));
    assert_eq!(
        gate(&|q| (q.bid, q.ask) = (Price::cents(292), Price::cents(308))),
        Some(Gate::Spread { spread, limit })
    );
    assert_eq!(gate(&|q| (q.bid, q.ask) = (Price::cents(50), Price::cents(55))), None);
    let (spread, limit) = (Price::cents(6), Price::cents(5));
    assert_eq!(gate(&|q| (q.bid, q.ask) = (Price::cents(50), Price::cents(56))), Some(Gate::Spread { spread, limit }));

    assert_eq!(gate(&|q| q.open_interest = Some(499)), Some(Gate::OpenInterest { found: 499, least: 500 }));
    assert_eq!(gate(&|q| q.volume = Some(99)), Some(Gate::Volume { found: 99, least: 100 }));
    // What is not known is neither passed nor refused.
    let unknown = asked(&|q| (q.open_interest, q.volume) = (None, None), Earnings::Unknown);
    assert_eq!(unknown, (None, vec![Untestable::OpenInterest, Untestable::Volume, Untestable::Earnings]));

    let reported = |earnings| asked(&|_| {}, earnings).0;
    let (friday, monday) = (Date::constant(2024, 6, 14), Date::constant(2024, 6, 17));
    assert_eq!(reported(Earnings::On(friday)), Some(Gate::Earnings { on: friday }), "on expiration is before it");
    assert_eq!(reported(Earnings::On(monday)), None);
    assert_eq!(reported(Earnings::Between(friday, monday)), Some(Gate::Earnings { on: friday }));
    assert_eq!(reported(Earnings::Between(monday, monday)), None);
}

#[test]
fn e6_holds_an_order_to_a_tenth_of_the_volume() {
    let traded = |volume| OptionQuote { open_interest: Some(500), volume: Some(volume), ..quote(50, 40, 3_500) };
    assert_eq!(decided(100_000, &[("AAPL", traded(100))]), "10");
    assert_eq!(decided(1_000_000, &[("AAPL", traded(259))]), "25");
    let loose = Policy::all_use().with("gate.volume", "0").unwrap();
    assert_eq!(decided_by(&loose, 100_000, &[("AAPL", traded(7))]), "VolumeShare { volume: 7 }");
}

#[test]
fn a_day_without_known_fees_takes_nothing() {
    let (policy, board) = (Policy::all_use(), board(&[("AAPL", quote(50, 40, 3_500))]));
    let judged = judge(&policy, evidence());
    let expirations = [(board.underlyings[0].symbol, Some(Expiration(Date::constant(2024, 6, 14))))];
    let context = EntryContext {
        policy: &policy,
        board: &board,
        week: &judged,
        guard: Guard::Calm,
        sold_today: &[],
        expirations: &expirations,
    };
    let plan = plan(&sleeve(100_000), context, |_| None);
    assert_eq!(plan.candidates[0].verdict, Verdict::Leave(Skip::FeesUnknown));
}

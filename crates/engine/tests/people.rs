//! An approval is bound to what was seen, to a named human and to its time; nothing else lets an order out.

use std::sync::Arc;

use engine::codec;
use engine::event::{Body, Opened, World};
use engine::people::{Content, Digest, NoAct, Proposal, Reply, Undone, Wanted, Word};
use engine::risk::{Refusal, RiskView, check};
use engine::state::Impossible;
use engine::{Engine, Event, Input, Output, State, Step};
use jiff::Timestamp;
use ledger::id::SleeveKinds;
use ledger::{PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Fill, Order, OrderId, Trade};
use market::quote::{Board, Chain, Climate, Delta, Earnings, OptionQuote, Origin, Underlying};
use market::time::{Calendar, Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price};
use protocol::guard::Guard;
use protocol::policy::{Level, Policy};
use protocol::rule::Rule;
use protocol::trust::Class;

const GEN: SleeveId = SleeveId::new(StructureId(1), SleeveKind::Generation);

fn put() -> Series {
    Series {
        underlying: Symbol::new("TSLA").unwrap(),
        expiration: Expiration(Date::constant(2024, 6, 14)),
        right: Right::Put,
        strike: Price::dollars(180),
    }
}

fn wanted(contracts: i64) -> Wanted {
    let trade = Trade::write(put(), Contracts(contracts));
    Wanted { sleeve: GEN, trade, limit: Price::cents(100), rule: Rule::E5, delta: Some(Delta::points(45)) }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn close() -> Timestamp {
    at("2024-06-13T20:00:00Z")
}

fn proposal(level: Level) -> Proposal {
    let content = Content::Orders(vec![wanted(2)]);
    Proposal {
        id: 1,
        class: Class::Entry,
        level,
        digest: codec::digest(&content),
        content,
        rules: vec![Rule::E5],
        evidence: None,
        alternatives: Vec::new(),
        expires: at("2024-06-13T21:00:00Z"),
        parent: None,
    }
}

fn state(policy: Policy) -> State {
    let mut state = State::new(Arc::new(Calendar::nyse()), policy);
    let opened = Opened {
        portfolio: PortfolioId(1),
        program: String::new(),
        schema: 3,
        world: World::Simulated,
        source: String::new(),
        policy: String::new(),
        premium_model: String::new(),
        people: true,
    };
    let parts = [Money::dollars(120_000), Money::ZERO, Money::ZERO];
    let structure = StructureId(1);
    for body in [
        Body::Opened(opened),
        Body::Founded { structure, parent: None, sleeves: SleeveKinds::ROOT },
        Body::Deposited { structure, parts },
    ] {
        state.apply(&Event { at: close(), body }).unwrap();
    }
    state
}

/// An engine whose proposal of two puts waits.
fn asked(policy: Policy, level: Level) -> Engine {
    let mut state = state(policy.clone());
    state.apply(&Event { at: close(), body: Body::Proposed(Box::new(proposal(level))) }).unwrap();
    Engine::resume(Arc::new(Calendar::nyse()), policy, state)
}

fn board() -> Board {
    let day = |day| TradingDay::from_record(Date::constant(2024, 6, day));
    let climate = Climate {
        as_of: day(12),
        index_close: Price::dollars(540),
        index_sma20: None,
        index_sma20_before: None,
        vix: None,
        vix_mean: None,
        vix_closes: 0,
        index_bars: 0,
        symbol_bars: 0,
    };
    let underlying = Underlying {
        symbol: put().underlying,
        price: Price::dollars(181),
        sma50: None,
        previous_close: Price::dollars(181),
        atr: None,
        earnings: Earnings::None,
        iv_rank: None,
        dividend: None,
    };
    let (bid, ask) = (Price::cents(99), Price::cents(101));
    let delta = Some(Delta::points(45));
    let quote = OptionQuote { strike: put().strike, bid, ask, delta, open_interest: None, volume: None };
    let chain = Chain {
        underlying: put().underlying,
        expiration: put().expiration,
        right: Right::Put,
        origin: Origin::Quoted,
        quotes: vec![quote],
    };
    Board { day: day(13), climate, underlyings: vec![underlying], chains: vec![chain], bill_rate: None }
}

fn say(engine: &mut Engine, id: u64, digest: Digest, word: Word, who: &str, board: Option<&Board>) -> Step {
    let (who, reason) = (who.to_owned(), "because".to_owned());
    engine.handle(close(), &Input::Answer { proposal: id, digest, word, who, reason, board })
}

fn refused(step: &Step) -> NoAct {
    match &step.events[..] {
        [Event { body: Body::ActRefused { why, .. }, .. }] if step.outputs.is_empty() => *why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_approval_sends_exactly_what_was_approved_and_only_once() {
    let mut engine = asked(Policy::all_use(), Level::Propose);
    let (digest, board) = (proposal(Level::Propose).digest, board());
    let step = say(&mut engine, 1, digest, Word::Approve, "Ada", Some(&board));
    let [Output::Submit(sent)] = &step.outputs[..] else { panic!("{step:?}") };
    assert_eq!((sent.sleeve(), sent.order().trade, sent.order().limit), (GEN, wanted(2).trade, wanted(2).limit));
    let again = say(&mut engine, 1, digest, Word::Approve, "Ada", Some(&board));
    assert_eq!(refused(&again), NoAct::Answered(Reply::Approved));
    assert!(engine.handle(close(), &Input::Tick(Some(&board))).outputs.is_empty());
}

#[test]
fn whatever_is_not_an_answer_to_what_was_asked_is_refused_and_changes_nothing() {
    let right = proposal(Level::Propose).digest;
    let wrong = codec::digest(&Content::Orders(vec![wanted(3)]));
    let other = |changed: Wanted| Word::Amend(Content::Orders(vec![changed]));
    let elsewhere = SleeveId::new(StructureId(1), SleeveKind::Revenue);
    let merge = Content::Merge { structure: StructureId(2), total: Money::ZERO };
    for (id, digest, word, who, why) in [
        (1, right, Word::Approve, " ", NoAct::Unnamed),
        (2, right, Word::Approve, "Ada", NoAct::Unknown),
        (1, wrong, Word::Approve, "Ada", NoAct::OtherContent { named: wrong, held: right }),
        (1, wrong, Word::Reject, "Ada", NoAct::OtherContent { named: wrong, held: right }),
        (1, right, other(Wanted { sleeve: elsewhere, ..wanted(1) }), "Ada", NoAct::OtherOrders),
        (1, right, other(Wanted { rule: Rule::E8, ..wanted(1) }), "Ada", NoAct::OtherOrders),
        (1, right, other(wanted(0)), "Ada", NoAct::OtherOrders),
        (
            1,
            right,
            other(Wanted { trade: Trade::buy_back(put(), Contracts(1)), ..wanted(1) }),
            "Ada",
            NoAct::OtherOrders,
        ),
        (1, right, Word::Amend(Content::Orders(Vec::new())), "Ada", NoAct::OtherOrders),
        (1, right, other(wanted(2)), "Ada", NoAct::AlreadySo),
        (1, right, Word::Amend(merge), "Ada", NoAct::NotAmendable),
    ] {
        let mut engine = asked(Policy::all_use(), Level::Propose);
        let before = engine.state().people.clone();
        assert_eq!(refused(&say(&mut engine, id, digest, word, who, Some(&board()))), why);
        assert_eq!(engine.state().people, before, "{why}");
    }
}

#[test]
fn an_amendment_is_a_proposal_of_its_own_by_the_same_human() {
    let mut engine = asked(Policy::all_use(), Level::Propose);
    let content = Content::Orders(vec![Wanted { limit: Price::cents(101), ..wanted(1) }]);
    let step =
        say(&mut engine, 1, proposal(Level::Propose).digest, Word::Amend(content.clone()), "Ada", Some(&board()));
    let Body::Proposed(child) = &step.events[0].body else { panic!("{step:?}") };
    assert_eq!((child.id, child.parent, child.digest), (2, Some(1), codec::digest(&content)));
    let replies = step.events.iter().filter_map(|e| match &e.body {
        Body::Answered { proposal, reply, who, .. } => Some((*proposal, *reply, who.clone().unwrap())),
        _ => None,
    });
    let ada = || "Ada".to_owned();
    assert_eq!(replies.collect::<Vec<_>>(), [(1, Reply::Amended { by: 2 }, ada()), (2, Reply::Approved, ada())]);
    let [Output::Submit(sent)] = &step.outputs[..] else { panic!("{step:?}") };
    assert_eq!((sent.order().trade.units(), sent.order().limit), (1, Price::cents(101)));
    let record = engine.state().people.record(Class::Entry).unwrap();
    assert_eq!(record.answers, [false], "the rules' own proposal did not stand");
}

#[test]
fn silence_answers_at_the_second_and_not_before() {
    for (level, reply, sent) in [(Level::Propose, Reply::SilentNo, 0), (Level::ByException, Reply::SilentYes, 1)] {
        let mut engine = asked(Policy::all_use(), level);
        assert_eq!(engine.silence_at(), Some(at("2024-06-13T21:00:00Z")));
        let early = engine.handle(at("2024-06-13T20:59:59Z"), &Input::Tick(Some(&board())));
        assert!(early.events.is_empty());
        let step = engine.handle(at("2024-06-13T21:00:00Z"), &Input::Tick(Some(&board())));
        let answered = Body::Answered { proposal: 1, reply, who: None, reason: String::new() };
        assert_eq!((&step.events[0].body, step.outputs.len()), (&answered, sent));
        let late = say(&mut engine, 1, proposal(level).digest, Word::Reject, "Ada", None);
        assert_eq!(refused(&late), NoAct::Answered(reply));
    }
    let without = Policy::all_use().with("rules.off", "[\"H-3\"]").unwrap();
    let mut engine = asked(without, Level::ByException);
    assert_eq!(engine.silence_at(), None);
    assert!(engine.handle(at("2024-07-13T21:00:00Z"), &Input::Tick(None)).events.is_empty());
}

#[test]
fn an_approval_that_sees_no_price_lapses_with_its_session() {
    let mut engine = asked(Policy::all_use(), Level::Propose);
    let step = say(&mut engine, 1, proposal(Level::Propose).digest, Word::Approve, "Ada", None);
    assert!(step.outputs.is_empty() && engine.state().people.granted.len() == 1);
    let end = Input::SessionReported { board: &board(), endings: &[], benchmarks: &[] };
    let step = engine.handle(at("2024-06-13T21:30:00Z"), &end);
    assert_eq!(step.events[0].body, Body::NotDone { proposal: 1, why: Undone::SessionOver });
    assert!(engine.state().people.granted.is_empty());
}

/// K-4's last check, asked of the gate alone: what was approved, a part of it, and everything else.
#[test]
fn the_risk_gate_knows_what_was_approved() {
    let ask = |state: &State, wanted: Wanted| {
        let id = OrderId { portfolio: 1, epoch: 1, sequence: 1 };
        let order = Order { id, trade: wanted.trade, limit: wanted.limit };
        let equity = Money::dollars(120_000);
        let view = RiskView {
            board: &board(),
            equity,
            owner_equity: equity,
            first_contract: false,
            rule: wanted.rule,
            crosses: None,
        };
        check(state, wanted.sleeve, order, &view).map(|_| ())
    };
    let unasked = state(Policy::all_use());
    assert_eq!(ask(&unasked, wanted(2)), Err(Refusal::NotApproved));
    let mut engine = asked(Policy::all_use(), Level::Propose);
    assert_eq!(ask(engine.state(), wanted(2)), Err(Refusal::NotApproved), "a proposal is no approval");
    say(&mut engine, 1, proposal(Level::Propose).digest, Word::Approve, "Ada", None);
    let held = engine.state();
    assert_eq!([1, 2].map(|n| ask(held, wanted(n))), [Ok(()), Ok(())]);
    for other in [wanted(3), Wanted { limit: Price::cents(99), ..wanted(2) }, Wanted { rule: Rule::E8, ..wanted(2) }] {
        assert_eq!(ask(held, other), Err(Refusal::NotApproved), "{other:?}");
    }
    let automatic = Policy::all_use().with("human.entry", "\"automatic\"").unwrap();
    assert_eq!(ask(&state(automatic), wanted(2)), Ok(()));
    let alone = Policy::all_use().with("rules.off", "[\"H-1\"]").unwrap();
    assert_eq!(ask(&state(alone), wanted(2)), Ok(()));
}

#[test]
fn a_digest_changes_with_every_part_of_the_content() {
    let other = Series { strike: Price::dollars(175), ..put() };
    let revenue = SleeveId::new(StructureId(1), SleeveKind::Revenue);
    let contents = [
        vec![wanted(2)],
        vec![wanted(1)],
        vec![wanted(1), wanted(1)],
        vec![Wanted { limit: Price::from_units(10_001), ..wanted(2) }],
        vec![Wanted { sleeve: revenue, ..wanted(2) }],
        vec![Wanted { rule: Rule::E8, ..wanted(2) }],
        vec![Wanted { delta: None, ..wanted(2) }],
        vec![Wanted { trade: Trade::write(other, Contracts(2)), ..wanted(2) }],
        vec![Wanted { trade: Trade::buy_back(put(), Contracts(2)), ..wanted(2) }],
    ];
    let digests: std::collections::BTreeSet<_> =
        contents.iter().map(|c| codec::digest(&Content::Orders(c.clone()))).collect();
    assert_eq!(digests.len(), contents.len());
    assert_eq!(codec::digest(&Content::Orders(vec![wanted(2)])), proposal(Level::Propose).digest);
}

#[test]
fn a_journal_whose_proposals_were_altered_is_impossible() {
    let propose = |proposal: Proposal| {
        state(Policy::all_use()).apply(&Event { at: close(), body: Body::Proposed(Box::new(proposal)) })
    };
    assert_eq!(propose(proposal(Level::Propose)), Ok(()));
    let altered = Proposal { content: Content::Orders(vec![wanted(20)]), ..proposal(Level::Propose) };
    assert_eq!(propose(altered), Err(Impossible::Proposal { at: 4, proposal: 1 }));
    assert_eq!(
        propose(Proposal { id: 7, ..proposal(Level::Propose) }),
        Err(Impossible::Proposal { at: 4, proposal: 7 })
    );
    let answer = Body::Answered { proposal: 1, reply: Reply::Approved, who: None, reason: String::new() };
    let unasked = state(Policy::all_use()).apply(&Event { at: close(), body: answer });
    assert_eq!(unasked, Err(Impossible::Proposal { at: 4, proposal: 1 }));
}

/// Above the guard's last step nothing is sent without a human: one may buy back, silence may not (K-3).
#[test]
fn at_the_guards_last_step_a_human_may_defend_and_silence_may_not() {
    let back =
        Wanted { trade: Trade::buy_back(put(), Contracts(2)), limit: Price::cents(101), rule: Rule::X5, ..wanted(2) };
    let content = Content::Orders(vec![back]);
    let digest = codec::digest(&content);
    let asked = |level| {
        let mut state = state(Policy::all_use());
        let id = OrderId { portfolio: 1, epoch: 1, sequence: 1 };
        let order = Order { id, trade: wanted(2).trade, limit: wanted(2).limit };
        let (reserve, fees) = (Money::dollars(36_000), Money::cents(140));
        let (underlying, atr, delta) = (Price::dollars(181), None, None);
        let fill = Fill { order: id, units: 2, price: Price::cents(100), fees, sold: None, origin: Origin::Quoted };
        let settles = Date::constant(2024, 6, 14);
        for body in [
            Body::OrderApproved { sleeve: GEN, order, rule: Rule::E5, reserve, underlying, atr, delta },
            Body::Filled { sleeve: GEN, trade: order.trade, fill, settles },
            Body::Proposed(Box::new(Proposal {
                class: Class::Adjustment,
                level,
                digest,
                content: content.clone(),
                ..proposal(level)
            })),
            Body::GuardChanged { from: Guard::Calm, to: Guard::Stop, vix: 8_100 },
        ] {
            state.apply(&Event { at: close(), body }).unwrap();
        }
        Engine::resume(Arc::new(Calendar::nyse()), Policy::all_use(), state)
    };
    let step = say(&mut asked(Level::Propose), 1, digest, Word::Approve, "Ada", Some(&board()));
    assert_eq!(step.outputs.len(), 1, "{step:?}");
    let step = asked(Level::ByException).handle(at("2024-06-13T21:00:00Z"), &Input::Tick(Some(&board())));
    let refusal = step.events.iter().find_map(|e| match &e.body {
        Body::OrderRefused { refusal, .. } => Some(*refusal),
        _ => None,
    });
    assert_eq!((refusal, step.outputs.len()), (Some(Refusal::Guarded), 0));
}

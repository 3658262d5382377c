//! What people are asked and answer.

use engine::codec;
use engine::people::{Act, Alternative, Content, Judged, LevelWhy, NoAct, Proposal, Reply, Undone, Wanted};
use protocol::policy::Level;
use protocol::trust::{Class, Trust};

use super::*;

fn opened() -> Body {
    Body::Opened(Opened {
        portfolio: PortfolioId(1),
        program: "0.1.0".to_owned(),
        schema: 3,
        world: World::History,
        source: "a folder".to_owned(),
        policy: "name = \"all-use\"\n".to_owned(),
        premium_model: String::new(),
        people: true,
    })
}

fn orders(sleeve: SleeveId) -> Content {
    let write = Wanted {
        sleeve,
        trade: Trade::write(put(), Contracts(5)),
        limit: Price::cents(123),
        rule: Rule::E5,
        delta: Some(Delta(4410)),
    };
    let shares = Trade::SellShares { symbol: symbol("NVDA"), shares: Shares(130) };
    Content::Orders(vec![write, Wanted { trade: shares, delta: None, rule: Rule::G3, ..write }])
}

fn contents(sleeve: SleeveId) -> Vec<Content> {
    let money = Money::cents;
    let (surplus, half) = (money(5_200_000), money(2_600_000));
    let division =
        Division { surplus, stays: half, moves: half, generation: money(1_300_000), compounding: money(1_300_000) };
    let account = ProfitAccount {
        year: 2024,
        realised: money(5),
        reserved: money(0),
        deficit: money(0),
        income: money(80),
        growth: money(20),
    };
    let reinvested =
        Reinvested { amount: money(100), contracts: money(75), leaps: money(25), from_income: money(80), account };
    vec![
        orders(sleeve),
        Content::Fork {
            from: SleeveId::new(StructureId(1), SleeveKind::Generation),
            division,
            base: money(14_600_000),
        },
        Content::Merge { structure: StructureId(2), total: money(50_000_000) },
        Content::Reinvest { sleeve, reinvested, set_aside: money(25) },
    ]
}

fn alternatives() -> Vec<Alternative> {
    let seen = Seen {
        series: put(),
        bid: Price::cents(123),
        ask: Price::cents(127),
        delta: Some(Delta(4410)),
        origin: Origin::Modelled,
    };
    let costs = Money::dollars(615);
    vec![
        Alternative::Candidate { seen, skip: Skip::Outbid, brings: Money::dollars(123) },
        Alternative::Hold { costs },
        Alternative::Close { costs },
        Alternative::Assignment { strike: Money::dollars(90_000), worth: Money::dollars(89_005) },
        Alternative::Roll { to: Series { expiration: Expiration(date(21)), ..put() }, net: Money::dollars(-5) },
    ]
}

fn proposals(sleeve: SleeveId) -> Vec<Body> {
    let expires = Timestamp::from_second(1_718_303_600).unwrap();
    let levels = [Level::Propose, Level::ByException].into_iter().cycle();
    let classes = [Class::Entry, Class::Fork, Class::Merge, Class::Reinvest];
    let proposal = |(((id, content), level), class): (((u64, Content), Level), Class)| Proposal {
        id,
        class,
        level,
        digest: codec::digest(&content),
        content,
        rules: vec![Rule::E2, Rule::E4],
        evidence: (id == 1).then_some(77),
        alternatives: if id == 1 { alternatives() } else { Vec::new() },
        expires,
        parent: (id == 4).then_some(3),
    };
    let numbered = (1..).zip(contents(sleeve)).zip(levels).zip(classes);
    numbered.map(|p| Body::Proposed(Box::new(proposal(p)))).collect()
}

fn refusals() -> Vec<Body> {
    let digest = codec::digest(&Content::Orders(Vec::new()));
    let acts = [
        Act::Approve { proposal: 1 },
        Act::Reject { proposal: 1 },
        Act::Amend { proposal: 1 },
        Act::Override { class: WeekClass::Chop },
        Act::Grant { class: Class::Roll, level: Level::Automatic },
    ];
    let whys = [
        NoAct::Unnamed,
        NoAct::NoReason,
        NoAct::Unknown,
        NoAct::OtherContent { named: digest, held: digest },
        NoAct::Answered(Reply::SilentNo),
        NoAct::NotAmendable,
        NoAct::OtherOrders,
        NoAct::TooLate { week: Week { year: 2024, number: 24 } },
        NoAct::RuleOff(Rule::M5),
        NoAct::DecidesAlone,
        NoAct::AlreadySo,
    ];
    let acts = acts.into_iter().cycle();
    whys.into_iter().zip(acts).map(|(why, act)| Body::ActRefused { act, who: "Ada".to_owned(), why }).collect()
}

/// One of every kind and choice.
pub(super) fn events(sleeve: SleeveId) -> Vec<Body> {
    let (who, reason) = ("Ada".to_owned(), "the premium is thin".to_owned());
    let mut bodies = vec![opened()];
    bodies.push(Body::Observed { class: Class::Adjustment, content: orders(sleeve), rules: vec![Rule::X5] });
    bodies.extend(proposals(sleeve));
    let replies = [Reply::Approved, Reply::Rejected, Reply::Amended { by: 2 }, Reply::SilentYes, Reply::SilentNo];
    bodies.extend(replies.map(|reply| Body::Answered {
        proposal: 1,
        reply,
        who: reply.is_human().then(|| who.clone()),
        reason: if reply.is_human() { reason.clone() } else { String::new() },
    }));
    bodies.extend([Undone::Changed, Undone::SessionOver].map(|why| Body::NotDone { proposal: 1, why }));
    bodies.extend(refusals());
    let week = Week { year: 2024, number: 24 };
    for replaces in [None, Some(WeekClass::Green)] {
        let (who, reason) = (who.clone(), reason.clone());
        bodies.push(Body::WeekOverridden { week, class: WeekClass::Red, replaces, who, reason });
    }
    let (gain, worst) = (Money::dollars(-9_001), Money::dollars(4_500));
    for why in [LevelWhy::Granted { who }, LevelWhy::Loss { gain, worst }, LevelWhy::Override { gain }] {
        bodies.push(Body::LevelChanged { class: Class::Parameter, from: Level::Observe, to: Level::Automatic, why });
    }
    let (series, contracts, expected) = (put(), Contracts(5), Money::dollars(615));
    let judged = Judged { class: Class::Emergency, sleeve, series, contracts, taken: true, gain, expected, worst };
    bodies.push(Body::DecisionJudged(judged));
    let trust = Trust {
        agreement: Ppm(314_000),
        outcomes: Ppm(300_000),
        consistency: Ppm(300_000),
        weeks: 1,
        value: Ppm(299_488),
    };
    let (level, suggested) = (Level::Observe, Level::Propose);
    bodies.push(Body::TrustSuggested { class: Class::Entry, trust, level, suggested });
    bodies.push(Body::OrderRefused { sleeve, order: order(), refusal: RiskRefusal::NotApproved });
    bodies
}

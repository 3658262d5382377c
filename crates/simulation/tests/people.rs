//! Whole years with people: whoever says yes to everything comes to what the run comes to by itself, and whatever
//! people say, the journal is sound.

use std::sync::Arc;

use engine::event::Body;
use engine::people::Reply;
use engine::{Event, State};
use market::history::History;
use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use protocol::trust::Class;
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::people::{Habit, Human, Rule};
use simulation::replay::{Run, replay_asking};

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

fn market(seed: u64, calendar: &Calendar) -> History {
    let first = calendar.on_or_after(Date::constant(2019, 1, 2)).unwrap();
    generate(&Parameters::shipped(), seed, first, 650, calendar)
}

/// The audited journal of one run, and the state it ended with.
fn run(history: &History, policy: &Policy, human: Option<&Human>, calendar: &Arc<Calendar>) -> (Vec<Event>, State) {
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
    let run = Run {
        history,
        policy,
        premium: &premium,
        premium_text: PREMIUM,
        from: None,
        to: None,
        deposit: Money::dollars(2_000_000),
        script: &[],
        liquidity: &[],
        quotes: None,
    };
    let (outcome, store) = replay_asking(&run, human, calendar, MemoryStore::default(), |_, _| {}).unwrap();
    let (events, _) = engine::journal::read(1, &store.rows).unwrap();
    report::check(&events, calendar).unwrap_or_else(|e| panic!("{e}"));
    let mut folded = State::new(Arc::clone(calendar), policy.clone());
    events.iter().for_each(|event| folded.apply(event).unwrap());
    assert_eq!(folded.people, outcome.state.people, "the fold is the state");
    (events, outcome.state)
}

fn with(policy: Policy, keys: &[(&str, &str)]) -> Policy {
    keys.iter().fold(policy, |policy, (key, value)| policy.with(key, &format!("{value:?}")).unwrap())
}

fn always(habit: Habit) -> Vec<Rule> {
    vec![Rule { from: Date::ZERO, class: None, habit }]
}

/// Forks and merges happen at the weekly close itself, a human is also asked for rolls that cost money, losses
/// lower levels (H-2): the first are left to the run, the others to nobody.
#[test]
fn whoever_says_yes_to_everything_comes_to_what_the_run_comes_to_by_itself() {
    let calendar = Arc::new(Calendar::nyse());
    let policy = ["fork", "merge", "reinvest"]
        .into_iter()
        .fold(Policy::all_use(), |policy, class| with(policy, &[(&format!("human.{class}"), "automatic")]));
    let policy = policy.with("roll.max_debit", "0").unwrap().with("rules.off", "[\"H-2\"]").unwrap();
    let policy = policy.with("human.answer_within", "7200").unwrap();
    let human = |habit| Human { name: "Ada".to_owned(), rules: always(habit), ..Human::default() };
    let traded = |events: &[Event]| {
        let fills = events.iter().filter_map(|e| match &e.body {
            Body::Filled { sleeve, trade, fill, .. } => Some((e.at, *sleeve, *trade, fill.price, fill.fees)),
            _ => None,
        });
        let mut fills: Vec<_> = fills.collect();
        fills.sort_unstable();
        fills
    };
    for seed in 1..=3 {
        let history = market(seed, &calendar);
        let (alone, _) = run(&history, &policy, None, &calendar);
        let (asked, state) = run(&history, &policy, Some(&human(Habit::Approve)), &calendar);
        let (alone, asked) = (traded(&alone), traded(&asked));
        let first = alone.iter().zip(&asked).find(|(a, b)| a != b);
        assert_eq!((first, alone.len()), (None, asked.len()), "seed {seed}");
        assert!(state.people.proposals > 100 && alone.len() > 100, "seed {seed}");
        let (never, _) = run(&history, &policy, Some(&human(Habit::Reject)), &calendar);
        assert!(traded(&never).is_empty(), "seed {seed}: a no is a no");
    }
}

#[test]
fn whatever_people_say_the_journal_is_sound() {
    let calendar = Arc::new(Calendar::nyse());
    let levels = ["observe", "propose", "approve by exception", "automatic"];
    let habits = [Habit::Approve, Habit::Reject, Habit::Silent];
    let (mut replies, mut suggested, mut lowered) = ([0; 4], 0, 0);
    for seed in 1..=8usize {
        let history = market(seed as u64, &calendar);
        let mut policy = Policy::all_use();
        let mut rules = Vec::new();
        for (i, class) in Class::ALL.into_iter().enumerate() {
            policy = with(policy, &[(&format!("human.{class}"), levels[(seed + i) % 4])]);
            let turn = Date::constant(2020, 3, 2);
            rules.push(Rule { from: Date::ZERO, class: Some(class), habit: habits[(seed / 2 + i) % 3] });
            rules.push(Rule { from: turn, class: Some(class), habit: habits[(seed / 2 + i + 1) % 3] });
        }
        let minutes = [30, 60, 600, 4_000][seed % 4].to_string();
        policy = policy.with("human.answer_within", &minutes).unwrap();
        let human = Human { name: "Ada".to_owned(), rules, ..Human::default() };
        let (events, _) = run(&history, &policy, Some(&human), &calendar);
        for event in &events {
            match &event.body {
                Body::Answered { reply: Reply::Approved, .. } => replies[0] += 1,
                Body::Answered { reply: Reply::Rejected, .. } => replies[1] += 1,
                Body::Answered { reply: Reply::SilentYes, .. } => replies[2] += 1,
                Body::Answered { reply: Reply::SilentNo, .. } => replies[3] += 1,
                Body::TrustSuggested { .. } => suggested += 1,
                Body::LevelChanged { .. } => lowered += 1,
                _ => {}
            }
        }
    }
    println!("yes, no, silent yes, silent no: {replies:?}; {suggested} suggestions, levels lowered {lowered} times");
    assert!(replies.iter().all(|n| *n > 0) && suggested > 0 && lowered > 0);
}

//! Commands with keys (bar R8), restarts, and journals of other versions (bar R15).

use std::sync::Arc;

use engine::command::{Answer, BadKey, Command, CommandError, Key, LONGEST_KEY, Outcome};
use engine::event::{Opened, Scope, World};
use engine::people::{Digest, Word};
use engine::restore::RestoreError;
use engine::{Body, Chain, Engine, Event, Input, JournalError, codec, journal};
use jiff::Timestamp;
use ledger::{PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::Symbol;
use market::time::Calendar;
use market::value::Money;
use protocol::policy::{Level, Policy, WeekClass};
use protocol::trust::Class;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn opening() -> Opened {
    Opened {
        portfolio: PortfolioId(1),
        program: "0.1.0".to_owned(),
        schema: codec::SCHEMA,
        world: World::Simulated,
        source: "a table of cases".to_owned(),
        policy: Policy::all_use().to_toml(),
        premium_model: String::new(),
        people: false,
    }
}

/// An engine whose journal has begun, and that journal.
fn begun() -> (Engine, Vec<Event>) {
    let mut engine = Engine::new(Arc::new(Calendar::nyse()), Policy::all_use());
    let events = engine.handle(at(0), &Input::Open(opening())).events;
    (engine, events)
}

fn deposit(dollars: i64) -> Command {
    Command::Deposit { structure: StructureId(1), amount: Money::dollars(dollars), parts: None }
}

fn gen_sleeve() -> SleeveId {
    SleeveId::new(StructureId(1), SleeveKind::Generation)
}

/// One of every command, each with other content.
fn every_command() -> Vec<Command> {
    let (who, reason) = ("Ada".to_owned(), "because".to_owned());
    let words = || (who.clone(), reason.clone());
    let digest = Digest([7; 32]);
    let answer = |word| Command::Answer { proposal: 9, digest, word, who: who.clone(), reason: reason.clone() };
    let switch = |scope, on| {
        let (who, reason) = words();
        Command::KillSwitch { scope, on, who, reason }
    };
    let parts = Some([Money::dollars(100), Money::dollars(100), Money::dollars(100)]);
    vec![
        deposit(300),
        Command::Deposit { structure: StructureId(1), amount: Money::dollars(300), parts },
        Command::Withdraw { sleeve: gen_sleeve(), amount: Money::dollars(300) },
        switch(Scope::Portfolio, true),
        switch(Scope::Portfolio, false),
        switch(Scope::Sleeve(gen_sleeve()), false),
        Command::Thaw { symbol: Symbol::new("TSLA").unwrap(), who: who.clone(), reason: reason.clone() },
        answer(Word::Approve),
        answer(Word::Reject),
        Command::OverrideWeek { class: WeekClass::Red, who: who.clone(), reason: reason.clone() },
        Command::GrantLevel { class: Class::Entry, level: Level::Propose, who },
    ]
}

fn now(outcome: Result<Outcome, CommandError>) -> (Vec<Event>, Answer) {
    match outcome {
        Ok(Outcome::Now(step, answer)) => (step.events, answer),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_command_is_carried_out_once_and_answered_for_ever() {
    let (mut engine, mut journal) = begun();
    let commands: Vec<_> = (1..).zip(every_command()).map(|(n, command)| (key(&format!("k{n}")), n, command)).collect();
    let mut answers = Vec::new();
    for (key, n, command) in &commands {
        let (events, answer) = now(engine.command(at(*n), key, command, None));
        assert_eq!(answer.first, journal.len() as u64 + 1);
        assert_eq!(events.len(), answer.events as usize + 1, "its effect, and behind it its key");
        assert!(matches!(&events.last().unwrap().body, Body::Commanded { key: k, .. } if k == key));
        journal.extend(events);
        answers.push(answer);
    }
    // In this process, and in one that has read the journal from its bytes.
    let mut chain = Chain::new(1);
    let row = chain.seal(&journal).unwrap();
    let (read, _) = journal::read(1, &[row]).unwrap();
    let mut restored = Engine::restore(Arc::new(Calendar::nyse()), &read).unwrap();
    for engine in [&mut engine, &mut restored] {
        for ((key, n, command), answer) in commands.iter().zip(&answers) {
            assert_eq!(engine.command(at(n + 1_000_000), key, command, None), Ok(Outcome::Before(*answer)));
        }
        assert_eq!(engine.state().events, journal.len() as u64, "a repetition leaves nothing");
        assert_eq!(engine.state().commands.len(), commands.len());
    }
}

#[test]
fn an_answer_has_whole_seconds_as_the_journal_has_them() {
    let (mut engine, _) = begun();
    let fraction = Timestamp::from_millisecond(1_700_000_000_987).unwrap();
    let (events, answer) = now(engine.command(fraction, &key("k"), &deposit(1), None));
    assert_eq!((answer.at, events[0].at), (at(0), at(0)));
    assert_eq!(engine.command(at(9), &key("k"), &deposit(1), None), Ok(Outcome::Before(answer)));
}

#[test]
fn commands_differ_in_their_content_if_they_differ_in_anything() {
    let digests: Vec<Digest> = every_command().iter().map(codec::command_digest).collect();
    for (i, digest) in digests.iter().enumerate() {
        assert!(!digests[..i].contains(digest), "{:?}", every_command()[i]);
    }
}

#[test]
fn a_key_with_other_content_is_refused_and_both_are_named() {
    let (mut engine, journal) = begun();
    let (events, _) = now(engine.command(at(1), &key("k"), &deposit(300), None));
    for other in every_command().into_iter().skip(1) {
        let refusal = engine.command(at(2), &key("k"), &other, None).unwrap_err();
        let (first, given) = (codec::command_digest(&deposit(300)), codec::command_digest(&other));
        let event = (journal.len() + events.len()) as u64;
        assert_eq!(refusal, CommandError::KeyReused { key: key("k"), first, event, given });
        let text = refusal.to_string();
        assert!(text.contains(&first.to_string()) && text.contains(&given.to_string()) && text.contains("event 4"));
    }
}

/// What cannot be put before the engine leaves nothing, and its key free.
#[test]
fn what_cannot_be_a_command_leaves_its_key_free() {
    let nobody = || " ".to_owned();
    let why = || "because".to_owned();
    let (sleeve, structure) = (SleeveId::new(StructureId(9), SleeveKind::Revenue), StructureId(9));
    let root = StructureId(1);
    let (amount, zero) = (Money::dollars(5), Money::ZERO);
    for (command, refusal) in [
        (deposit(0), CommandError::Amount { amount: zero }),
        (deposit(-5), CommandError::Amount { amount: -amount }),
        (Command::Deposit { structure, amount, parts: None }, CommandError::NoStructure { structure }),
        (
            Command::Deposit { structure: root, amount, parts: Some([amount, amount, zero]) },
            CommandError::Amount { amount },
        ),
        (
            Command::Deposit { structure: root, amount, parts: Some([amount, amount, -amount]) },
            CommandError::Amount { amount },
        ),
        (Command::Withdraw { sleeve, amount }, CommandError::NoSleeve { sleeve }),
        (Command::Withdraw { sleeve: gen_sleeve(), amount: zero }, CommandError::Amount { amount: zero }),
        (Command::KillSwitch { scope: Scope::System, on: true, who: nobody(), reason: why() }, CommandError::Unnamed),
        (
            Command::Thaw { symbol: Symbol::new("TSLA").unwrap(), who: String::new(), reason: why() },
            CommandError::Unnamed,
        ),
    ] {
        let (mut engine, journal) = begun();
        assert_eq!(engine.command(at(1), &key("k"), &command, None), Err(refusal));
        assert_eq!((engine.state().events, engine.state().commands.len()), (journal.len() as u64, 0));
        now(engine.command(at(2), &key("k"), &deposit(1), None));
    }
    let mut unopened = Engine::new(Arc::new(Calendar::nyse()), Policy::all_use());
    assert_eq!(unopened.command(at(1), &key("k"), &deposit(1), None), Err(CommandError::NotOpened));
}

#[test]
fn a_key_is_a_short_text_without_control_characters() {
    let longest = "k".repeat(LONGEST_KEY);
    for good in ["k", "a b", "Zürich/7", longest.as_str()] {
        assert_eq!(Key::new(good).map(|key| key.as_str().to_owned()), Ok(good.to_owned()));
    }
    let too_long = "k".repeat(LONGEST_KEY + 1);
    for bad in ["", "a\nb", "\u{7f}", too_long.as_str()] {
        assert_eq!(Key::new(bad), Err(BadKey { length: bad.len() }));
    }
}

/// Who goes on with a journal says so.
#[test]
fn a_restart_is_on_record() {
    let (_, mut journal) = begun();
    for _ in 0..2 {
        let mut again = Engine::restore(Arc::new(Calendar::nyse()), &journal).unwrap();
        let events = again.handle(at(1), &Input::Resume { program: "0.2.0" }).events;
        let resumed = Body::Resumed { program: "0.2.0".to_owned(), schema: codec::SCHEMA };
        assert_eq!(events.iter().map(|event| &event.body).collect::<Vec<_>>(), [&resumed]);
        journal.extend(events);
    }
}

fn event(body: Body) -> Event {
    Event { at: at(1), body }
}

/// A journal of another version, where it shows, and what is said of it.
#[test]
fn journals_of_other_versions_are_refused_with_a_reason() {
    let resumed = |schema| Body::Resumed { program: "9.9.9".to_owned(), schema };
    let policy = |text: &str| Body::Opened(Opened { policy: text.to_owned(), ..opening() });
    let newer = codec::SCHEMA + 1;
    let opened = Body::Opened(opening());
    let all_use = Policy::all_use().to_toml();
    let other_policy = all_use.replacen("schema = 1", "schema = 2", 1);
    assert_ne!(other_policy, all_use, "a policy says its version");
    let unknown_key = format!("{all_use}\n[moon]\nphase = 1\n");
    for (what, bodies, said) in [
        (
            "its opening",
            vec![Body::Opened(Opened { schema: newer, program: "9.9.9".to_owned(), ..opening() })],
            "a newer program wrote it (version 9.9.9, schema ",
        ),
        ("a restart", vec![opened.clone(), resumed(newer)], "a newer program wrote it (version 9.9.9, schema "),
        (
            "its policy",
            vec![policy(&other_policy)],
            "schema = 2 is not the version that this program reads; expected 1",
        ),
        ("a key of its policy", vec![policy(&unknown_key)], "is not a key of the policy"),
        ("no opening", vec![resumed(codec::SCHEMA)], "does not begin with its opening"),
        ("a key twice", vec![opened.clone(), commanded("k", 0), commanded("k", 0)], "event 3: key k was used before"),
        ("a key with too many events", vec![opened.clone(), commanded("k", 1)], "came to more events than there are"),
    ] {
        let events: Vec<Event> = bodies.into_iter().map(event).collect();
        let refusal = Engine::restore(Arc::new(Calendar::nyse()), &events).err();
        let refusal = refusal.unwrap_or_else(|| panic!("{what} is let through"));
        assert!(refusal.to_string().contains(said), "{what}: {refusal}");
        // A reader that only wants the events is told of newer programs as well.
        let row = Chain::new(1).seal(&events).unwrap();
        let is_newer = matches!(refusal, RestoreError::Newer { .. });
        let read = journal::read(1, &[row]).map(|_| ());
        assert_eq!(matches!(read, Err(JournalError::Newer { .. })), is_newer, "{what}");
    }
    let sound = [event(opened), event(resumed(codec::SCHEMA))];
    Engine::restore(Arc::new(Calendar::nyse()), &sound).unwrap();
}

fn commanded(text: &str, events: u32) -> Body {
    Body::Commanded { key: key(text), content: Digest([1; 32]), events }
}

/// A clock that is set an hour forward, an hour back, or by a second (bar R12): events keep their order, answers are
/// those of the journal, and what is sent again is answered as it was.
#[test]
fn a_clock_that_is_set_back_stands_still_until_it_has_caught_up() {
    const HOUR: i64 = 3_600;
    for clock in [[0, HOUR, 0, HOUR + 1], [HOUR, 0, -HOUR, 2 * HOUR], [0, -1, 1, 0], [-HOUR, -HOUR, 0, HOUR]] {
        let (mut engine, mut events) = begun();
        let mut latest = at(0);
        for (n, seconds) in clock.into_iter().enumerate() {
            let told = at(seconds);
            latest = latest.max(told);
            let sent = key(&format!("k{n}"));
            let (more, answer) = now(engine.command(told, &sent, &deposit(300), None));
            assert_eq!(answer.at, latest, "{clock:?}");
            events.extend(more);
            let again = engine.command(at(seconds - HOUR), &sent, &deposit(300), None).unwrap();
            assert!(matches!(again, Outcome::Before(before) if before == answer), "{clock:?}");
            let who = ("Ada".to_owned(), "a look at the clock".to_owned());
            let thaw = Input::Thaw { symbol: Symbol::new("TSLA").unwrap(), who: who.0, reason: who.1 };
            events.extend(engine.handle(told, &thaw).events);
        }
        assert!(events.windows(2).all(|two| two[0].at <= two[1].at), "{clock:?}");
        let row = Chain::new(1).seal(&events).unwrap();
        let (read, _) = journal::read(1, &[row]).unwrap();
        let restored = Engine::restore(Arc::new(Calendar::nyse()), &read).unwrap();
        assert_eq!(restored.state().at, engine.state().at, "{clock:?}");
    }
}

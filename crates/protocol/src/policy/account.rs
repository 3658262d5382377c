//! Keys of open positions, risk, growth, tax, people and costs (PROTOCOL sections 4 to 12).
//!
//! The defaults are in `policy/all-use.toml` and nowhere else.

use super::section::*;
use super::word::{Account, AfterGbr4, FeeRounding, IncomePolicy, Level, Lots, Reinvest, Straddle};
use market::quote::Delta;
use market::time::Date;
use market::value::{Money, Price};

by_sleeve! {
    Drawdowns: Ppm;
}

section! {
    /// Edges of the position types at the weekly close, as a move from the strike (puts) or the cash basis (shares). A
    /// value exactly on an edge belongs to the milder type.
    Types: Copy = "types" {
        /// A put whose share closes further below the strike is in deep drawdown (P-DD).
        put_deep: Ppm, percent(-100, 0), [W5, X6];
        /// A put assigned further below the strike is over the limit (P-AOL), else within it (P-AWL).
        put_limit: Ppm, percent(-100, 0), [W2, W4];
        /// Shares further above the basis show strong appreciation (C-WAP+).
        call_strong: Ppm, percent(0, 100), [W6, W7];
        /// Shares further below the basis are rolled over (C-RO), else premium only (C-PNO).
        call_roll: Ppm, percent(-100, 0), [W8, W9];
        /// Shares further below the basis are in recovery mode (C-REC).
        call_recovery: Ppm, percent(-100, 0), [W10];
    }
}

section! {
    /// Weekly returns that the authors name for each position type. Shown beside the actual ones; they decide nothing.
    References: Copy = "reference" {
        /// P-EW, put expired worthless.
        p_ew: Span<Ppm>, percent(-50, 50), [W1];
        /// P-AWL, put assigned within limit.
        p_awl: Span<Ppm>, percent(-50, 50), [W2];
        /// P-RO, put rolled over.
        p_ro: Span<Ppm>, percent(-50, 50), [W3];
        /// P-AOL, put assigned over limit.
        p_aol: Span<Ppm>, percent(-50, 50), [W4];
        /// P-DD, put in deep drawdown.
        p_dd: Span<Ppm>, percent(-50, 50), [W5];
        /// C-WAP, call with appreciation profit.
        c_wap: Span<Ppm>, percent(-50, 50), [W6];
        /// C-WAP+, strong appreciation profit.
        c_wap_plus: Span<Ppm>, percent(-50, 50), [W7];
        /// C-PNO, premium only.
        c_pno: Span<Ppm>, percent(-50, 50), [W8];
        /// C-RO, call rolled over.
        c_ro: Span<Ppm>, percent(-50, 50), [W9];
        /// C-REC, recovery mode.
        c_rec: Span<Ppm>, percent(-50, 50), [W10];
        /// W-IDL, idle week.
        w_idl: Span<Ppm>, percent(-50, 50), [W11];
    }
}

section! {
    /// Weeks a year in which the authors expect each type of one position. P-AWL and P-AOL weigh as P-RO.
    Frequencies: Copy = "frequency" {
        /// P-EW, put expired worthless.
        p_ew: Span<u32>, count(0, 53, "weeks a year"), [W12];
        /// P-RO, put rolled over.
        p_ro: Span<u32>, count(0, 53, "weeks a year"), [W12];
        /// P-DD, put in deep drawdown.
        p_dd: Span<u32>, count(0, 53, "weeks a year"), [W12];
        /// C-WAP, call with appreciation profit.
        c_wap: Span<u32>, count(0, 53, "weeks a year"), [W12];
        /// C-WAP+, strong appreciation profit.
        c_wap_plus: Span<u32>, count(0, 53, "weeks a year"), [W12];
        /// C-PNO, premium only.
        c_pno: Span<u32>, count(0, 53, "weeks a year"), [W12];
        /// C-RO, call rolled over.
        c_ro: Span<u32>, count(0, 53, "weeks a year"), [W12];
        /// C-REC, recovery mode.
        c_rec: Span<u32>, count(0, 53, "weeks a year"), [W12];
        /// W-IDL, idle week.
        w_idl: Span<u32>, count(0, 53, "weeks a year"), [W12];
    }
}

section! {
    /// When an open position is closed, rolled or left alone.
    Exits: Copy = "exit" {
        /// Sessions in Wilder's average true range.
        atr: u32, count(2, 100, "sessions"), [X1];
        /// Adverse move from which a put is watched closely.
        watch: Multiple, multiple(0, 20_000, "ATR"), [X2];
        /// Adverse move from which a roll to a lower delta is proposed.
        propose: Multiple, multiple(0, 20_000, "ATR"), [X3];
        /// Adverse move from which the session must act.
        act: Multiple, multiple(0, 20_000, "ATR"), [X4];
        /// Share of a put's premium at which it is bought back early if the market moved in favour.
        profit_early: Ppm, percent(50, 80), [X5];
        /// Favourable move that taking profit early asks for.
        profit_early_move: Multiple, multiple(0, 20_000, "ATR"), [X5];
        /// Taking profit early asks for more sessions left than this.
        profit_early_sessions: u32, count(0, 10, "sessions"), [X5];
        /// Share of a put's premium at which it is always bought back.
        profit_put: Ppm, percent(50, 100), [X5];
        /// Share of a call's premium at which it is bought back and sold again.
        profit_call: Ppm, percent(50, 100), [X5];
        /// On expiration day a put further above the strike than this is left to expire.
        expire_above: Ppm, percent(0, 100), [X6];
        /// On expiration day a put further below the strike than this is rolled if allowed.
        roll_below: Ppm, percent(-100, 0), [X6];
        /// First look on expiration day, New York time (live).
        first_check: TimeOfDay, any("a time of day"), [X6];
        /// Second look on expiration day (live).
        second_check: TimeOfDay, any("a time of day"), [X6];
        /// Rolls on expiration day are done before this (live).
        roll_before: TimeOfDay, any("a time of day"), [X6];
        /// An option this far in the money at the official close is exercised unless its holder says otherwise, in
        /// dollars.
        exercise_from: Price, dollars(0, 1), [X8];
        /// Until then holders may exercise or decline; both outcomes stay covered till the broker reports.
        exercise_until: TimeOfDay, any("a time of day"), [X8];
        /// On early closes these times come this much earlier.
        early_close: u32, count(0, 390, "minutes"), [X6];
        /// A put with less time value a share than this is flagged "assignment any night"; so is one below the
        /// interest on its strike.
        flag_below: Price, dollars(0, 10), [X7];
        /// A short option that can be bought back for at most this a share is bought back, in dollars.
        cheap: Price, dollars(0, 10), [X8];
        /// The buy-back must also cost at most this share of the premium.
        cheap_share: Ppm, percent(0, 100), [X8];
        /// On expiration day an option further out of the money than this is left to expire instead.
        cheap_unless: Ppm, percent(0, 100), [X8];
    }
}

section! {
    /// When and how a position is rolled.
    Rolls: Copy = "roll" {
        /// Smallest credit a share, net of fees, that makes a roll worth it, in dollars.
        min_credit: Price, dollars(0, 10), [R2];
        /// Largest debit as a share of the chain's first premium, all its rolls together; only into the sleeve's band.
        max_debit: Ppm, percent(0, 100), [R2];
        /// Latest new expiration, in calendar days from the roll.
        max_days: u32, count(1, 365, "days"), [R2];
        /// Highest delta of a rolled put; "band" stays in the sleeve's band.
        max_delta: RollDelta, points(1, 100), [R2];
        /// Rolls that one position may have; then it is assigned.
        max_rolls: u32, count(0, 20, "rolls"), [R3];
    }
}

section! {
    /// Capital preservation of one sleeve.
    Gbr4: Copy = "gbr4" {
        /// Adverse move from which a put is rolled or closed.
        close_from: Multiple, multiple(0, 20_000, "ATR"), [G1];
        /// Cash buffer while it lasts.
        buffer: Ppm, percent(0, 100), [G1];
        /// Sessions since the entry, none in a Red week, before it may end.
        exit_sessions: u32, count(0, 250, "sessions"), [G2];
        /// It ends only with a drawdown below this share of the limit.
        exit_drawdown: Ppm, percent(0, 100), [G2];
        /// Weeks after which the owner is asked.
        ask_after: u32, count(1, 260, "weeks"), [G3];
        /// What replay answers then.
        after_26_weeks: AfterGbr4, any("a choice"), [G3];
    }
}

section! {
    /// Fall of a sleeve from its highest weekly close beyond which no new put is sold.
    Drawdowns: Copy = "drawdown" {
        /// Gen's limit, as a share of its highest weekly close.
        generation as "gen": Ppm, percent(0, 100), [K2];
        /// Rev's limit, as a share of its highest weekly close.
        revenue as "rev": Ppm, percent(0, 100), [K2];
        /// Com's limit, as a share of its highest weekly close.
        compounding as "com": Ppm, percent(0, 100), [K2];
    }
}

section! {
    /// The guard against extreme volatility.
    VixGuard: Copy = "vix" {
        /// Above this VIX new entries are cut further.
        reduce: VixLevel, vix_points(1, 1_000), [K3];
        /// To this share of what the week allows.
        reduce_to: Ppm, percent(0, 100), [K3];
        /// Above this VIX only defensive orders are sent.
        defend: VixLevel, vix_points(1, 1_000), [K3];
        /// Above this VIX nothing is sent without a human.
        stop: VixLevel, vix_points(1, 1_000), [K3];
    }
}

section! {
    /// Checks of every order, whatever rule wanted it (modelled on SEC rule 15c3-5).
    Risk: Copy = "risk" {
        /// A price must lie within this share of mid.
        price: Ppm, percent(0, 100), [K4];
        /// Or within this many dollars of mid, whichever is more.
        price_min: Price, dollars(0, 10), [K4];
        /// Most contracts an order.
        contracts: u32, count(1, 100_000, "contracts"), [K4];
        /// Largest notional an order, in dollars.
        notional: Money, money(1, 1_000_000_000), [K4];
        /// Most new exposure to one underlying a day, as a share of the owner's equity; for a smaller sleeve E-5's cap
        /// holds alone.
        exposure: Ppm, percent(1, 100), [K4];
        /// A sleeve with more equity than this takes the smaller of both limits, in dollars.
        large_sleeve: Money, money(0, 1_000_000_000), [K4];
        /// Most orders a sleeve and day.
        orders_a_day: u32, count(1, 100_000, "orders"), [K4];
        /// Most orders a second.
        orders_a_second: u32, count(1, 1_000, "orders"), [K4];
    }
}

section! {
    /// Splitting off a new structure from a Gen sleeve that has grown.
    Fork: Copy = "fork" {
        /// Surplus over base at which a fork falls due, in dollars.
        surplus: Money, money(1, 1_000_000_000), [F1];
        /// Share of the surplus that stays in the sleeve.
        keep: Ppm, percent(0, 99), [F2];
        /// Share of the rest that founds the new Gen; the remainder founds the new Com.
        to_gen: Ppm, percent(0, 100), [F2];
        /// Whether the half that stays is added to base. Without it each later fork needs only half the surplus.
        rebase: bool, any("yes or no"), [F2];
        /// Whether a fork waits until each new sleeve can afford a contract.
        wait_for_contract: bool, any("yes or no"), [F3];
        /// Share of each new sleeve that must cover its cheapest contract.
        wait_cover: Ppm, percent(1, 100), [F3];
    }
}

section! {
    /// Folding a mature structure back into its parent.
    Merge: Copy = "merge" {
        /// Total of a forked structure's own sleeves at which it merges, in dollars.
        size: Money, money(1, 1_000_000_000), [J1];
    }
}

section! {
    /// Tax reserve and the view of the books that a tax office takes. An estimate, not advice.
    Tax: Copy = "tax" {
        /// How the account is taxed.
        account: Account, any("a choice"), [Q1];
        /// Share of realised net profit set aside in a taxable account.
        reserve: Ppm, percent(0, 100), [Q1];
        /// Share of realised net profit set aside in a retirement account.
        reserve_retirement: Ppm, percent(0, 100), [Q1];
        /// Which lots a sale takes first.
        lots: Lots, any("a choice"), [T1];
        /// Days before and after a loss in which a purchase makes it a wash sale.
        wash_days: u32, count(0, 366, "days"), [T3];
        /// A put sold with at least this delta counts as a purchase of its shares.
        wash_put_delta: Delta, points(1, 100), [T3];
        /// Whether calls that are no qualified covered calls stop holding periods.
        straddle: Straddle, any("a choice"), [T5];
        /// A call with this many days or fewer at sale is no qualified covered call.
        covered_call_days: u32, count(0, 366, "days"), [T5];
        /// A dividend is qualified only if the shares were held for more days than this.
        dividend_held: u32, count(0, 366, "days"), [T6];
        /// Of the window of this many days around the ex-date.
        dividend_window: u32, count(1, 366, "days"), [T6];
    }
}

section! {
    /// What Rev and Com do with profit that was neither withdrawn nor reinvested yet.
    Reinvestment: Copy = "reinvest" {
        /// When it happens.
        every: Reinvest, any("a choice"), [Q1];
        /// How it is divided: to contracts / to LEAPS.
        split: Parts<2>, parts("percent, adding up to 100"), [Q1];
    }
}

section! {
    /// The ladder of long calls that reinvestment builds.
    Leaps: Copy = "leaps" {
        /// Months to expiration at purchase.
        months: Span<u32>, count(1, 60, "months"), [Q2];
        /// Delta sought.
        delta: Delta, points(1, 99), [Q2];
        /// Furthest distance from it.
        delta_width: Delta, points(0, 50), [Q2];
        /// Fewest contracts open.
        open_interest: u32, count(0, 1_000_000, "contracts"), [Q2];
        /// Widest spread as a share of mid.
        spread: Ppm, percent(0, 100), [Q2];
        /// An expiration that holds this share of LEAPS value takes no further one.
        expiration_share: Ppm, percent(1, 100), [Q2];
        /// Rolled when less than this remains.
        roll_months: u32, count(0, 60, "months"), [Q2];
        /// A roll waits for one year's holding if that comes within this time.
        long_term_wait: u32, count(0, 366, "days"), [Q2];
        /// Not within this time after a loss on the symbol.
        after_loss: u32, count(0, 366, "days"), [Q2];
    }
}

section! {
    /// What may be withdrawn.
    Income: Copy = "income" {
        /// Share of each positive weekly realised profit of Gen and Rev that is income; the rest is growth.
        share: Ppm, percent(0, 100), [I1];
        /// Whether income is kept at work or paid out.
        policy: IncomePolicy, any("a choice"), [I2];
    }
}

section! {
    /// Who decides with real money. Replay and paper decide by themselves.
    Human: Copy = "human" {
        /// New puts and calls.
        entry: Level, any("a level"), [H1];
        /// Closing and other changes of a position.
        adjustment: Level, any("a level"), [H1];
        /// Rolls of puts and calls.
        roll: Level, any("a level"), [H1];
        /// Splitting off a new structure.
        fork: Level, any("a level"), [H1];
        /// Folding a structure back.
        merge: Level, any("a level"), [H1];
        /// Reinvesting into contracts and LEAPS.
        reinvest: Level, any("a level"), [H1];
        /// Changes of this policy.
        parameter: Level, any("a level"), [H1];
        /// Emergency actions, which only reduce risk.
        emergency: Level, any("a level"), [H1, H4];
        /// Time to answer a proposal; after it silence is a no or, at approve by exception, a yes.
        answer_within: u32, count(1, 10_080, "minutes"), [H3];
        /// Trust at the start.
        trust_start: Ppm, percent(0, 100), [H2];
        /// Weights of trust: agreement with humans / outcomes against expectation / consistency.
        trust_weights: Parts<3>, parts("percent, adding up to 100"), [H2];
        /// Decisions that trust looks back on.
        trust_decisions: u32, count(1, 10_000, "decisions"), [H2];
        /// Trust lost each week without validation.
        trust_decay: Ppm, percent(0, 100), [H2];
        /// Trust at which each next level is suggested.
        trust_levels: Steps<5>, parts("percent, rising"), [H2];
        /// A loss beyond this multiple of the expected worst lowers the level at once.
        trust_loss: Multiple, multiple(1_000, 100_000, "times the expected worst"), [H2];
    }
}

section! {
    /// Projections. They say what would be if the targets were met.
    Projection: Copy = "projection" {
        /// Targets in a good year.
        good: Ppm, percent(0, 300), [V1];
        /// Targets in an expected year.
        expected: Ppm, percent(0, 300), [V1];
        /// Targets in a poor year.
        poor: Ppm, percent(0, 300), [V1];
        /// How often years are good / expected / poor.
        odds: Parts<3>, parts("percent, adding up to 100"), [V2];
        /// Ruin is equity below this share of what was contributed.
        ruin: Ppm, percent(0, 100), [V2];
    }
}

section! {
    /// What trading costs, by trade date. A trade before the first row of any table, or after `known_through`, is
    /// refused. Shares cost no commission, and whoever takes shares on an assigned put pays nothing. Left out are the
    /// clearing house's flat fee for trades of a thousand contracts and more, since no order here is so large, and the
    /// consolidated audit trail's fee of some hundredths of a cent.
    Fees = "fees" {
        /// Last trade date that this table knows.
        known_through: Date, any("a date"), [E9];
        /// How each fee is brought to cents.
        rounding: FeeRounding, any("a choice"), [E9];
        /// Broker's commission, dollars a contract.
        commission: Dated<Rate>, any("dated dollars a contract"), [E9];
        /// Options Clearing Corporation's clearing fee, dollars a contract.
        occ: Dated<Rate>, any("dated dollars a contract"), [E9];
        /// Options regulatory fee of the exchanges together, dollars a contract, on purchases and sales.
        orf: Dated<Rate>, any("dated dollars a contract"), [E9];
        /// SEC fee (section 31), dollars per million dollars of sales: option premium, and shares at the strike.
        sec: Dated<Rate>, any("dated dollars a million"), [E9];
        /// FINRA's trading activity fee on options sold, dollars a contract.
        taf_options: Dated<Rate>, any("dated dollars a contract"), [E9];
        /// FINRA's trading activity fee on shares sold, dollars a share.
        taf_shares: Dated<Rate>, any("dated dollars a share"), [E9];
        /// Most that the trading activity fee of one share trade can be, dollars.
        taf_cap: Dated<Rate>, any("dated dollars a trade"), [E9];
    }
}

section! {
    /// Rules switched off, to see what a rule is worth. Nothing is ever traded for real with a rule switched off.
    Rules: Copy = "rules" {
        /// Identifiers of the rules that are off.
        off: RuleSet, any("rule identifiers"), [];
    }
}

//! Choices that a policy makes by a word.

use super::setting::{Limits, Mismatch, Raw, Setting, alternatives, read_word};

macro_rules! words {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal,)+ }
    )+) => { $(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[doc = $variant_doc])+ $variant,)+
        }

        impl $name {
            /// Every choice.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word that stands for it in a policy file.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }

            /// The choice that `word` stands for.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                $name::ALL.iter().copied().find(|choice| choice.word() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl Setting for $name {
            fn blank() -> Self {
                Self::ALL[0]
            }
            fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
                read_word(raw, Self::from_word)
            }
            fn show(&self) -> String {
                format!("{:?}", self.word())
            }
            fn allowed(_: &Limits) -> String {
                alternatives(&Self::ALL.iter().map(|choice| choice.word()).collect::<Vec<_>>())
            }
        }
    )+ };
}

words! {
    /// The class of a market week (M-4), from best to worst as sizes go: Green, Red, Chop (M-5).
    WeekClass {
        /// Full size.
        Green = "green",
        /// Smaller, earlier, lower deltas.
        Red = "red",
        /// Smallest; Gen sells no new put.
        Chop = "chop",
    }

    /// Days of a week on which new puts may be sold (E-2, M-6).
    EntryDays {
        /// No new put this week.
        None = "none",
        /// The week's first session.
        Monday = "monday",
        /// The week's first session, retried to Wednesday with money that settles later.
        MondayRetry = "monday, retry",
        /// The first of Monday to Wednesday on which the gates pass, retried on the next.
        MondayToWednesday = "monday to wednesday",
        /// Wednesday or, if closed, the session before.
        Wednesday = "wednesday",
        /// The session before the week's last expiration.
        Thursday = "thursday",
    }

    /// Where a sleeve's calls are struck (E-8).
    CallStrike {
        /// In the sleeve's delta band, as the founding document asks.
        Band = "band",
        /// At the money, as the authors sell them.
        AtTheMoney = "at the money",
    }

    /// When an uncovered hundred is offered again (E-8).
    Retry {
        /// Every session.
        Daily = "daily",
        /// Only the session after an assignment or an expiration.
        Weekly = "weekly",
    }

    /// What a symbol's puts do about assignment (E-10).
    Assignment {
        /// Take the shares and sell calls.
        Accept = "accept",
        /// Roll where R-2 allows, else take the shares.
        Avoid = "avoid",
        /// Roll where R-2 allows, else buy the put back.
        Never = "never",
    }

    /// At which side of the quote a replayed order fills (E-9).
    FillAt {
        /// Sells at the bid, buys at the ask.
        Touch = "touch",
        /// At the middle.
        Mid = "mid",
    }

    /// How each fee is brought to cents.
    FeeRounding {
        /// Every fee up to the next cent.
        Up = "up",
        /// Every fee to the nearest cent, halves up.
        Nearest = "nearest",
    }

    /// What replay answers when capital preservation has lasted (G-3).
    AfterGbr4 {
        /// Restart the mark that the drawdown limit is measured from.
        Reset = "reset",
        /// Keep waiting.
        Wait = "wait",
        /// Sell the shares.
        Sell = "sell",
    }

    /// What becomes of income (I-2).
    IncomePolicy {
        /// It stays deployed.
        Keep = "keep",
        /// It is paid out where free cash and base allow.
        Withdraw = "withdraw",
    }

    /// How often Rev and Com reinvest.
    Reinvest {
        /// The week of the last session of March, June, September, December.
        Quarterly = "quarterly",
        /// The week of the last session of December.
        Yearly = "yearly",
        /// Never.
        Never = "never",
    }

    /// How the account is taxed.
    Account {
        /// Profit is taxed as it is realised.
        Taxable = "taxable",
        /// Profit is not taxed while it stays.
        Retirement = "retirement",
    }

    /// Which lots a sale takes first (T-1).
    Lots {
        /// Highest cost first.
        HighestCost = "highest cost",
        /// First in, first out.
        Fifo = "fifo",
    }

    /// How straddles are treated (T-5).
    Straddle {
        /// A call that is no qualified covered call stops the holding period.
        Conservative = "conservative",
        /// Left out, and labelled.
        Ignore = "ignore",
    }

    /// Who decides a class of decision (H-1), from least to most freedom.
    Level {
        /// Only shown.
        Observe = "observe",
        /// Sent after a human said yes.
        Propose = "propose",
        /// Sent unless a human said no in time.
        ByException = "approve by exception",
        /// Sent at once.
        Automatic = "automatic",
    }
}

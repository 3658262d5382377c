//! A small folder of price history that is sound, to be bent by a test.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::path::{Path, PathBuf};

use adapters::history::HistoryOptions;
use market::time::{Calendar, Date};
use tempfile::TempDir;

/// The folder's files with their content.
pub(crate) const FILES: [(&str, &str); 8] = [
    (
        "bars/AAPL.csv",
        "date,open,high,low,close,volume\n\
         2024-06-03,102.9,104.99,102.52,104.03,500000\n\
         2024-06-04,104.64,105.32,103.0342,104.35,474000\n\
         2024-06-05,105.4,106.9,104.87,105.87,541000\n\
         2024-06-06,105.685,106.5,104.17,104.48,411000\n\
         2024-06-07,104.65,106.94,104.14,106.89,531000\n",
    ),
    (
        "bars/SPY.csv",
        "volume,close,low,high,open,date,note\n\
         468000,427.8,422.6,429.3,429.0,2024-06-03,before\n\
         346000,428.39,426.11,429.15,426.46,2024-06-04,\"a note, with a comma\"\n\
         476000,434.67,428.73,434.69,430.77,2024-06-05,\n\
         308000,434.66,432.68,435.42,434.98,2024-06-06,\n\
         432000,434.01,432.29,436.89,433.66,2024-06-07,\n",
    ),
    (
        "volatility/VIX.csv",
        "date,open,high,low,close\n\
         2024-05-27,15.000000,15.000000,15.000000,15.360000\n\
         2024-06-03,16.220000,16.640000,15.830000,16.110000\n\
         2024-06-04,16.340000,16.850000,16.050000,16.160000\n\
         2024-06-07,15.570000,15.830000,15.120000,15.220000\n",
    ),
    (
        "volatility/indices.csv",
        "date,VIX,VIX9D,VIX3M,VVIX,VXAP,VXAZ,VXGO\n\
         2024-06-03,16.11,15.05,17.88,81.4,34.69,37.01,35.9\n\
         2024-06-04,16.16,,17.81,82.0,35.4,,\n\
         2024-06-05,15.63,14.4,17.53,,,,\n\
         2024-06-07,15.22,14.02,17.22,,33.5,,\n",
    ),
    (
        "rates/treasury.csv",
        "date,DFF,DGS1MO,DGS3MO,DGS6MO,DGS1,DGS2\n\
         2024-06-02,3.33,,,,,\n\
         2024-06-03,3.33,3.47,3.52,3.42,3.16,2.82\n\
         2024-06-04,3.33,-0.01,3.51,,3.11,2.77\n",
    ),
    (
        "events/dividends.csv",
        "symbol,ex_date,amount_split_adjusted,source\n\
         SPY,2024-03-15,1.11,\"derived, ±0.02\"\n\
         AAPL,2024-05-10,0.25,vendor\n\
         AAPL,2020-05-08,0.105,vendor\n\
         IWM,2024-06-11,0.5,vendor\n",
    ),
    (
        "events/splits.csv",
        "symbol,effective_date,new_shares_per_old\n\
         AAPL,2020-08-31,4\n\
         AAPL,2024-06-05,2\n",
    ),
    (
        "events/earnings.csv",
        "symbol,report_date\n\
         GOOGL,2024-04-25\n\
         AAPL,2024-05-02\n\
         AAPL,2024-02-01\n",
    ),
];

/// Writes the folder with its files as `change` leaves them; what it leaves out is not written.
pub(crate) fn folder(change: impl Fn(&str, &str) -> Option<Vec<u8>>) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in FILES {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
        if let Some(content) = change(name, content) {
            fs::write(path, content).expect("written");
        }
    }
    dir
}

/// The folder as it is.
pub(crate) fn sound() -> TempDir {
    folder(|_, content| Some(content.as_bytes().to_vec()))
}

pub(crate) fn options() -> HistoryOptions {
    HistoryOptions::new(Date::constant(2016, 1, 1))
}

pub(crate) fn calendar() -> Calendar {
    Calendar::nyse()
}

/// The shared folder of real history, where it is at hand.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the shared folder lies is told by the environment")]
    let place = std::env::var_os("ALLUSE_SHARED").map(PathBuf::from);
    let place = place.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let data = place.join("data");
    if !data.is_dir() {
        println!("SKIPPED {test}: ../shared is absent");
        return None;
    }
    Some(data)
}

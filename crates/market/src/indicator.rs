//! Indicators over daily closes and bars.

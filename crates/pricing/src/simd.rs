//! One kernel, compiled for several instruction sets, chosen as the program runs.
//!
//! A kernel is ordinary code without branches on its data, over columns; the compiler turns its loops into vector
//! instructions of whatever set the surrounding function allows. Every product that is summed at once is written as
//! `mul_add`, which is rounded once everywhere, and nothing else is ever fused or reordered: so the same bits come out
//! at every [`Level`], in a row of one as in a row of thousands.

use std::sync::atomic::{AtomicU8, Ordering};

/// What the processor is asked to understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What the program was built for. Without fused multiply–add in hardware it is slow, and right.
    Baseline,
    /// Four lanes: AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Eight lanes: AVX-512 (F, DQ, VL).
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The widest level that is allowed, by its place in [`Level::ALL`].
static ALLOWED: AtomicU8 = AtomicU8::new(u8::MAX);

/// Lets the whole process use no wider level than `level` from now on: how a test compares what they compute.
pub fn allow_at_most(level: Level) {
    ALLOWED.store(level as u8, Ordering::Relaxed);
}

impl Level {
    /// Every level, narrowest first.
    pub const ALL: &[Level] = &[
        Level::Baseline,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2,
        #[cfg(target_arch = "x86_64")]
        Level::Avx512,
    ];

    /// The widest that this processor has and that is allowed.
    #[inline]
    #[must_use]
    pub fn used() -> Level {
        let best = Level::best();
        let allowed = ALLOWED.load(Ordering::Relaxed);
        if best as u8 <= allowed { best } else { Level::ALL[usize::from(allowed)] }
    }

    /// The widest that this processor has.
    #[inline]
    #[must_use]
    pub fn best() -> Level {
        #[cfg(target_arch = "x86_64")]
        {
            let fma = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
            if fma && wide && is_x86_feature_detected!("avx512vl") {
                return Level::Avx512;
            }
            if fma {
                return Level::Avx2;
            }
        }
        Level::Baseline
    }
}

/// A computation to compile for every level. `run` has to be `#[inline(always)]`, and so all that it calls.
pub(crate) trait Kernel {
    /// What it answers.
    type Output;
    /// The computation.
    fn run(self) -> Self::Output;
}

/// Runs the kernel at the widest level of this processor that is allowed.
#[inline]
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    at(Level::used(), kernel)
}

/// Runs the kernel at a level.
///
/// # Panics
/// If the processor does not have it.
#[inline]
#[allow(unsafe_code)]
pub(crate) fn at<K: Kernel>(level: Level, kernel: K) -> K::Output {
    assert!(level <= Level::best(), "{level:?} on a processor without it");
    match level {
        Level::Baseline => kernel.run(),
        // SAFETY: the assertion above: this processor has every feature that the function is compiled with.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { avx2(kernel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { avx512(kernel) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512dq,avx512vl")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

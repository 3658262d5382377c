"""Option prices beside QuantLib, numpy and the crate implied-vol: bars P8, P9, P10, in CPU time, in turn.

    python3 bench/pricing/compare.py

Makes a virtual environment in .tools/bench-pricing, installs numpy, scipy and QuantLib there, builds the example
`rounds` and asks it and Python for the same work in turn. Prints nanoseconds of the best round and, for each bar, the
ratio of the worst round. CPU time hardly depends on what else runs, as long as cores are not shared in hardware.
"""

import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".tools" / "bench-pricing"
ROUNDS = 7


def in_environment():
    """Starts over inside the virtual environment, made at need."""
    python = ENVIRONMENT / "bin" / "python"
    if pathlib.Path(sys.prefix) == ENVIRONMENT:
        return
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "numpy", "scipy", "QuantLib"], check=True)
    os.execv(python, [python, *sys.argv])


class Ours:
    """The example `rounds`, waiting for work."""

    def __init__(self):
        build = ["cargo", "build", "--release", "-q", "-p", "pricing", "--example", "rounds"]
        subprocess.run(build, cwd=ROOT, check=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        program = target / "release" / "examples" / "rounds"
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = []
        while (got := self.process.stdout.readline().strip()) != "done":
            answer.append(got)
        return answer

    def cpu(self):
        """Nanoseconds on a processor; the process sleeps, so the figure is complete."""
        return int(pathlib.Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0])

    def work(self, name, repetitions, items):
        def timed():
            before = self.cpu()
            self.ask(f"{name} {repetitions}")
            return (self.cpu() - before) / (repetitions * items)

        return timed


def by_python(work, items):
    def timed():
        before = time.thread_time_ns()
        work()
        return (time.thread_time_ns() - before) / items

    return timed


def numpy_greeks():
    """Price and five Greeks of 1,024 puts of each of three expirations, as a column."""
    import numpy as np
    from scipy.special import ndtr

    strikes = np.tile(240.0 + 320.0 * np.arange(1024) / 1024, 3)
    sigma = np.tile(0.2 + 0.1 * (np.arange(1024) % 5), 3)
    years = np.repeat([7 / 365, 30 / 365, 1.0], 1024)
    spot, rate = 400.0, 0.04

    def work():
        root = np.sqrt(years)
        deviation = sigma * root
        discounted = strikes * np.exp(-rate * years)
        d1 = np.log(spot / discounted) / deviation + 0.5 * deviation
        above1, above2 = ndtr(-d1), ndtr(deviation - d1)
        density = np.exp(-0.5 * d1 * d1) * 0.3989422804014327
        price = discounted * above2 - spot * above1
        gamma = density / (spot * deviation)
        vega = spot * density * root
        theta = (rate * discounted * above2 - 0.5 * vega * sigma / years) / 365
        rho = -years * discounted * above2
        return price, -above1, gamma, vega, theta, rho

    return work, len(strikes)


class QuantLib:
    """Options that are built before the clock starts, and computed again in it."""

    def __init__(self):
        import QuantLib

        self.ql = QuantLib
        self.today = QuantLib.Date(1, 6, 2026)
        QuantLib.Settings.instance().evaluationDate = self.today

    def option(self, spot, rate, paid, days, sigma, engine, exercise, strike=100.0):
        ql, today = self.ql, self.today
        count = ql.Actual365Fixed()
        curve = lambda level: ql.YieldTermStructureHandle(ql.FlatForward(today, level, count))
        surface = ql.BlackConstantVol(today, ql.NullCalendar(), sigma, count)
        process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(spot)), curve(paid), curve(rate), ql.BlackVolTermStructureHandle(surface)
        )
        option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Put, strike), exercise(today + days))
        option.setPricingEngine(engine(process))
        return option

    def europeans(self):
        ql = self.ql
        build = lambda strike: self.option(
            400.0, 0.04, 0.0, 30, 0.4, ql.AnalyticEuropeanEngine, ql.EuropeanExercise, strike
        )
        options = [build(240.0 + 320.0 * i / 256) for i in range(256)]

        def work():
            for option in options:
                option.recalculate()
                option.NPV(), option.delta(), option.gamma(), option.vega(), option.theta(), option.rho()

        return work, len(options)

    def americans(self, cases, scheme):
        ql = self.ql
        engine = lambda process: ql.QdFpAmericanEngine(process, scheme())
        exercise = lambda end: ql.AmericanExercise(self.today, end)
        options = [self.option(*case, engine, exercise) for case in cases]
        prices = [option.NPV() for option in options]

        def work():
            for option in options:
                option.recalculate()

        return work, len(options), prices


def mean_square(prices, exact):
    count = len(exact)
    dollars = (sum((p - e) ** 2 for p, e in zip(prices, exact)) / count) ** 0.5
    relative = (sum((p / e - 1) ** 2 for p, e in zip(prices, exact)) / count) ** 0.5
    return f"root mean square error ${dollars:.1e}, relative {relative:.1e}"


def rounds(title, contestants):
    """Times each in turn; the first is ours. Prints its best round and the others' ratio to it, worst round last."""
    times = {name: [] for name in contestants}
    for timed in contestants.values():
        timed()
    for _ in range(ROUNDS):
        for name, timed in contestants.items():
            times[name].append(timed())
    print(f"\n{title}")
    ours = next(iter(times.values()))
    for name, taken in times.items():
        ratios = sorted(theirs / own for theirs, own in zip(taken, ours))
        ratio = f"   {ratios[len(ratios) // 2]:8.2f} × ours, worst round {ratios[0]:.2f} ×" if taken is not ours else ""
        print(f"  {name:<44} {min(taken):10.1f} ns, middle {sorted(taken)[len(taken) // 2]:10.1f} ns{ratio}")


def main():
    in_environment()
    ours, quantlib = Ours(), QuantLib()
    ql = quantlib.ql
    lines = [[float(word) for word in line.split()] for line in ours.ask("cases")]
    cases = [(spot, rate, paid, int(days), sigma) for spot, rate, paid, days, sigma, *_ in lines]
    exact = [line[5] for line in lines]
    machine = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}; QuantLib {ql.__version__}; {ROUNDS} rounds, CPU time")

    python_greeks, count = numpy_greeks()
    european, european_count = quantlib.europeans()
    rounds(
        "P8: European price and five Greeks",
        {
            "row": ours.work("greeks", 400, 3072),
            "numpy, scipy": by_python(lambda: [python_greeks() for _ in range(40)], 40 * count),
            "QuantLib AnalyticEuropeanEngine": by_python(lambda: [european() for _ in range(8)], 8 * european_count),
        },
    )
    rounds(
        "P9: implied volatility",
        {
            "row": ours.work("implied", 200, 3072),
            "one at a time": ours.work("implied-one", 40, 3072),
            "crate implied-vol": ours.work("implied-crate", 40, 3072),
        },
    )
    schemes = {"fast": ql.QdFpAmericanEngine.fastScheme, "accurate": ql.QdFpAmericanEngine.accurateScheme}
    for accuracy, column in [("fast", 6), ("accurate", 7)]:
        contestants = {f"own, {accuracy}": ours.work(f"american-{accuracy}", 8, len(cases))}
        errors = {f"own, {accuracy}": mean_square([line[column] for line in lines], exact)}
        for name, scheme in schemes.items():
            work, count, prices = quantlib.americans(cases, scheme)
            contestants[f"QuantLib QdFp, {name}"] = by_python(work, count)
            errors[f"QuantLib QdFp, {name}"] = mean_square(prices, exact)
        rounds(f"P10: American put, {len(cases)} options", contestants)
        for name, error in errors.items():
            print(f"  {name:<44} {error}")


if __name__ == "__main__":
    main()

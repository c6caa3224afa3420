#!/usr/bin/env python3
"""compare.py - measures the matcher beside the bare baseline and counts its instructions.

Installs what is missing, builds build-bench (release, -O2, the default -march, the same flags for
both), times every regime, runs callgrind on the same flows, prints one table: plain orders beside
the baseline, then stops, icebergs, auctions, mass cancels, allocation, then risk and ledger beside
the matcher alone, then marks and who changes level by them, then orders of accounts with many
positions, then a node from ring to ring. --instructions only counts, with --against beside another
commit. docs/benchmarking.md says what the figures mean. The exit status is 1 when the matcher and
the baseline traded differently, or a regime did not do its work.
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-bench"
JUDGED = "matcher"  # whose worst ratio is the last line; the others are variants of it
THREADED = "matcher+ring"
STEPPED = "matcher-step"  # what --instructions counts in the plain regimes
PLAIN = ["shallow", "deep", "instruments-1000", "still", "swing-2", "swing-25", "swing-60"]
SPECIAL = ["stop-cascade", "stop-cascade-same", "stop-elect", "stops-waiting", "iceberg-refresh",
           "uncross", "indicative", "mass-cancel", "prorata-10000"]
MONEY = ["accounts-1", "accounts-1M"]
MONITOR = ["mark-tick-0", "mark-tick-10", "mark-tick-10000"]
POSITIONS = ["positions-1", "positions-32", "positions-256", "positions-1-mark",
             "positions-32-mark", "positions-256-mark", "positions-1-fill", "positions-32-fill",
             "positions-256-fill", "positions-1-multi", "positions-32-multi", "positions-256-multi",
             "positions-256-multi-mark"]
RING = ["ring", "ring-full", "ring-10", "ring-50", "ring-90"]  # the first is all the others
RING_COUNTED = "ring-full"  # the regime whose instructions are counted
RING_PROCESSORS = 4  # one for each of those that work at the same time
MONEY_SUBJECTS = ["matcher", "match+risk+ledger", "pipeline", "pipeline-engine"]
RING_SUBJECTS = ["engine", "engine+journal-async", "engine+journal-sync"]
QUICK = {"ops": 200_000, "runs": 3, "resting_max": 200_000}
FULL = {"ops": 1_000_000, "runs": 5, "resting_max": 0}
COUNT = {"ops": 50_000, "runs": 1, "resting_max": 0}
KEYS = ["regime", "subject", "ns_per_op", "ns_per_op_min", "p50_ns", "p99_ns", "p999_ns", "max_ns",
        "instructions_per_op", "bytes_per_order", "ratio_to_baseline"]
SPECIAL_KEYS = ["regime", "subject", "per", "units", "ns_per_op", "ns_per_op_min",
                "instructions_per_op", "bytes_per_order", "ratio_to_smallest"]
MONEY_KEYS = ["regime", "subject", "per", "units", "ns_per_op", "ns_per_op_min", "p50_ns", "p99_ns",
              "p999_ns", "max_ns", "instructions_per_op", "ratio_to_matcher"]
MONITOR_KEYS = [*MONEY_KEYS[:-1], "ratio_to_smallest"]
RING_KEYS = ["regime", "subject", "per", "units", "processors", "file_system", "per_second",
             "per_second_best", "ns_per_op", "ns_per_op_min", "p50_ns", "p90_ns", "p99_ns",
             "p999_ns", "max_ns", "instructions_per_op", "ratio_to_engine"]


def say(text):
    print(text, file=sys.stderr, flush=True)


def run_quietly(command, cwd=ROOT):
    """Runs a command; shows its output only when it fails, and then ends."""
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        say(done.stdout)
        sys.exit(f"bench: {' '.join(map(str, command))} failed")


def build(tree, into, programs):
    # meson's name for release at -O2: setting buildtype as well would be overridden.
    options = ["-Doptimization=2", "-Ddebug=false", "-Db_ndebug=false", "-Dbench=true",
               "-Dtools=false", "-Dtests=disabled", "-Dfuzz=false"]
    again = ["--reconfigure"] if (into / "build.ninja").exists() else []
    run_quietly(["meson", "setup", into, *again, *options], cwd=tree)
    run_quietly(["ninja", "-C", into, *(f"bench/{name}" for name in programs)])


def program_of(regime):
    return ("bench_match" if regime in PLAIN else "bench_money" if regime in MONEY
            else "bench_monitor" if regime in MONITOR
            else "bench_positions" if regime in POSITIONS
            else "bench_node" if regime in RING else "bench_match_special")


def keys_of(regime):
    return (KEYS if regime in PLAIN else MONEY_KEYS if regime in MONEY
            else MONITOR_KEYS if regime in MONITOR + POSITIONS
            else RING_KEYS if regime in RING else SPECIAL_KEYS)


def bench_command(args, regime, built=BUILD):
    sizes = ["--ops", str(args.ops), "--seed", str(args.seed)]
    if regime != RING[0]:
        sizes += ["--regime", regime]
    if regime in RING and args.directory:
        sizes += ["--directory", args.directory]
    if args.resting_max:
        sizes += ["--resting-max", str(args.resting_max)]
    if regime in PLAIN:
        sizes += ["--ids", args.ids, "--id-mode", args.id_mode]
    return [built / "bench" / program_of(regime), *sizes]


def time_regime(args, regime):
    """Returns the rows of a regime and whether each did its work, as the others did."""
    command = [*bench_command(args, regime), "--runs", str(args.runs), "--json"]
    done = subprocess.run(command + (["--ring"] if args.ring and regime in PLAIN else []),
                          stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"bench: {command[0].name} ended with status {done.returncode} in {regime}")
    return json.loads(done.stdout), done.returncode == 0


def count_instructions(args, regime, subject, built=BUILD):
    """Instructions per op of the measured part, exactly repeatable; None for what has a thread
    that waits, and without callgrind."""
    uncounted = subject == THREADED or (regime in RING and regime != RING_COUNTED)
    if uncounted or shutil.which("valgrind") is None:
        return None
    named = PLAIN + MONEY + RING
    chosen = ["--subject", subject] if regime in named else []
    if regime in RING:
        args = argparse.Namespace(**{**vars(args), "ops": min(args.ops, COUNT["ops"])})
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null",
         *bench_command(args, regime, built), *chosen, "--instructions"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found or int(found.group(1)) == 0:
        say(done.stderr)
        sys.exit(f"bench: callgrind counted nothing for {subject} in {regime}")
    units = args.ops if regime in named else int(done.stdout.split()[1])
    return round(int(found.group(1)) / units, 1)


def shown(number, form):
    return "-" if number is None else format(number, form)


def print_head():
    print(f"{'regime':<22} {'subject':<20} {'ns/op':>8} {'min':>8} {'p50':>7} {'p99':>7} "
          f"{'p99.9':>7} {'max':>9} {'instr/op':>9} {'B/order':>7} {'ratio':>6}", flush=True)


def ratio_of(row):
    return next(row[key] for key in row if key.startswith("ratio_to_"))


def rate_of(row):
    """What only a row of a node has."""
    if "per_second" not in row:
        return ""
    return (f", {row['per_second']:,} a second (best {row['per_second_best']:,})"
            f"{'' if row['p90_ns'] is None else ', p90 ' + format(row['p90_ns'], '.0f')}")


def print_node(rows):
    """Where the nodes worked, and whether that says anything of the tails."""
    nodes = [row for row in rows if row["regime"] in RING]
    if nodes:
        processors = nodes[0]["processors"]
        print(f"bench: nodes on {processors} processors, journals on {nodes[0]['file_system']}")
        if processors < RING_PROCESSORS:
            print(f"bench: fewer than {RING_PROCESSORS}: tails of the nodes are not to be believed")


def print_row(row):
    print(f"{row['regime']:<22} {row['subject']:<20} {row['ns_per_op']:8.1f} "
          f"{row['ns_per_op_min']:8.1f} {shown(row.get('p50_ns'), '.0f'):>7} "
          f"{shown(row.get('p99_ns'), '.0f'):>7} {shown(row.get('p999_ns'), '.0f'):>7} "
          f"{shown(row.get('max_ns'), '.0f'):>9} "
          f"{shown(row['instructions_per_op'], '.1f'):>9} "
          f"{shown(row.get('bytes_per_order'), '.1f'):>7} {ratio_of(row):6.2f}"
          f"{'  per ' + row['per'] if 'per' in row else ''}{rate_of(row)}", flush=True)


def measure(args):
    """Times and counts; returns the exit status."""
    if not args.json:
        print_head()
    rows = []
    equal = True
    for regime in args.regimes:
        timed, same = time_regime(args, regime)
        equal = equal and same
        for row in timed:
            row["instructions_per_op"] = count_instructions(
                args, regime if regime in PLAIN else row["regime"], row["subject"])
            rows.append({key: row[key] for key in keys_of(regime)})
            if not args.json:
                print_row(row)
    judged = [r for r in rows if r["subject"] == JUDGED and "ratio_to_baseline" in r]
    if args.json:
        print(json.dumps(rows, indent=1))
    else:
        print_node(rows)
    if judged and not args.json:
        worst = max(judged, key=lambda r: r["ratio_to_baseline"])
        print(f"bench: worst ratio {worst['ratio_to_baseline']:.2f} ({worst['regime']})")
    if not equal:
        say("bench: the matcher and the baseline traded differently, or a regime did not do its work")
    return 0 if equal else 1


def build_commit(commit, scratch, programs):
    """Builds a commit in a tree of its own."""
    tree = scratch / "tree"
    run_quietly(["git", "worktree", "add", "--detach", tree, commit])
    build(tree, scratch / "build", programs)


def print_counts(args, other):
    """One row per regime and subject: instructions per op, and those of the build `other`, if there
    is one."""
    head = f" {args.against[:13]:>13} {'ratio':>6}" if other else ""
    rows = []
    if not args.json:
        print(f"{'regime':<22} {'subject':<20} {'instr/op':>9}{head}", flush=True)
    for regime in args.regimes:
        for subject in (MONEY_SUBJECTS if regime in MONEY
                        else RING_SUBJECTS if regime in RING else [STEPPED]):
            row = {"regime": regime, "subject": subject,
                   "instructions_per_op": count_instructions(args, regime, subject)}
            text = f"{regime:<22} {subject:<20} {row['instructions_per_op']:9.1f}"
            if other:
                row["against"] = count_instructions(args, regime, subject, other)
                row["ratio"] = round(row["instructions_per_op"] / row["against"], 4)
                text += f" {row['against']:13.1f} {row['ratio']:6.3f}"
            rows.append(row)
            if not args.json:
                print(text, flush=True)
    if args.json:
        print(json.dumps(rows, indent=1))
    return 0


def count(args):
    """--instructions: counts only, of the plain regimes, or of the one that is asked for."""
    if args.against is None:
        return print_counts(args, None)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        scratch = Path(name)
        try:
            build_commit(args.against, scratch, sorted(set(map(program_of, args.regimes))))
            return print_counts(args, scratch / "build")
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", scratch / "tree"], cwd=ROOT,
                           stderr=subprocess.DEVNULL)


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def parse():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.split(" - ")[1].split("\n")[0])
    parser.add_argument("--json", action="store_true", help="an array of objects, no table")
    parser.add_argument("--regime", choices=PLAIN + SPECIAL + MONEY + MONITOR + POSITIONS + RING,
                        help="only this one")
    parser.add_argument("--quick", action="store_true",
                        help="fewer ops, fewer rounds, at most 200,000 orders")
    parser.add_argument("--instructions", action="store_true",
                        help=f"only count, {COUNT['ops']:,} ops, no clock: instructions per op of "
                             f"{STEPPED} in the plain regimes; with --regime {MONEY[0]}, "
                             f"{MONEY[1]} or {RING_COUNTED}, of their subjects")
    parser.add_argument("--against", metavar="COMMIT",
                        help="with --instructions: beside those of a commit, built for it")
    parser.add_argument("--ring", action="store_true",
                        help="also hand the events to a second thread (needs two free cores)")
    parser.add_argument("--directory", help="where nodes make their journals (the build's)")
    parser.add_argument("--runs", type=positive, help="rounds")
    parser.add_argument("--ops", type=positive, help="measured commands")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ids", choices=["dense", "sparse"], default="sparse")
    parser.add_argument("--id-mode", choices=["window", "ascending", "reuse"], default="window")
    args = parser.parse_args()
    if args.against and not args.instructions:
        parser.error("--against goes with --instructions")
    counted = PLAIN + MONEY + [RING_COUNTED]
    if args.instructions and args.regime and args.regime not in counted:
        parser.error("--instructions goes with regimes " + " ".join(counted))
    for name, value in (QUICK if args.quick else COUNT if args.instructions else FULL).items():
        if getattr(args, name, None) is None:
            setattr(args, name, value)
    args.regimes = ([args.regime] if args.regime else PLAIN if args.instructions
                    else PLAIN + SPECIAL + MONEY + MONITOR + POSITIONS + RING[:1])
    return args


def main():
    args = parse()
    run_quietly([ROOT / "tools" / "setup", "bench"])
    if args.instructions and shutil.which("valgrind") is None:
        sys.exit("bench: --instructions needs valgrind")
    build(ROOT, BUILD, ["bench_match", "bench_match_special", "bench_money", "bench_monitor",
                        "bench_positions", "bench_node"])
    return count(args) if args.instructions else measure(args)


if __name__ == "__main__":
    sys.exit(main())

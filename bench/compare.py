#!/usr/bin/env python3
"""compare.py - measures the matcher beside the bare baseline and counts its instructions.

Installs what is missing, builds build-bench (release, -O2, the default -march, the same flags for
both), times every regime, runs callgrind on the same flows, prints one table. docs/benchmarking.md
says what the figures mean. The exit status is 1 when the matcher and the baseline traded
differently.
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-bench"
BENCH = BUILD / "bench" / "bench_match"
JUDGED = "matcher"  # whose worst ratio is the last line; the others are variants of it
THREADED = "matcher+ring"
REGIMES = ["shallow", "deep", "instruments-1000", "still", "swing-2", "swing-25", "swing-60"]
QUICK = {"ops": 200_000, "runs": 3, "resting_max": 200_000}
FULL = {"ops": 1_000_000, "runs": 5, "resting_max": 0}
KEYS = ["regime", "subject", "ns_per_op", "ns_per_op_min", "p50_ns", "p99_ns", "p999_ns", "max_ns",
        "instructions_per_op", "bytes_per_order", "ratio_to_baseline"]


def say(text):
    print(text, file=sys.stderr, flush=True)


def run_quietly(command):
    """Runs a command; shows its output only when it fails, and then ends."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        say(done.stdout)
        sys.exit(f"bench: {' '.join(map(str, command))} failed")


def build():
    # meson's name for release at -O2: setting buildtype as well would be overridden.
    options = ["-Doptimization=2", "-Ddebug=false", "-Db_ndebug=false", "-Dbench=true",
               "-Dtools=false", "-Dtests=disabled", "-Dfuzz=false"]
    again = ["--reconfigure"] if (BUILD / "build.ninja").exists() else []
    run_quietly(["meson", "setup", BUILD, *again, *options])
    run_quietly(["ninja", "-C", BUILD])


def bench_command(args, regime):
    command = [BENCH, "--regime", regime, "--ops", str(args.ops), "--seed", str(args.seed),
               "--ids", args.ids, "--id-mode", args.id_mode]
    if args.resting_max:
        command += ["--resting-max", str(args.resting_max)]
    return command


def time_regime(args, regime):
    """Returns the rows of a regime and whether all subjects traded the same."""
    command = [*bench_command(args, regime), "--runs", str(args.runs), "--json"]
    done = subprocess.run(command + (["--ring"] if args.ring else []),
                          stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"bench: bench_match ended with status {done.returncode} in {regime}")
    return json.loads(done.stdout), done.returncode == 0


def count_instructions(args, regime, subject):
    """Instructions per op of the measured part, exactly repeatable; None for what has a thread
    that waits, and without callgrind."""
    if subject == THREADED or shutil.which("valgrind") is None:
        return None
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null",
         *bench_command(args, regime), "--subject", subject, "--instructions"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found or int(found.group(1)) == 0:
        say(done.stderr)
        sys.exit(f"bench: callgrind counted nothing for {subject} in {regime}")
    return round(int(found.group(1)) / args.ops, 1)


def print_row(row):
    instructions = row["instructions_per_op"]
    print(f"{row['regime']:<17} {row['subject']:<13} {row['ns_per_op']:8.1f} "
          f"{row['ns_per_op_min']:8.1f} {row['p50_ns']:7.0f} {row['p99_ns']:7.0f} "
          f"{row['p999_ns']:7.0f} {row['max_ns']:9.0f} "
          f"{'-' if instructions is None else format(instructions, '.1f'):>8} "
          f"{row['bytes_per_order']:7.1f} {row['ratio_to_baseline']:6.2f}", flush=True)


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def parse():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.split(" - ")[1].split("\n")[0])
    parser.add_argument("--json", action="store_true", help="an array of objects, no table")
    parser.add_argument("--regime", choices=REGIMES, help="only this one")
    parser.add_argument("--quick", action="store_true",
                        help="fewer ops, fewer rounds, deep books of 200,000 orders")
    parser.add_argument("--ring", action="store_true",
                        help="also hand the events to a second thread (needs two free cores)")
    parser.add_argument("--runs", type=positive, help="rounds")
    parser.add_argument("--ops", type=positive, help="measured commands")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ids", choices=["dense", "sparse"], default="sparse")
    parser.add_argument("--id-mode", choices=["window", "ascending", "reuse"], default="window")
    args = parser.parse_args()
    for name, value in (QUICK if args.quick else FULL).items():
        if getattr(args, name, None) is None:
            setattr(args, name, value)
    return args


def main():
    args = parse()
    run_quietly([ROOT / "tools" / "setup", "bench"])
    build()
    if not args.json:
        print(f"{'regime':<17} {'subject':<13} {'ns/op':>8} {'min':>8} {'p50':>7} {'p99':>7} "
              f"{'p99.9':>7} {'max':>9} {'instr/op':>8} {'B/order':>7} {'ratio':>6}", flush=True)
    rows = []
    equal = True
    for regime in [args.regime] if args.regime else REGIMES:
        timed, same = time_regime(args, regime)
        equal = equal and same
        for row in timed:
            row["instructions_per_op"] = count_instructions(args, regime, row["subject"])
            rows.append({key: row[key] for key in KEYS})
            if not args.json:
                print_row(row)
    if args.json:
        print(json.dumps(rows, indent=1))
    else:
        worst = max((r for r in rows if r["subject"] == JUDGED),
                    key=lambda r: r["ratio_to_baseline"])
        print(f"bench: worst ratio {worst['ratio_to_baseline']:.2f} ({worst['regime']})")
    if not equal:
        say("bench: the matcher and the baseline traded differently")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())

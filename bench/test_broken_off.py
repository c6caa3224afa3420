#!/usr/bin/env python3
"""test_broken_off.py BENCH_MATCH_SPECIAL - a load that did not do its work is told.

5,000 stops elect each other. A matcher that releases as many for one command does the work; one that
halts the instrument one earlier must make the program name what differs and end with status 1.
"""
import subprocess
import sys

STOPS = 5000


def run(elect_max):
    return subprocess.run(
        [sys.argv[1], "--regime", "stop-cascade", "--resting-max", str(STOPS), "--runs", "1",
         "--elect-max", str(elect_max)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def main():
    whole, broken = run(STOPS), run(STOPS - 1)
    faults = []
    if whole.returncode != 0 or whole.stderr:
        faults.append(f"the whole cascade: status {whole.returncode}\n{whole.stderr}")
    if broken.returncode != 1:
        faults.append(f"the broken one: status {broken.returncode}")
    for said in [f"TRIGGERED: {STOPS - 1}, not {STOPS}", "SESSION: 1, not 0",
                 "special orders left: 1, not 0"]:
        if f"bench: stop-cascade: {said}\n" not in broken.stderr:
            faults.append(f"the broken one does not say: {said}\n{broken.stderr}")
    print("\n".join(faults) or "told")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

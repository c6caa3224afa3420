#!/usr/bin/env python3
"""shim.py PROGRAM - is what main.c says of cases.c right? A runner that takes failures for successes
would make every test worthless that it runs."""
import subprocess
import sys

OUT = """TAP version 13
1..14
ok 1 - begun::in_order
not ok 2 - begun::and_ended
ok 3 - good::comparisons
not ok 4 - bad::equal
not ok 5 - bad::less
not ok 6 - bad::expected
not ok 7 - bad::asserted
not ok 8 - bad::crash
ok 9 - ends::by_signal
not ok 10 - ends::by_no_signal
not ok 11 - ends::by_another_signal
ok 12 - ends::with_a_code
not ok 13 - ends::with_another_code
ok 14 - ends::skipped # SKIP
"""
SAID = ["eq(i64, -7, 8)\ncase 3\n  compared last: -7, 8\n", "goes on", "at the end", "for want of data"]


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines(True) if not line.startswith("#")]
    return done.returncode, "".join(lines), done.stderr


def main(program):
    status, out, said = run(program, "--tap", "-j2")
    good = status == 1 and out == OUT and all(text in said for text in SAID)
    good = good and said.count("goes on") == 1
    chosen = run(program, "--filter", "good/*")[:2]
    good = good and chosen == (0, "TAP version 13\n1..1\nok 1 - good::comparisons\n")
    if not good:
        print(status, out, said, chosen, sep="\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

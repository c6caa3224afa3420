"""The stubs: what is right passes a type checker, what is wrong does not."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import tap

HERE = Path(__file__).parent
CACHE = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
# A debugging allocator would make it several times as slow, and tests nothing here.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONMALLOC"}


def checked(file):
    return subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", CACHE.name, file],
                          capture_output=True, text=True, check=False, timeout=100, env=ENVIRONMENT)


def what_is_right_passes():
    done = checked(HERE / "typed.py")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]


def what_is_wrong_does_not():
    wrong = ["import tradsys", "from tradsys import command",
             "command.New(quantity=5)", "command.New(qty=1.5)", 'tradsys.Asset(symbol=5)',
             "tradsys.Engine().balance(1)", 'command.New().px = "5"', "tradsys.Side.HOLD"]
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "wrong.py"
        file.write_text("\n".join(wrong) + "\n")
        done = checked(file)
    found = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    tap.equal(found, set(range(3, len(wrong) + 1)))


if __name__ == "__main__":
    if subprocess.run([sys.executable, "-m", "mypy", "--version"], capture_output=True, check=False).returncode:
        print("1..1\nok 1 - types # SKIP mypy is not installed")
        sys.exit(0)
    sys.exit(tap.play(tap.functions_of(globals())))

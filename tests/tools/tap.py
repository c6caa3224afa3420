"""What the tests of the programs share: running them, and TAP."""

import inspect
import subprocess


def run(program, *arguments, before=()):
    return subprocess.run([*before, program, *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=60)


def equal(found, expected):
    assert found == expected, f'{found!r}, expected {expected!r}'


def good(done, code=0):
    """The output of a program that ended with that code."""
    assert done.returncode == code, f'exit {done.returncode}, not {code}: {done.stderr}'
    return done.stdout


def refused(done, message, code=1):
    assert done.returncode == code, f'exit {done.returncode}, not {code}: {done.stderr}'
    assert message in done.stderr, f'{done.stderr!r} does not say {message!r}'


def functions_of(names):
    """The tests of a file: its own functions that take nothing."""
    return [value for value in names.values()
            if inspect.isfunction(value) and value.__module__ == '__main__'
            and not inspect.signature(value).parameters]


def play(tests):
    """Runs the functions, writes TAP; 1 if one has failed."""
    failed = 0
    print(f'1..{len(tests)}')
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f'ok {number} - {test.__name__}')
        except Exception as error:  # pylint: disable=broad-except
            failed = 1
            print(f'not ok {number} - {test.__name__}')
            for line in f'{type(error).__name__}: {error}'.splitlines():
                print('# ' + line)
    return failed

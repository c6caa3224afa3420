#!/bin/sh
# state.sh SOURCE_ROOT WORK_DIR RUNS - is the state of an engine the same bytes in every build?
#
# Builds the library and tests/differential/state.c with each compiler that is there, without and with
# optimisation and with sanitizers, and compares what they say of the same lives. What a compiler
# leaves in the bytes between fields is the first thing that would differ. A compiler that is not
# installed is left out and named; one alone still compares its own variants.
set -eu
root=$1
work=$2/states
runs=$3
seed=${TRD_SEED:-1}
mkdir -p "$work"

sources="$root/tests/differential/state.c $root/tests/support/life_engine.c"
for module in core inst book pos match acct risk monitor engine; do
    sources="$sources $(echo "$root/lib/$module"/*.c)"
done
sanitize='-O1 -fsanitize=address,undefined -fno-sanitize-recover=all'

# build_and_run NAME COMPILER FLAGS...
build_and_run() {
    name=$1
    shift
    # Unquoted on purpose: the lists are words without blanks.
    # shellcheck disable=SC2086
    "$@" -std=gnu17 -fno-strict-overflow -I"$root/include" -I"$root/lib" -I"$root/tests/support" \
        $sources -o "$work/$name"
    "$work/$name" "$runs" "$seed" >"$work/$name.txt"
}

names=
for compiler in clang gcc; do
    if ! command -v "$compiler" >/dev/null; then
        echo "$compiler: not installed, left out"
        continue
    fi
    for level in O0 O2; do
        build_and_run "$compiler-$level" "$compiler" "-$level"
        names="$names $compiler-$level"
    done
    last=$compiler
done
[ -n "$names" ] || { echo "no compiler"; exit 1; }
# shellcheck disable=SC2086
build_and_run "$last-sanitized" "$last" $sanitize
names="$names $last-sanitized"

builds=0
different=0
first=
for name in $names; do
    line=$(cat "$work/$name.txt")
    echo "$name: $line"
    [ -n "$first" ] || first=$line
    [ "$line" = "$first" ] || different=$((different + 1))
    builds=$((builds + 1))
done
echo "state: $builds builds, $different different"
[ "$different" -eq 0 ]

#!/bin/sh
# hash.sh SOURCE_ROOT WORK_DIR COMMANDS FILE... - is the event stream the same for every build?
#
# Builds the matcher and the differential driver, whose sources are the FILEs, with each compiler that is there, at -O0, -O2 and
# -O3 and with sanitizers, runs the same commands through each and compares the XXH3 of all events.
# A compiler that is not installed is left out and named; one alone still compares its own variants.
set -eu
root=$1
work=$2/hash
commands=$3
seed=${TRD_SEED:-1}
mkdir -p "$work"
shift 3

sources="$*"
for module in core inst book pos match; do
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
    "$work/$name" --hash --commands "$commands" --seed "$seed" >"$work/$name.txt"
}

names=
for compiler in gcc clang; do
    if ! command -v "$compiler" >/dev/null; then
        echo "$compiler: not installed, left out"
        continue
    fi
    for level in O0 O2 O3; do
        build_and_run "$compiler-$level" "$compiler" "-$level"
        names="$names $compiler-$level"
    done
    # shellcheck disable=SC2086
    build_and_run "$compiler-sanitized" "$compiler" $sanitize
    names="$names $compiler-sanitized"
done
[ -n "$names" ] || { echo "no compiler"; exit 1; }

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
echo "hash: $builds builds, $different different"
[ "$different" -eq 0 ]

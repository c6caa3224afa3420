#!/bin/sh
# builds.sh NAME SETS SOURCE_ROOT WORK_DIR MODULES ARGUMENTS FILE... - does every build say the same?
#
# Builds a program of the FILEs and of the MODULES of lib in several ways, runs all with the ARGUMENTS and
# the seed (1, or $TRD_SEED), and compares what they print. What a compiler makes of undefined behaviour,
# and what it leaves in the bytes between fields, would differ. A compiler that is not installed is left
# out and named. The ways are gcc at -O0 and -O3, clang at -O2, and with sanitizers; with TRD_BUILDS=all
# in the environment each compiler at -O0, -O2 and -O3 and with sanitizers, which takes twice as long.
#
# SETS is `native`, or `arm64`: then one build for this machine is compared with those for another, which
# qemu runs; exit 77, skipped, without qemu-aarch64 and aarch64-linux-gnu-gcc (tools/setup arm). The
# builds are left in WORK_DIR/NAME.
set -eu
sets=$2
root=$3
work=$4/$1
modules=$5
arguments=$6
seed=${TRD_SEED:-1}
mkdir -p "$work"
shift 6

sources="$*"
for module in $modules; do
    sources="$sources $(echo "$root/lib/$module"/*.c)"
done
names=

# build_and_run NAME RUNNER COMPILER FLAGS...: RUNNER is a program that runs it, or nothing.
build_and_run() {
    name=$1
    runner=$2
    shift 2
    # Unquoted on purpose: the lists are words without blanks.
    # shellcheck disable=SC2086
    "$@" -std=gnu17 -fno-strict-overflow -I"$root/include" -I"$root/lib" -I"$root/tests/support" \
        $sources -o "$work/$name"
    # shellcheck disable=SC2086
    $runner "$work/$name" $arguments --seed "$seed" >"$work/$name.txt"
    names="$names $name"
}

ways="gcc-O0 gcc-O3 clang-O2 clang-sanitized"
if [ "${TRD_BUILDS:-}" = all ]; then
    ways="gcc-O0 gcc-O2 gcc-O3 gcc-sanitized clang-O0 clang-O2 clang-O3 clang-sanitized"
fi

native() {
    for way in $ways; do
        compiler=${way%%-*}
        flags=${way#"$compiler"}
        if ! command -v "$compiler" >/dev/null; then
            echo "$way: not installed, left out"
            continue
        fi
        [ "$flags" != -sanitized ] ||
            flags='-O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
        # shellcheck disable=SC2086
        build_and_run "$way" '' "$compiler" $flags
    done
}

# /usr/include is looked at last: xxhash.h is the same for all machines.
arm64() {
    for tool in qemu-aarch64 aarch64-linux-gnu-gcc; do
        command -v $tool >/dev/null || { echo "no $tool: tools/setup arm installs it"; exit 77; }
    done
    build_and_run here '' "$(command -v gcc || command -v clang)" -O2
    for level in O0 O3; do
        build_and_run "arm64-$level" qemu-aarch64 aarch64-linux-gnu-gcc "-$level" -static \
            -idirafter /usr/include
    done
}

"$sets"
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
echo "builds: $builds, $different different"
[ "$builds" -gt 1 ] && [ "$different" -eq 0 ]

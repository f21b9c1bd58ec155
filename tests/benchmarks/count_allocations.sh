#!/usr/bin/env bash
# What a warmed-up training step allocates, and which oneDNN primitives it makes and which reorders it runs, as the
# difference between a longer and a shorter `dragoman benchmark`, by the number of steps between them.
#
#   tests/benchmarks/count_allocations.sh CONFIG [--set KEY=VALUE …]
#
#   BUILD    the build folder with dragoman and liballocation_counter.so (default build/release)
#   SHORT    steps of the shorter run (default 100); every shape should have come by then
#   LONG     steps of the longer one (default 200)
set -euo pipefail

[ $# -ge 1 ] || {
  echo "usage: $0 CONFIG [--set KEY=VALUE …]" >&2
  exit 2
}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${BUILD:-$top/build/release}
short=${SHORT:-100} long=${LONG:-200}
counter=$build/tests/benchmarks/liballocation_counter.so
[ -e "$counter" ] || {
  echo "$0: $counter is not there; build with tests" >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Leaves allocations, primitives made and reorders run in a benchmark of $1 steps in the files $work/NAME.$1.
count() {
  local steps=$1
  shift
  LD_PRELOAD=$counter "$build/dragoman" benchmark "$@" --steps "$steps" 2>"$work/log" >/dev/null
  sed -nE 's/^allocations: ([0-9]+)$/\1/p' "$work/log" >"$work/allocations.$steps"
  ONEDNN_VERBOSE=2 "$build/dragoman" benchmark "$@" --steps "$steps" >"$work/verbose" 2>/dev/null
  awk -F, '/^onednn_verbose,create/ { n++ } END { print n + 0 }' "$work/verbose" >"$work/primitives.$steps"
  awk -F, '/^onednn_verbose,exec,cpu,reorder/ { n++ } END { print n + 0 }' "$work/verbose" >"$work/reorders.$steps"
}

count "$short" "$@"
count "$long" "$@"
for what in allocations primitives reorders; do
  awk -v what="$what" -v a="$(cat "$work/$what.$short")" -v b="$(cat "$work/$what.$long")" \
    -v steps=$((long - short)) 'BEGIN { printf "%s a step: %.2f\n", what, (b - a) / steps }'
done

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

# Prints allocations, primitives made and reorders run in a benchmark of $1 steps.
count() {
  local steps=$1
  shift
  LD_PRELOAD=$build/tests/benchmarks/liballocation_counter.so "$build/dragoman" benchmark "$@" --steps "$steps" \
    2>&1 >/dev/null | sed -nE 's/^allocations: ([0-9]+)$/\1/p'
  ONEDNN_VERBOSE=2 "$build/dragoman" benchmark "$@" --steps "$steps" 2>/dev/null |
    awk -F, '/^onednn_verbose,create/ { made++ } /^onednn_verbose,exec,cpu,reorder/ { reorders++ } END { print made + 0; print reorders + 0 }'
}

mapfile -t before < <(count "$short" "$@")
mapfile -t after < <(count "$long" "$@")
names=("allocations" "primitives made" "reorders run")
for i in 0 1 2; do
  awk -v name="${names[i]}" -v a="${before[i]}" -v b="${after[i]}" -v steps=$((long - short)) \
    'BEGIN { printf "%s in a step: %.2f\n", name, (b - a) / steps }'
done

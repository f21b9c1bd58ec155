#!/usr/bin/env bash
# Fuzzes for so long each whatever reads files of others; ends with an error where something was found.
#
#   tests/fuzz/run.sh [SECONDS] [TARGET]...        default 60 s each of: configuration text seal hdf5
#
# Inputs that were found interesting stay in build/fuzz/corpus/TARGET, and the next run begins with them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(configuration text seal hdf5)

launch/install_packages.sh --fuzz
cmake --preset fuzz
cmake --build --preset fuzz --parallel "$(nproc)" --target "${targets[@]/#/fuzz_}"
for target in "${targets[@]}"; do
  corpus=build/fuzz/corpus/$target
  mkdir -p "$corpus"
  case "$target" in
    configuration) cp configs/*.yaml "$corpus" ;;
    text) gzip -c README.md >"$corpus/readme.gz" && cp README.md "$corpus" ;;
  esac
  echo "== $target"
  # A reader may not take more memory than its file holds, which is some kilobytes here.
  build/fuzz/tests/fuzz/fuzz_"$target" "$corpus" -max_total_time="$seconds" -malloc_limit_mb=64 -rss_limit_mb=2048 \
    -timeout=20 -max_len=20000 -print_final_stats=1 -artifact_prefix=build/fuzz/ >"build/fuzz/$target.log" 2>&1 || {
    tail -n 40 "build/fuzz/$target.log" >&2
    echo "fuzz_$target found something; its input lies in build/fuzz" >&2
    exit 1
  }
  grep -E 'DONE|number_of_executed_units|peak_rss_mb' "build/fuzz/$target.log"
done

#!/usr/bin/env bash
# From nothing to a scored translation model: installs missing packages, builds, writes the built-in phrasebook corpus,
# prepares it, trains configs/quickstart.yaml on two ranks and evaluates on held-out pairs.
#
#   launch/quickstart.sh            goes on where an earlier start was stopped
#   launch/quickstart.sh --fresh    starts over
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run=runs/quickstart
dragoman=build/release/dragoman

step="reading the command line"
trap 'echo "quickstart.sh: stopped while $step; what went wrong is told above" >&2' ERR
begin() {
  step=$1
  printf '[%3d s] %s\n' "$SECONDS" "${step^}"
}

case "${1:-}" in
  "") ;;
  --fresh) rm -rf "$run" ;;
  *)
    echo "quickstart.sh: unknown argument '$1'; expected --fresh or none" >&2
    exit 2
    ;;
esac

begin "installing missing packages"
launch/install_packages.sh

begin "building $dragoman"
{
  cmake --preset release
  cmake --build --preset release --target dragoman
} >build-quickstart.log 2>&1 || {
  tail -n 25 build-quickstart.log >&2
  false
}
rm -f build-quickstart.log

begin "writing the phrasebook, a generated English-German corpus, to $run/text"
"$dragoman" phrasebook --pairs 100000 --seed 1 --out "$run/text"

begin "preparing the corpus on 2 ranks"
launch/mpirun.sh -n 2 "$dragoman" prepare configs/quickstart.yaml

begin "training on 2 ranks; a second start goes on from the last checkpoint"
launch/mpirun.sh -n 2 "$dragoman" train configs/quickstart.yaml

begin "evaluating on held-out pairs on 2 ranks"
launch/mpirun.sh -n 2 "$dragoman" evaluate "$run" --split test --output "$run/test.hypothesis.de"

# Lines from all over the file, for neighbours may be alike.
begin "showing some of them"
lines=$(wc -l <"$run/test.hypothesis.de")
for i in 1 2 3 4; do
  line=$((1 + (i - 1) * lines / 4))
  printf '\nsource       %s\n' "$(sed -n "${line}p" "$run/text/test.en")"
  printf 'reference    %s\n' "$(sed -n "${line}p" "$run/text/test.de")"
  printf 'translation  %s\n' "$(sed -n "${line}p" "$run/test.hypothesis.de")"
done
printf '\n[%3d s] Done. Translate your own lines: echo "..." | %s translate %s\n' "$SECONDS" "$dragoman" "$run"

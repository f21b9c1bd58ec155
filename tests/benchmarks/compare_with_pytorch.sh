#!/usr/bin/env bash
# Times training steps of Dragoman and of a PyTorch program on one core, one after another, and prints both rates and
# their ratio: the same model, token ids and token budget.
#
#   tests/benchmarks/compare_with_pytorch.sh CONFIG [PEER.py]
#
# CONFIG must be prepared already, with a shared vocabulary and plain text files, its sections written as in
# configs/multi30k-en-de.yaml. PEER.py builds the model of these sizes and prints one JSON line with the key
# target_tokens_per_second (default ../shared/peers/torch_seq2seq.py). Run it on a quiet machine.
#
#   PYTHON   the Python with torch (default /usr/bin/python3); on Debian python3-torch wants libopenblas0 for its speed
#   STEPS    timed steps of each (default 100)
#   ROUNDS   how often both are timed in turn (default 3); the medians count
#   CORE     which core (default 0)
#   DRAGOMAN the program (default build/release/dragoman)
set -euo pipefail

[ $# -ge 1 ] || {
  echo "usage: $0 CONFIG [PEER.py]" >&2
  exit 2
}
configuration=$1
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
peer=${2:-$top/../shared/peers/torch_seq2seq.py}
dragoman=${DRAGOMAN:-$top/build/release/dragoman}
steps=${STEPS:-100}

value() { sed -nE "s/.*\"$1\": *\"?([^\",}]+).*/\1/p"; }
# A key of the resolved configuration, by its path in flow form.
run=$(sed -nE 's/^run: *(.*)$/\1/p' "$configuration")
directory=$(sed -nE 's/^ *directory: *(.*)$/\1/p' "$configuration")
corpus=${directory:-$run/corpus}
source=$(sed -nE 's/^ *train: *\{source: *([^,]+), *target: *([^}]+)\}.*/\1/p' "$configuration")
target=$(sed -nE 's/^ *train: *\{source: *([^,]+), *target: *([^}]+)\}.*/\2/p' "$configuration")

size() { sed -nE "s/^ *$1.*$2: *([0-9.]+).*/\\1/p" "$configuration"; }
sizes=(
  --vocab "$(size tokenizer: vocabulary)" --embedding "$(size '' embedding)" --hidden "$(size decoder: units)"
  --units "$(size attention: units)" --dropout "$(size '' dropout)"
)
grep -q '^ *decoder:.*input_feeding: *true' "$configuration" && sizes+=(--input-feeding)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
spm_encode --model "$corpus/tokenizer.model" --output_format id <"$source" >"$work/source.ids"
spm_encode --model "$corpus/tokenizer.model" --output_format id <"$target" >"$work/target.ids"

for _ in $(seq "${ROUNDS:-3}"); do
  taskset -c "${CORE:-0}" "$dragoman" benchmark "$configuration" --steps "$steps" \
    --set 'batch={tokens: 2048, micro_batches: 1}' 2>/dev/null | tee -a "$work/ours"
  env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_NUM_THREADS=1 taskset -c "${CORE:-0}" "${PYTHON:-/usr/bin/python3}" \
    "$peer" --source "$work/source.ids" --target "$work/target.ids" --tokens 2048 --steps "$steps" "${sizes[@]}" | tee -a "$work/theirs"
done
median() { value target_tokens_per_second <"$1" | sort -n | awk '{ rates[NR] = $1 } END { print rates[int((NR + 1) / 2)] }'; }
ours=$(median "$work/ours")
theirs=$(median "$work/theirs")
awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "Dragoman %.0f, PyTorch %.0f target tokens/s on one core: ratio %.2f\n", a, b, a / b }'

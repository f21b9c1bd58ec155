#!/usr/bin/env bash
# Faults tried for real, the part that CI runs: some minutes. tests/faults/soak does it at length.
#
#   tests/faults/run.sh [KILLS] [DAMAGED_FILES] [SEED]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kills=${1:-20}
files=${2:-200}
seed=${3:-1}

launch/install_packages.sh --tests --faults
cmake --preset dev
cmake --build --preset dev --parallel "$(nproc)" --target dragoman faulty_train save_once
python=/usr/bin/python3 # the one that Debian's h5py is for
begin() { printf '\n== %s (at %d s)\n' "$1" "$SECONDS"; }

begin "kills"
"$python" tests/faults/kills.py "$kills" "$seed"
begin "a save killed at every system call"
"$python" tests/faults/save_at_every_system_call.py
begin "damaged files"
"$python" tests/faults/damage.py "$files" "$seed"
begin "errors in any thread"
"$python" tests/faults/errors.py
begin "storage that fails"
"$python" tests/faults/storage.py
begin "silent ranks"
"$python" tests/faults/silent_rank.py
begin "two hosts"
"$python" tests/faults/two_hosts.py
begin "Slurm"
"$python" tests/faults/slurm.py
printf '\nAll faults passed in %d s.\n' "$SECONDS"

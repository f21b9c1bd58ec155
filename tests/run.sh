#!/usr/bin/env bash
# Installs what is missing, builds the dev preset and runs the test suite.
#
#   tests/run.sh              everything
#   tests/run.sh -R Golden    arguments go to ctest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

launch/install_packages.sh --tests
cmake --preset dev
cmake --build --preset dev --parallel "$(nproc)"
# Tests under mpirun take several cores each and say so in their PROCESSORS property.
ctest --preset dev --parallel 2 --no-tests=error "$@"

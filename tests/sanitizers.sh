#!/usr/bin/env bash
# The test suite under AddressSanitizer and UndefinedBehaviorSanitizer, and what runs threads under ThreadSanitizer.
#
#   tests/sanitizers.sh               both, some twenty minutes
#   tests/sanitizers.sh -R Hdf5       arguments go to the ctest of the first
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
begin() { printf '\n== %s (at %d s)\n' "$1" "$SECONDS"; }

launch/install_packages.sh --tests

begin "addresses and undefined behaviour"
cmake --preset asan
cmake --build --preset asan --parallel "$(nproc)"
# Two of the long tests that are left out run under the second part. The others only repeat, up to thirty times, what
# shorter tests do once: whole runs on several ranks and with stops, and passes through a whole model.
left_out='RanksAndThreads|InputFeedingRanks|RanksAndStops|ARunStopped|ATimeLimitStops|ASignalToOneRank'
left_out+='|AModelOfOddWidths|OptimizersAndSchedules|EverySettingOfTraining|TrainingVariants|ModelGradientTest.AgreesWith'
ctest --preset asan --parallel 2 --no-tests=error -E "$left_out" "$@"

begin "threads"
cmake --preset tsan
cmake --build --preset tsan --parallel "$(nproc)" --target trainer_threads_tests launch_threads_tests
# Ours are the threads that compute slots and the one that writes a checkpoint; the last two run whole jobs with them.
ctest --preset tsan --parallel 2 --no-tests=error \
  -R 'WorkerThreads|SlotTree|RanksAndThreads|ARunStoppedByASignal'
printf '\nThe sanitizers found nothing in %d s.\n' "$SECONDS"

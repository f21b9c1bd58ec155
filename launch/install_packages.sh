#!/usr/bin/env bash
# Installs the Debian packages that are missing to build and run Dragoman, and nothing where all are there.
#
#   launch/install_packages.sh            to build and run
#   launch/install_packages.sh --tests    also what the tests need
#   launch/install_packages.sh --faults   also what tests/faults needs: strace, network tools, Slurm
#   launch/install_packages.sh --fuzz     also what tests/fuzz needs: Clang
#   launch/install_packages.sh --checks   also what .ci/run needs: formatter, static checks, a browser
#
# Made for Debian 12. Elsewhere it says what to install and leaves it to you; CMake checks the versions.
set -euo pipefail

# ocl-icd-opencl-dev: the CMake package of Debian's oneDNN asks for OpenCL, though only its CPU part is used.
packages=(
  cmake g++ ninja-build pkg-config
  libdnnl-dev ocl-icd-opencl-dev libhwy-dev libopenmpi-dev openmpi-bin openssh-client
  libhdf5-dev libyaml-cpp-dev libsentencepiece-dev libicu-dev libxxhash-dev zlib1g-dev
  libcli11-dev libspdlog-dev nlohmann-json3-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)
tests=(python3-h5py)
faults=(strace iproute2 slurm-wlm munge)
fuzz=(clang libclang-rt-14-dev)
checks=(clang-format clang-tidy git chromium fonts-dejavu-core python3-venv)

fail() {
  echo "install_packages.sh: $1" >&2
  exit 1
}

for argument in "$@"; do
  case "$argument" in
    --tests) packages+=("${tests[@]}") ;;
    --faults) packages+=("${faults[@]}") ;;
    --fuzz) packages+=("${fuzz[@]}") ;;
    --checks) packages+=("${checks[@]}") ;;
    *) fail "unknown argument '$argument'; expected --tests, --faults, --fuzz or --checks" ;;
  esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "This is not a Debian system; see to it that what these Debian packages hold is installed: ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null ||
    fail "these packages are missing and installing them needs root or sudo: ${missing[*]}"
  as_root=(sudo)
fi
echo "Installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >"$log" 2>&1; }
if ! { apt update && apt install --yes --no-install-recommends "${missing[@]}"; }; then
  tail -n 15 "$log" >&2
  fail "apt-get could not install ${missing[*]}; its last lines are above"
fi

#!/usr/bin/env bash
# Starts a command under Open MPI's mpirun with what a long training job needs; every argument goes to mpirun.
#
#   launch/mpirun.sh -n 2 build/release/dragoman train my.yaml
#   launch/mpirun.sh -n 64 --hostfile hosts build/release/dragoman train my.yaml
#
# A hostfile names one node a line with its number of ranks, such as `node01 slots=8`; the project's folder and the
# run folder must be visible at the same path on every node, and ssh must reach the nodes without a password.
#
#   DRAGOMAN_STOP_SECONDS    time between SIGTERM and SIGKILL, in which ranks commit a checkpoint (default 120)
#   DRAGOMAN_THREADS         cores for each rank, equal to training.threads (default 1)
set -euo pipefail

command -v mpirun >/dev/null || {
  echo "mpirun.sh: there is no mpirun on the PATH; run launch/install_packages.sh or load your cluster's Open MPI" >&2
  exit 1
}

arguments=(
  # By default Open MPI kills ranks one second after asking them to stop.
  --mca odls_base_sigkill_timeout "${DRAGOMAN_STOP_SECONDS:-120}"
  # A node that vanished is noticed after about 10 + 3 x 5 seconds instead of minutes.
  --mca oob_tcp_keepalive_time 10 --mca oob_tcp_keepalive_intvl 5 --mca oob_tcp_keepalive_probes 3
)

# Under mpirun standard error is never a terminal, so whether to draw a live line is decided here.
if [ -z "${DRAGOMAN_PROGRESS:-}" ]; then
  if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then DRAGOMAN_PROGRESS=live; else DRAGOMAN_PROGRESS=plain; fi
fi
export DRAGOMAN_PROGRESS
arguments+=(-x DRAGOMAN_PROGRESS)

ranks=1
hosts=no
placed=no
previous=
for argument in "$@"; do
  case "$previous" in -n | -np | --np | -c) ranks=$argument ;; esac
  case "$argument" in
    --hostfile | -hostfile | --machinefile | -machinefile | --host | -host | -H) hosts=yes ;;
    --bind-to | -bind-to | --map-by | -map-by | --oversubscribe | -oversubscribe) placed=yes ;;
  esac
  previous=$argument
done
if [ "$placed" = no ] && [ "$hosts" = no ] && [ -z "${SLURM_JOB_ID:-}" ]; then
  # One machine: other jobs may run beside this one, and Open MPI binds every job to the same first cores; it also
  # counts physical cores as places, fewer than the processors that there are.
  arguments+=(--oversubscribe --bind-to none)
  cores=$(nproc)
  if [ $((ranks * ${DRAGOMAN_THREADS:-1})) -gt "$cores" ]; then
    echo "mpirun.sh: $ranks ranks share $cores cores; this works, but slowly" >&2
  fi
elif [ "$placed" = no ]; then
  arguments+=(--map-by "slot:PE=${DRAGOMAN_THREADS:-1}" --bind-to core)
fi

if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
exec mpirun "${arguments[@]}" "$@"

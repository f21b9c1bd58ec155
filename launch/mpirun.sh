#!/usr/bin/env bash
# Starts a command under Open MPI's mpirun with what a long training job needs; every argument goes to mpirun.
#
#   launch/mpirun.sh -n 2 build/release/dragoman train my.yaml
#   launch/mpirun.sh -n 64 --hostfile hosts build/release/dragoman train my.yaml
#
# A hostfile names one node a line with its number of ranks, such as `node01 slots=8`; the project's folder and the
# run folder must be visible at the same path on every node, and ssh must reach the nodes without a password.
#
# A first SIGTERM, SIGINT or SIGHUP to this script asks the ranks to stop: training commits a checkpoint and exits with 75.
# A second one ends the job at once.
#
#   DRAGOMAN_THREADS         cores for each rank, equal to training.threads (default 1)
#   DRAGOMAN_STOP_SECONDS    how long Open MPI waits before SIGTERM, and again before SIGKILL, when it ends a job itself,
#                            as it does when a rank has failed (default 3)
set -euo pipefail

command -v mpirun >/dev/null || {
  echo "mpirun.sh: there is no mpirun on the PATH; run launch/install_packages.sh or load your cluster's Open MPI" >&2
  exit 1
}

arguments=(
  --mca odls_base_sigkill_timeout "${DRAGOMAN_STOP_SECONDS:-3}"
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
  if [[ $previous =~ ^-?-np?$ && $argument =~ ^[0-9]+$ ]]; then ranks=$argument; fi
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

# A session of its own keeps the terminal's Ctrl-C from mpirun, which would end the ranks without asking; SIGUSR1 it
# passes on to them.
setsid mpirun "${arguments[@]}" "$@" <&0 &
job=$!
# shellcheck disable=SC2317 # called by the trap
stop() {
  trap 'kill -TERM "$job"' TERM INT HUP
  kill -USR1 "$job"
}
trap stop TERM INT HUP
trap 'kill -USR1 "$job"' USR1
while kill -0 "$job" 2>/dev/null; do
  wait "$job" || true # a signal ends the wait early
done
status=0
wait "$job" || status=$?
# bash does not know how a child ended that did so at the very moment of a signal.
[ "$status" -ge 0 ] || status=143
exit "$status"

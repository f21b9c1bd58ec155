#!/usr/bin/env bash
# Runs a training command and starts it again after a crash; it goes on from its last good checkpoint.
#
#   launch/supervise.sh launch/mpirun.sh -n 8 --hostfile hosts dragoman train my.yaml
#
# Started again: whatever ends by a signal or a failure (exit status other than those below). Not started again: 0, training
# is done; 2, the command line or the configuration is wrong; 75, somebody asked it to stop, after it saved a checkpoint.
# A first SIGTERM, SIGINT, SIGHUP or SIGUSR1 to this script asks the command to stop so; a second one is passed on as it is.
#
#   DRAGOMAN_RESTARTS          restarts in a row before it gives up (default 10)
#   DRAGOMAN_BACKOFF_SECONDS   pause before the first restart (default 5); doubles with each, up to 300
#   DRAGOMAN_HEALTHY_SECONDS   a command that ran so long is counted as well: the row begins anew (default 900)
set -uo pipefail

[ $# -ge 1 ] || {
  echo "usage: supervise.sh COMMAND [ARGUMENT]...; see the head of this file" >&2
  exit 2
}
most=${DRAGOMAN_RESTARTS:-10}
first_pause=${DRAGOMAN_BACKOFF_SECONDS:-5}
healthy=${DRAGOMAN_HEALTHY_SECONDS:-900}
say() { printf '%(%H:%M:%S)T supervise.sh: %s\n' -1 "$1" >&2; }

child=
asked=no
# shellcheck disable=SC2317 # called by the traps
pass_on() {
  asked=yes
  [ -z "$child" ] || kill -"$1" "$child" 2>/dev/null
}
for signal in TERM INT HUP USR1; do
  # shellcheck disable=SC2064 # the signal's name is meant to be filled in now
  trap "pass_on $signal" "$signal"
done

restarts=0
pause=$first_pause
while :; do
  started=$SECONDS
  # In the background a shell's children ignore SIGINT, so the command gets a fresh start by env.
  env --default-signal=INT,QUIT "$@" <&0 &
  child=$!
  status=0
  while kill -0 "$child" 2>/dev/null; do
    wait "$child" || true # a signal ends the wait early
  done
  wait "$child" || status=$?
  child=
  # bash does not know how a child ended that did so at the very moment of a signal.
  [ "$status" -ge 0 ] || status=143
  case "$status" in
    0 | 2 | 75) exit "$status" ;;
  esac
  [ "$asked" = no ] || exit "$status"
  if [ $((SECONDS - started)) -ge "$healthy" ]; then
    restarts=0
    pause=$first_pause
  fi
  if [ "$restarts" -ge "$most" ]; then
    say "ended with status $status again; giving up after $restarts restarts (DRAGOMAN_RESTARTS)"
    exit "$status"
  fi
  restarts=$((restarts + 1))
  say "ended with status $status; restart $restarts of $most in $pause s"
  sleep "$pause" &
  child=$!
  wait "$child" || true
  child=
  [ "$asked" = no ] || exit "$status"
  pause=$((pause * 2 > 300 ? 300 : pause * 2))
done

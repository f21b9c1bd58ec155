#!/usr/bin/env python3
"""A job of launch/slurm.sbatch on a real Slurm: stopped by a signal, requeued, and ended as if nothing had been.

    slurm.py        as root, with slurm-wlm and munge; starts and ends a cluster of this machine alone
"""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

from workshop import DRAGOMAN, TOP, Workshop, check, run

SECONDS = 240
CONFIGURATION = """
ClusterName=dragoman
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
# A requeued job begins once its credentials have expired.
AuthInfo=cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@contextlib.contextmanager
def cluster(folder):
    """A controller and one node on loopback; commands find them by SLURM_CONF."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    configuration = folder / "slurm.conf"
    configuration.write_text(CONFIGURATION.format(host=socket.gethostname().split(".")[0], folder=folder,
                                                  cores=os.cpu_count()))
    os.environ["SLURM_CONF"] = str(configuration)
    daemons = []
    try:
        if subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode != 0:
            for path in ("/run/munge", "/var/log/munge", "/var/lib/munge"):
                os.makedirs(path, exist_ok=True)
                shutil.chown(path, "munge", "munge")
            daemons.append(subprocess.Popen(["runuser", "-u", "munge", "--", "munged", "--foreground"],
                                            stderr=subprocess.DEVNULL))
            wait_for(lambda: subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode == 0, "munge")
        for daemon in ("slurmctld", "slurmd"):
            with open(folder / f"{daemon}.out", "w") as out:
                daemons.append(subprocess.Popen([daemon, "-D"], stdout=out, stderr=out))
        wait_for(lambda: "idle" in run(["sinfo", "-h", "-o", "%T"]).stdout, "an idle node")
        yield
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(30)


def wait_for(holds, what, log=None):
    """Waits until holds() is true; errors of commands meanwhile only mean not yet. A failure shows the log."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(SystemExit):
            if holds():
                return
        time.sleep(0.3)
    raise SystemExit(f"FAILED: waited {SECONDS} s for {what}" + (f"; its log:\n{read(log)}" if log else ""))


def main():
    if os.getuid() != 0 or not all(shutil.which(name) for name in ("slurmctld", "slurmd", "sbatch", "munged")):
        print("SKIPPED: slurm.py needs root, slurm-wlm and munge")
        return
    with Workshop() as workshop:
        long = "training.max_steps=300"
        check(workshop.train("undisturbed", 2, settings=[long]).returncode == 0, "the undisturbed run")
        folder = workshop.folder / "slurm"
        with cluster(folder):
            log = folder / "job.log"
            submitted = run(["sbatch", "--nodes=1", "--ntasks-per-node=2", f"--output={log}", "--time=00:10:00",
                             TOP / "launch/slurm.sbatch", workshop.configuration,
                             "--set", f"run={workshop.folder / 'job'}", "--set", long],
                            env=dict(os.environ, DRAGOMAN=str(DRAGOMAN)), cwd=folder)
            job = re.search(r"\d+", submitted.stdout).group()
            wait_for(lambda: workshop.checkpoints("job"), "a checkpoint of the job", log)
            run(["scancel", "--signal=USR1", "--batch", job])
            wait_for(lambda: "back into the queue" in read(log), "the job to be put back into the queue", log)
            stopped_at = workshop.checkpoints("job")[-1]
            wait_for(lambda: "training is finished" in read(log), "the requeued job to end", log)
        text = read(log)
        check(stopped_at < 300, "the signal came too late to stop anything")
        check(f"resuming after step {stopped_at}" in text, f"the job did not resume after step {stopped_at}:\n{text}")
        check(workshop.parameters_hash("job") == workshop.parameters_hash("undisturbed"), "other parameters")
        started_by = "srun" if "pmix" in run(["srun", "--mpi=list"]).stdout else "mpirun"
    print(f"a Slurm job of 2 ranks, started by {started_by}: stopped by USR1 after step {stopped_at}, requeued, and ended "
          "with the parameters of an undisturbed run")


def read(path: pathlib.Path):
    return path.read_text(errors="replace") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())

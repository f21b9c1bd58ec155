#!/usr/bin/env python3
"""launch/slurm.sbatch on a real Slurm: a job that is stopped by a signal, requeued, and ends as if nothing had been; and a
sweep as an array of jobs.

    slurm.py        as root, with slurm-wlm and munge; starts and ends a cluster of this machine alone
"""
import contextlib
import json
import os
import pathlib
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


def submit(workshop, log, options, arguments, **limits):
    """Submits launch/slurm.sbatch with the workshop's configuration; returns the number of the job."""
    submitted = run(["sbatch", "--parsable", "--nodes=1", "--time=00:10:00", f"--output={log}", *options,
                     TOP / "launch/slurm.sbatch", workshop.configuration, *arguments],
                    env=dict(os.environ, DRAGOMAN=str(DRAGOMAN)), cwd=workshop.folder, **limits)
    return submitted.stdout.strip()


def requeue(workshop):
    """A job of two ranks is stopped by a signal, and goes on."""
    long = "training.max_steps=300"
    log = workshop.folder / "job.log"
    job = submit(workshop, log, ["--ntasks-per-node=2"], ["--set", f"run={workshop.folder / 'job'}", "--set", long])
    wait_for(lambda: workshop.checkpoints("job"), "a checkpoint of the job", log)
    run(["scancel", "--signal=USR1", "--batch", job])
    wait_for(lambda: "back into the queue" in read(log), "the job to be put back into the queue", log)
    stopped_at = workshop.checkpoints("job")[-1]
    wait_for(lambda: "training is finished" in read(log), "the requeued job to end", log)
    text = read(log)
    check(stopped_at < 300, "the signal came too late to stop anything")
    check(f"resuming after step {stopped_at}" in text, f"the job did not resume after step {stopped_at}:\n{text}")
    check(workshop.train("longer", 2, settings=[long]).returncode == 0, "the undisturbed run")
    check(workshop.parameters_hash("job") == workshop.parameters_hash("longer"), "other parameters")
    started_by = "srun" if "pmix" in run(["srun", "--mpi=list"]).stdout else "mpirun"
    print(f"a Slurm job of 2 ranks, started by {started_by}: stopped by USR1 after step {stopped_at}, requeued, and ended "
          "with the parameters of an undisturbed run")


def array(workshop):
    """A sweep of two rows, each in a job of one array."""
    sweep = ["--grid", "seed=7,8", "--out", workshop.folder / "sweep"]
    workshop.dragoman("sweep", workshop.configuration, *sweep, "--prepare")
    submit(workshop, workshop.folder / "array-%a.log", ["--array=0-1", "--ntasks-per-node=1", "--wait"], sweep,
           timeout=SECONDS)
    rows = [json.loads(line) for line in
            workshop.dragoman("sweep", workshop.configuration, *sweep, "--table", "--json").splitlines()]
    check([row["state"] for row in rows] == ["finished", "finished"], f"not all rows are finished: {rows}")
    undisturbed, _ = workshop.undisturbed()
    hashes = [workshop.parameters_hash(f"sweep/seed={seed}") for seed in (7, 8)]
    check(hashes[0] == undisturbed, "the row of the configuration's own seed has other parameters than `train`")
    check(hashes[1] != undisturbed, "another seed has the same parameters")
    print("a sweep of 2 rows as a Slurm array: both finished, the first with the parameters of `train`")


def main():
    if os.getuid() != 0 or not all(shutil.which(name) for name in ("slurmctld", "slurmd", "sbatch", "munged")):
        print("SKIPPED: slurm.py needs root, slurm-wlm and munge")
        return
    with Workshop() as workshop, cluster(workshop.folder / "slurm"):
        requeue(workshop)
        array(workshop)


def read(path: pathlib.Path):
    return path.read_text(errors="replace") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""A long run on 8 ranks under the supervisor, whose ranks are killed at random, beside one that nobody disturbs.

    supervised.py [STEPS] [SEED]        default 600 steps, seed 1

The disturbed run must end by itself, its newest checkpoint only ever move forward, its folder hold no more checkpoints than
checkpoint.keep_* allow, and its parameters and metrics.jsonl be those of the undisturbed run. Of that one, memory and open
files of every rank must not grow after its first quarter.
"""
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import time

from workshop import DRAGOMAN, TOP, Workshop, check, mpirun

RANKS = 8
SAMPLE_SECONDS = 0.5
KEPT = 3 + 1 + 1 + 1  # keep_last, the best, the one resumed from, one that has just been committed
SETTINGS = ["validation={every_steps: 100, metric: loss, patience: 0}", "checkpoint={every_steps: 25, keep_last: 3}"]


class SupervisedRun:
    """`dragoman train` on 8 ranks under launch/supervise.sh."""

    def __init__(self, workshop, name, steps):
        self.folder = workshop.folder / name
        command = [TOP / "launch/supervise.sh", *mpirun(RANKS), DRAGOMAN, "train", workshop.configuration]
        for setting in (f"run={self.folder}", f"training.max_steps={steps}", *SETTINGS):
            command += ["--set", setting]
        environment = dict(os.environ, DRAGOMAN_RESTARTS="100000", DRAGOMAN_BACKOFF_SECONDS="0")
        self.log = open(workshop.folder / f"{name}.log", "w", encoding="utf-8")
        self.process = subprocess.Popen([str(part) for part in command], stdout=self.log, stderr=self.log,
                                        env=environment)

    def ranks(self):
        """Process numbers of the ranks that live."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0] == str(DRAGOMAN).encode() and f"run={self.folder}".encode() in words:
                found.append(int(entry.name))
        return sorted(found)

    def step(self):
        """That of the newest checkpoint."""
        return max((int(path.stem[5:]) for path in (self.folder / "checkpoints").glob("step-*.h5")), default=0)

    def end(self):
        status = self.process.wait()
        self.log.close()
        check(status == 0, f"{self.folder.name} ended with {status}: " + pathlib.Path(self.log.name).read_text()[-3000:])


def usage(process):
    """Resident memory in MiB and open files of a process; nothing where it has ended."""
    try:
        pages = int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(os.listdir(f"/proc/{process}/fd"))
    except (OSError, IndexError):
        return None


def undisturbed(workshop, steps):
    """Runs to the end; returns what it uses after the first quarter and at the end, medians over the ranks."""
    run = SupervisedRun(workshop, "undisturbed", steps)
    samples = []
    while run.process.poll() is None:
        time.sleep(SAMPLE_SECONDS)
        found = [use for use in map(usage, run.ranks()) if use]
        if len(found) == RANKS:
            samples.append((run.step(), [statistics.median(values) for values in zip(*found)]))
    run.end()
    later = [use for step, use in samples if step >= steps / 4]
    check(len(later) >= 4, f"the run is too short to watch: {len(later)} samples after its first quarter")
    return later[0], later[-1]


def disturbed(workshop, steps, draw):
    """Kills a rank at random instants until the run is through; returns kills and what the folder held at most."""
    run = SupervisedRun(workshop, "disturbed", steps)
    kills = newest = most_files = most_bytes = 0
    next_kill = time.monotonic() + draw.uniform(1, 12)
    while run.process.poll() is None:
        time.sleep(SAMPLE_SECONDS / 5)
        step = run.step()
        check(step >= newest, f"the newest checkpoint went from {newest} back to {step}")
        newest = step
        sizes = []
        for path in (run.folder / "checkpoints").glob("*"):
            try:
                sizes.append(path.stat().st_size)
            except OSError:
                pass  # it was renamed or deleted meanwhile
        most_files, most_bytes = max(most_files, len(sizes)), max(most_bytes, sum(sizes))
        ranks = run.ranks()
        if time.monotonic() >= next_kill and ranks:
            os.kill(draw.choice(ranks), signal.SIGKILL)
            kills += 1
            next_kill = time.monotonic() + draw.uniform(1, 12)
    run.end()
    check(most_files <= KEPT, f"the folder held {most_files} checkpoints")
    return kills, most_files, most_bytes


def main(steps, seed):
    with Workshop() as workshop:
        before, after = undisturbed(workshop, steps)
        check(after[0] <= 1.05 * before[0] + 2, f"memory grew from {before[0]:.1f} to {after[0]:.1f} MiB a rank")
        check(after[1] <= before[1], f"open files grew from {before[1]:.0f} to {after[1]:.0f} a rank")
        kills, files, size = disturbed(workshop, steps, random.Random(seed))
        check(kills > 0, "no rank was killed; take more steps")
        for compare in (workshop.parameters_hash, workshop.metrics):
            check(compare("disturbed") == compare("undisturbed"), f"the disturbed run has other {compare.__name__}")
    print(f"seed {seed}: {steps} steps on {RANKS} ranks, undisturbed with {before[0]:.1f} MiB and {before[1]:.0f} files a "
          f"rank after a quarter and {after[0]:.1f} MiB and {after[1]:.0f} files at the end; disturbed by {kills} kills, "
          f"with at most {files} checkpoints of {size / 2**20:.1f} MiB together; equal parameters and metrics")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600, int(sys.argv[2]) if len(sys.argv) > 2 else 1)

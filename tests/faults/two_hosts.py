#!/usr/bin/env python3
"""Trains on two hosts, made of network namespaces, over TCP: alike, slowed down, with the link cut and restored, and cut.

    two_hosts.py        as root, with iproute2

On one host and on two the parameters are the same, also over a link of 1 Gbit/s and one that was down for some seconds. A
link that stays down ends the job within the configured time, with a message that names the rank behind it.
"""
import pathlib
import subprocess
import sys
import threading
import time

from workshop import FAULTY_TRAIN, Workshop, check

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import hosts  # noqa: E402

PATIENCE = 8


def train(workshop, name, settings=()):
    """One rank on each host."""
    command = [*hosts.mpirun_on_both(workshop.folder), FAULTY_TRAIN, workshop.configuration,
               "--set", f"run={workshop.folder / name}"]
    for setting in [f"training.exchange_timeout_seconds={PATIENCE}", *settings]:
        command += ["--set", setting]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=180, check=False)


def main():
    if hosts.missing():
        print(f"SKIPPED: two_hosts.py: {hosts.missing()}")
        return
    longer = ["training.max_steps=400"]
    with Workshop() as workshop, hosts.two_hosts():
        check(workshop.train("one-host", 2, settings=longer).returncode == 0, "the run on one host")
        expected = workshop.parameters_hash("one-host")

        def expect_same(name, what):
            start = time.monotonic()
            done = train(workshop, name, longer)
            check(done.returncode == 0, f"{what}: status {done.returncode}: {done.stderr}")
            check(workshop.parameters_hash(name) == expected, f"{what}: other parameters")
            print(f"{what}: the parameters of one host, after {time.monotonic() - start:.1f} s")

        expect_same("two-hosts", "two hosts")
        hosts.limit_links("1gbit")
        expect_same("slow", "two hosts joined by 1 Gbit/s")
        timers = [threading.Timer(3, hosts.link, ["down"]), threading.Timer(6, hosts.link, ["up"])]
        for timer in timers:
            timer.start()
        expect_same("cut", "link down for 3 s")
        timer = threading.Timer(3, hosts.link, ["down"])
        timer.start()
        start = time.monotonic()
        done = train(workshop, "lost", ["training.max_steps=100000"])
        seconds = time.monotonic() - start
        check(done.returncode not in (0, 75), f"a lost link: status {done.returncode}")
        check(seconds < 3 + 4 * PATIENCE, f"a lost link: it took {seconds:.0f} s")
        print(f"link lost: ended with status {done.returncode} after {seconds:.1f} s: "
              f"{[line for line in done.stderr.splitlines() if 'rank' in line or 'daemon' in line][:2]}")
        hosts.link("up")


if __name__ == "__main__":
    sys.exit(main())

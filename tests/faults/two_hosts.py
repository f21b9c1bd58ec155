#!/usr/bin/env python3
"""Trains on two hosts, made of network namespaces, over TCP: alike, slowed down, with the link cut and restored, and cut.

    two_hosts.py        as root, with iproute2

On one host and on two the parameters are the same, also over a link of 1 Gbit/s and one that was down for some seconds. A
link that stays down ends the job within the configured time, with a message that names the rank behind it.
"""
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time

from workshop import FAULTY_TRAIN, Workshop, check, run

HOSTS = ("10.77.0.1", "10.77.0.2")
NAMES = ("dragoman-host1", "dragoman-host2")
BRIDGE = "dragoman-bridge"[:15]
PATIENCE = 8


def ip(*arguments):
    run(["ip", *arguments])


@contextlib.contextmanager
def two_hosts():
    """Two namespaces with an address each, joined by a bridge."""
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("link", "set", BRIDGE, "up")
        for number, (name, address) in enumerate(zip(NAMES, HOSTS)):
            ip("netns", "add", name)
            ip("link", "add", f"dgm-out{number}", "type", "veth", "peer", "name", f"dgm-in{number}")
            ip("link", "set", f"dgm-in{number}", "netns", name)
            ip("link", "set", f"dgm-out{number}", "master", BRIDGE, "up")
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "address", "add", f"{address}/24", "dev", f"dgm-in{number}")
            ip("-n", name, "link", "set", f"dgm-in{number}", "up")
        yield
    finally:
        for number, name in enumerate(NAMES):
            pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False).stdout
            for pid in pids.split():  # of a job whose end could not be told across the lost link
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
            subprocess.run(["ip", "link", "delete", f"dgm-out{number}"], capture_output=True, check=False)
        subprocess.run(["ip", "link", "delete", BRIDGE], capture_output=True, check=False)


def train(workshop, name, settings=()):
    """One rank on each host."""
    agent = workshop.folder / "agent.sh"
    agent.write_text(f"""#!/bin/sh
host=$1
shift
case $host in {HOSTS[0]}) name={NAMES[0]} ;; *) name={NAMES[1]} ;; esac
exec ip netns exec $name sh -c "$*"
""")
    agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
    command = ["ip", "netns", "exec", NAMES[0], "env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
               "mpirun", "--mca", "plm_rsh_agent", agent, "--mca", "btl", "tcp,self",
               "--mca", "btl_tcp_if_include", "10.77.0.0/24", "--mca", "oob_tcp_if_include", "10.77.0.0/24",
               "--mca", "oob_tcp_keepalive_time", "5", "--mca", "oob_tcp_keepalive_intvl", "2",
               "--mca", "oob_tcp_keepalive_probes", "2",
               "--host", f"{HOSTS[0]}:1,{HOSTS[1]}:1", "-n", "2", "--bind-to", "none",
               FAULTY_TRAIN, workshop.configuration, "--set", f"run={workshop.folder / name}"]
    for setting in [f"training.exchange_timeout_seconds={PATIENCE}", *settings]:
        command += ["--set", setting]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=180, check=False)


def link(state):
    ip("link", "set", "dgm-out1", state)


def main():
    if os.getuid() != 0 or shutil.which("ip") is None or shutil.which("tc") is None:
        print("SKIPPED: two_hosts.py needs root, ip and tc (iproute2)")
        return
    longer = ["training.max_steps=400"]
    with Workshop() as workshop, two_hosts():
        check(workshop.train("one-host", 2, settings=longer).returncode == 0, "the run on one host")
        expected = workshop.parameters_hash("one-host")

        def expect_same(name, what):
            start = time.monotonic()
            done = train(workshop, name, longer)
            check(done.returncode == 0, f"{what}: status {done.returncode}: {done.stderr}")
            check(workshop.parameters_hash(name) == expected, f"{what}: other parameters")
            print(f"{what}: the parameters of one host, after {time.monotonic() - start:.1f} s")

        expect_same("two-hosts", "two hosts")
        run(["tc", "qdisc", "add", "dev", "dgm-out1", "root", "tbf", "rate", "1gbit", "burst", "1mb", "latency", "50ms"])
        expect_same("slow", "two hosts joined by 1 Gbit/s")
        timers = [threading.Timer(3, link, ["down"]), threading.Timer(6, link, ["up"])]
        for timer in timers:
            timer.start()
        expect_same("cut", "link down for 3 s")
        timer = threading.Timer(3, link, ["down"])
        timer.start()
        start = time.monotonic()
        done = train(workshop, "lost", ["training.max_steps=100000"])
        seconds = time.monotonic() - start
        check(done.returncode not in (0, 75), f"a lost link: status {done.returncode}")
        check(seconds < 3 + 4 * PATIENCE, f"a lost link: it took {seconds:.0f} s")
        print(f"link lost: ended with status {done.returncode} after {seconds:.1f} s: "
              f"{[line for line in done.stderr.splitlines() if 'rank' in line or 'daemon' in line][:2]}")
        link("up")


if __name__ == "__main__":
    sys.exit(main())

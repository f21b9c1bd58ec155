"""Two hosts on one machine: network namespaces joined by a bridge, and jobs with ranks on both. As root, with iproute2."""
import contextlib
import os
import pathlib
import shutil
import signal
import stat
import subprocess

HOSTS = ("10.77.0.1", "10.77.0.2")
NAMES = ("dragoman-host1", "dragoman-host2")
BRIDGE = "dragoman-bridge"[:15]


def missing():
    """Why there can be no hosts here; nothing where there can."""
    if os.getuid() != 0 or shutil.which("ip") is None or shutil.which("tc") is None:
        return "it needs root, ip and tc (iproute2)"
    return ""


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


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


def link(state):
    """The second host's link: "up" or "down"."""
    ip("link", "set", "dgm-out1", state)


def limit_links(rate):
    """What each host gets, and with it what the other gives, such as "1gbit"."""
    for number in range(len(HOSTS)):
        subprocess.run(["tc", "qdisc", "add", "dev", f"dgm-out{number}", "root", "tbf", "rate", rate,
                        "burst", "1mb", "latency", "50ms"], check=True)


def mpirun_on_both(folder, ranks_per_host=1):
    """The beginning of a command with so many ranks on each host; `folder` is for a script that starts them."""
    agent = pathlib.Path(folder) / "agent.sh"
    agent.write_text(f"""#!/bin/sh
host=$1
shift
case $host in {HOSTS[0]}) name={NAMES[0]} ;; *) name={NAMES[1]} ;; esac
exec ip netns exec $name sh -c "$*"
""")
    agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
    return ["ip", "netns", "exec", NAMES[0], "env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
            "mpirun", "--mca", "plm_rsh_agent", str(agent), "--mca", "btl", "tcp,self",
            "--mca", "btl_tcp_if_include", "10.77.0.0/24", "--mca", "oob_tcp_if_include", "10.77.0.0/24",
            "--mca", "oob_tcp_keepalive_time", "5", "--mca", "oob_tcp_keepalive_intvl", "2",
            "--mca", "oob_tcp_keepalive_probes", "2",
            "--host", ",".join(f"{host}:{ranks_per_host}" for host in HOSTS), "-n", str(ranks_per_host * len(HOSTS)),
            "--bind-to", "none"]

#!/usr/bin/env python3
"""Times training on two hosts, made of network namespaces, joined by a link of 1 Gbit/s and by one without a limit, and sets
beside each figure what `dragoman plan` predicts from a rank alone.

    two_hosts.py CONFIG [STEPS]        as root, with iproute2, on an otherwise idle machine of 2 cores

Every rank and step has 8,192 tokens in 4 micro-batches. CONFIG must be prepared already. Four ranks, two on a core, compute
at half the rate; their prediction begins from that.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/support"))
import hosts  # noqa: E402

DRAGOMAN = pathlib.Path(os.environ.get("DRAGOMAN_BUILD", TOP / "build/release")) / "dragoman"
LINKS = {"1gbit": 1.0, None: 20.0}  # Gbit/s; without a limit, about what TCP between namespaces carries


def output(command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def measure(prefix, configuration, ranks, steps, precision):
    batch = f"batch={{tokens: {8192 * ranks}, micro_batches: {4 * ranks}}}"
    return json.loads(output([*prefix, DRAGOMAN, "benchmark", configuration, "--steps", steps, "--set", batch,
                              "--set", f"training.gradient_precision={precision}"]))


def predict(figures, precision, gbit, ranks):
    """The step that `dragoman plan` expects of two hosts with `ranks` in all."""
    lines = output([DRAGOMAN, "plan", "--json", "--compute-ms", figures["compute_ms_per_step"],
                    "--deviation-ms", figures["compute_ms_deviation"], "--update-ms", figures["update_ms_per_step"],
                    "--parameters", figures["parameters"], "--gradient-precision", precision, "--link-gbit", gbit,
                    "--ranks-per-node", ranks // 2])
    return next(line for line in map(json.loads, lines.splitlines()) if line["ranks"] == ranks)


def main():
    if hosts.missing():
        sys.exit(f"two_hosts.py: {hosts.missing()}")
    configuration, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    alone = measure([], configuration, 1, steps, "f32")
    print(f"alone: {alone['ms_per_step']:.0f} ms a step, {alone['target_tokens_per_second']:.0f} target tokens/s")
    for rate, gbit in LINKS.items():
        with tempfile.TemporaryDirectory() as folder, hosts.two_hosts():
            if rate:
                hosts.limit_links(rate)
            for ranks in (2, 4):
                for precision in ("f32", "bf16"):
                    prefix = hosts.mpirun_on_both(folder, ranks // 2)
                    found = measure(prefix, configuration, ranks, steps, precision)
                    start = alone if ranks == 2 else dict(found, compute_ms_deviation=alone["compute_ms_deviation"])
                    expected = predict(start, precision, gbit, ranks)
                    efficiency = found["target_tokens_per_second"] / alone["target_tokens_per_second"] / 2
                    print(f"{ranks} ranks, {rate or 'no limit'}, gradients in {precision}: {found['ms_per_step']:.0f} ms a step, "
                          f"efficiency {efficiency:.3f} of two cores, compute {found['compute_ms_per_step']:.0f}, "
                          f"update {found['update_ms_per_step']:.0f} ms; predicted {expected['predicted_ms_per_step']:.0f} ms "
                          f"({expected['predicted_ms_per_step'] / found['ms_per_step']:.3f} of it)", flush=True)


if __name__ == "__main__":
    main()

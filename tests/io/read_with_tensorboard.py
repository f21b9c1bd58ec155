#!/usr/bin/env python3
"""Reads RUN/tensorboard with TensorBoard's own reader and compares it with RUN/metrics.jsonl: read_with_tensorboard.py RUN

Needs `pip install tensorboard`, TensorFlow not; without it, says so and does nothing.
"""
import json
import pathlib
import struct
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    print("read_with_tensorboard.py: skipped, for there is no TensorBoard (pip install tensorboard)")
    sys.exit(0)


def expected_scalars(path):
    scalars = {}
    for line in map(json.loads, path.read_text().splitlines()):
        figures = {name: value for name, value in line.items() if isinstance(value, float)}
        for rank, value in enumerate(line.get("target_tokens_per_second_of_ranks", [])):
            figures[f"target_tokens_per_second_of_ranks/{rank}"] = value
        for name, value in figures.items():
            as_float = struct.unpack("<f", struct.pack("<f", value))[0]
            scalars.setdefault(f"{line['kind']}/{name}", []).append((line["step"], as_float))
    return scalars


def read_scalars(folder):
    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    reader.Reload()
    return {tag: [(event.step, event.value) for event in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


run = pathlib.Path(sys.argv[1])
expected, found = expected_scalars(run / "metrics.jsonl"), read_scalars(run / "tensorboard")
for tag in sorted(expected.keys() | found.keys()):
    if expected.get(tag) != found.get(tag):
        sys.exit(f"{tag} of {run}: metrics.jsonl has {expected.get(tag)}, TensorBoard reads {found.get(tag)}")
if not expected:
    sys.exit(f"{run}/metrics.jsonl has no figures")
files = len(list((run / "tensorboard").iterdir()))
points = sum(map(len, found.values()))
print(f"TensorBoard reads {points} values under {len(found)} tags from {files} files, those of metrics.jsonl")

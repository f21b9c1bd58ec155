#!/usr/bin/env python3
"""Damages files of a run COUNT times, bit flips and truncations, and sees that each is detected or makes no difference.

    damage.py [COUNT] [SEED]        default 200, seed 1

The damage is spread over the user block, HDF5's metadata, offsets and tensors of checkpoints and shards, the manifest and
the tokenizer. A command that uses the file must then refuse it in one sentence that names it (exit status 1 or 2), or give
what it gives with the undamaged file. It may not crash or hang.
"""
import collections
import random
import subprocess
import sys

import h5py

from workshop import DRAGOMAN, Workshop, check

SECONDS = 60


def regions(path):
    """Byte ranges of a sealed file by kind: user block, metadata, offsets, tensors (all other datasets)."""
    ranges = {"user block": [(0, 512)], "offsets": [], "tensors": []}
    taken = []
    with h5py.File(path, "r") as file:
        def add(name, item):
            if isinstance(item, h5py.Dataset) and item.size and item.id.get_offset() is not None:
                begin = item.id.get_offset()
                end = begin + item.id.get_storage_size()
                taken.append((begin, end))
                ranges["offsets" if name.endswith(("offsets", "slots")) else "tensors"].append((begin, end))
        file.visititems(add)
    at = 512
    ranges["metadata"] = []
    for begin, end in sorted(taken) + [(path.stat().st_size, 0)]:
        if begin > at:
            ranges["metadata"].append((at, begin))
        at = max(at, end)
    return {kind: found for kind, found in ranges.items() if found}


def damaged(data, ranges, draw):
    """The data with a bit of one of the ranges flipped, or cut off there, and a description."""
    begin, end = draw.choice(ranges)
    at = draw.randrange(begin, end)
    if draw.random() < 0.25:
        return data[:at], f"cut at byte {at}"
    bit = draw.randrange(8)
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:], f"bit {bit} of byte {at} flipped"


def main(count, seed):
    draw = random.Random(seed)
    detected = collections.Counter()
    harmless = collections.Counter()
    with Workshop() as workshop:
        check(workshop.train("run", settings=["training.max_steps=10"]).returncode == 0, "a run to damage")
        checkpoint = workshop.folder / "run/checkpoints/step-00000010.h5"
        corpus = workshop.folder / "corpus"
        sentence = "the train leaves at half past seven\n"
        # What uses each file, and all of what it says: parameters, tensors, token counts, translations, scores.
        use_checkpoint = [[DRAGOMAN, "inspect", checkpoint], [DRAGOMAN, "translate", checkpoint]]
        use_corpus = [[DRAGOMAN, "evaluate", workshop.folder / "run", "--split", "valid", "--beam", "1", "--json"],
                      [DRAGOMAN, "benchmark", workshop.configuration, "--steps", "1"]]
        inspect_corpus = [[DRAGOMAN, "inspect", path] for path in sorted(corpus.glob("*.h5"))[:1]]
        targets = []
        for path, uses in ((checkpoint, use_checkpoint), (corpus / "train-00003-of-00016.h5", use_corpus[1:]),
                           (next(corpus.glob("valid-*.h5")), use_corpus[:1])):
            targets += [(path, kind, ranges, uses) for kind, ranges in regions(path).items()]
        for name in ("manifest.yaml", "tokenizer.model"):
            path = corpus / name
            targets.append((path, name, [(0, path.stat().st_size)], use_corpus + inspect_corpus))

        def outcome(uses):
            """Statuses and outputs; the timings of a benchmark left out."""
            results = []
            for command in uses:
                done = subprocess.run([str(part) for part in command], input=sentence, capture_output=True, text=True,
                                      timeout=SECONDS, check=False)
                out = "" if "benchmark" in command else done.stdout
                results.append((done.returncode, out, done.stderr))
            return results

        undamaged = [[(status, out) for status, out, _ in outcome(uses)] for _, _, _, uses in targets]
        for number in range(count):
            path, kind, ranges, uses = targets[number % len(targets)]
            expected = undamaged[number % len(targets)]
            data = path.read_bytes()
            changed, what = damaged(data, ranges, draw)
            what = f"{path.name}, {kind}: {what}"
            path.write_bytes(changed)
            results = outcome(uses)
            path.write_bytes(data)
            for status, _, errors in results:
                check(status in (0, 1, 2), f"{what}: status {status}: {errors}")
            if any(status != 0 for status, _, _ in results):
                texts = [errors for status, _, errors in results if status != 0]
                check(all(path.name in text or "corpus" in text for text in texts), f"{what}: not named in {texts}")
                detected[kind] += 1
            else:
                check([(status, out) for status, out, _ in results] == expected, f"{what}: other results, not a word")
                harmless[kind] += 1
    kinds = dict.fromkeys(kind for _, kind, _, _ in targets)
    print(f"seed {seed}: {count} damaged files, "
          + ", ".join(f"{detected[kind]} of {detected[kind] + harmless[kind]} in {kind} detected" for kind in kinds)
          + "; the rest changed no result")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 1)

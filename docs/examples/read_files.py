#!/usr/bin/env python3
"""Reads Dragoman's shards, checkpoints and soft alignments with h5py: read_files.py FILE...

docs/file-formats.md describes what is read here. Import the functions, or run the file to print a summary.
"""
import struct
import sys

import h5py

MAGIC = b"Dragoman\r\n\x1a\n"
KINDS = {1: "shard", 2: "checkpoint", 3: "soft alignments"}


def read_seal(path):
    """The 512-byte user block in front of the HDF5 data, as a dictionary."""
    with open(path, "rb") as file:
        block = file.read(512)
    if len(block) < 512 or not block.startswith(MAGIC):
        raise ValueError(f"{path} is not a Dragoman file")
    kind, version, _, content_bytes = struct.unpack_from("<IIIQ", block, 12)
    return {
        "kind": KINDS[kind],
        "version": version,
        "content_bytes": content_bytes,
        "content_hash": block[32:48].hex(),
        "seal_hash": block[496:512].hex(),
    }


def text(value):
    """A fixed-length string, which h5py gives as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)


def slices(values, offsets):
    """The runs of a flat array: run i is values[offsets[i]:offsets[i + 1]]."""
    return [values[start:end] for start, end in zip(offsets[:-1], offsets[1:])]


def read_shard(path):
    """Attributes, and for each side the sentences' ids and, in valid and test shards, their raw text."""
    with h5py.File(path, "r") as file:
        shard = {name: text(value) if value.dtype.kind == "S" else int(value) for name, value in file.attrs.items()}
        shard["origin"] = text(file["origin"][()])
        shard["pair_ids"] = file["pair_ids"][()].tolist()
        for side in ("source", "target"):
            group = file[side]
            shard[side] = [run.tolist() for run in slices(group["ids"][()], group["offsets"][()])]
            if "text" in group:
                runs = slices(group["text"][()], group["text_offsets"][()])
                shard[side + "_text"] = [run.tobytes().decode() for run in runs]
    return shard


def read_soft_alignments(path):
    """For each translation its line, its pieces, and the weights as an array (target pieces, source pieces)."""
    with h5py.File(path, "r") as file:
        sides = {}
        for side in ("source", "target"):
            group = file[side]
            pieces = [run.tobytes().decode() for run in slices(group["pieces"][()], group["piece_offsets"][()])]
            sides[side] = slices(pieces, group["offsets"][()])
        return [{"line": int(line), "source": source, "target": target,
                 "weights": weights.reshape(len(target), len(source))}
                for line, source, target, weights in zip(file["lines"][()], sides["source"], sides["target"],
                                                         slices(file["weights"][()], file["weight_offsets"][()]))]


def tensors(group):
    """All float32 datasets below a group, by name; a '/' in a name is a group of its own."""
    found = {}
    group.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def read_checkpoint(path):
    with h5py.File(path, "r") as file:
        state = {name: text(value) if value.dtype.kind == "S" else value.item()
                 for name, value in file["state"].attrs.items()}
        return {
            "state": state,
            "slots": file["state/slots"][()].tolist(),
            "configuration": text(file["configuration"][()]),
            "tokenizer": {side: data[()].tobytes() for side, data in file["tokenizer"].items()},
            "versions": {name: text(value) for name, value in file["versions"].attrs.items()},
            "parameters_hash": text(file["parameters"].attrs["parameters_hash"]),
            "parameters": tensors(file["parameters"]),
            "optimizer": tensors(file["optimizer"]),
            "average": tensors(file["average"]) if "average" in file else {},
        }


def parameters_hash_input(parameters):
    """The bytes whose XXH3-128 is parameters_hash."""
    parts = []
    for name in sorted(parameters, key=str.encode):
        values = parameters[name]
        parts += [name.encode(), struct.pack(f"<{values.ndim}q", *values.shape), values.astype("<f4").tobytes()]
    return b"".join(parts)


def main(paths):
    for path in paths:
        kind = read_seal(path)["kind"]
        print(f"{path}: {kind}")
        if kind == "shard":
            shard = read_shard(path)
            print(f"  {shard['split']}, {shard['pairs']} pairs, {shard['source_tokens']} source and "
                  f"{shard['target_tokens']} target tokens")
        elif kind == "soft alignments":
            for alignment in read_soft_alignments(path):
                print(f"  line {alignment['line']}: {' '.join(alignment['source'])} -> {' '.join(alignment['target'])}")
        else:
            checkpoint = read_checkpoint(path)
            print(f"  step {checkpoint['state']['step']}, parameters_hash {checkpoint['parameters_hash']}")
            for name, values in checkpoint["parameters"].items():
                print(f"  {name} {values.shape}")


if __name__ == "__main__":
    main(sys.argv[1:])

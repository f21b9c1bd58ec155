#!/usr/bin/env python3
"""Reads what write_example_files wrote as docs/file-formats.md says: read_with_h5py.py PROGRAM EXAMPLES FOLDER

Every value is compared with those of tests/io/example_files.cpp. Hashes are computed by libxxhash through ctypes.
"""
import ctypes
import ctypes.util
import math
import os
import pathlib
import struct
import subprocess
import sys
import unittest

PROGRAM, EXAMPLES, FOLDER = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
sys.path.insert(0, EXAMPLES)
sys.dont_write_bytecode = True
import h5py  # noqa: E402
import read_files  # noqa: E402


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def xxh3_128(data):
    library = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
    library.XXH3_128bits.restype = Hash128
    library.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    value = library.XXH3_128bits(data, len(data))
    return f"{value.high:016x}{value.low:016x}"


class FileFormats(unittest.TestCase):
    def test_seal_holds_length_and_hashes(self):
        for name, kind in (("valid.h5", "shard"), ("step-00012000.h5", "checkpoint"),
                           ("soft.h5", "soft alignments")):
            data = (FOLDER / name).read_bytes()
            seal = read_files.read_seal(FOLDER / name)
            self.assertEqual((seal["kind"], seal["version"]), (kind, 1))
            self.assertEqual(seal["content_bytes"], len(data) - 512)
            self.assertEqual(seal["content_hash"], xxh3_128(data[512:]))
            self.assertEqual(seal["seal_hash"], xxh3_128(data[:496]))

    def test_valid_shard(self):
        shard = read_files.read_shard(FOLDER / "valid.h5")
        self.assertEqual(shard, {
            "split": "valid", "source_language": "en", "target_language": "de",
            "source_tokenizer_hash": "00112233445566778899aabbccddeeff",
            "target_tokenizer_hash": "ffeeddccbbaa99887766554433221100",
            "source_vocabulary": 300, "target_vocabulary": 70000,
            "pairs": 3, "source_tokens": 4, "target_tokens": 5, "origin": "val.en val.de", "pair_ids": [0, 1, 5],
            "source": [[4, 5, 1], [], [299]], "target": [[69999], [6, 7, 8], [4]],
            "source_text": ["a man", "", "hat"], "target_text": ["ein Mann", "über", "Hüte"],
        })

    def test_types_and_histogram(self):
        with h5py.File(FOLDER / "valid.h5", "r") as file:
            self.assertEqual(file.userblock_size, 512)
            self.assertEqual((file["source/ids"].dtype, file["target/ids"].dtype), ("<u2", "<i4"))
            self.assertEqual(file["source/offsets"].dtype, "<i8")
            self.assertEqual(file["source/length_histogram"][()].tolist(), [1, 1, 0, 1])
        with h5py.File(FOLDER / "train.h5", "r") as file:
            self.assertEqual(sorted(file["source"]), ["ids", "length_histogram", "offsets"])
            self.assertEqual(file["source/length_histogram"][()].tolist(), [0, 6, 6, 6, 6, 6, 5, 5])

    def test_checkpoint(self):
        checkpoint = read_files.read_checkpoint(FOLDER / "step-00012000.h5")
        self.assertEqual(checkpoint["state"], {
            "step": 12000, "epoch": 3, "seed": 0xfedcba9876543210, "best_score": 35.25, "best_step": 11800,
            "validations_without_best": 1, "schedule_scale": 0.125, "schedule_bad_validations": 2, "finished": 1,
            "target_tokens": 123456789012,
            "window_smoothed": 1234.5, "window_nll": 1000.25, "window_target_tokens": 512.0,
            "corpus_hash": "0123456789abcdef0123456789abcdef",
        })
        self.assertEqual(checkpoint["slots"], [[3, 1, 17], [3, 2, 0]])
        self.assertEqual(checkpoint["configuration"], "run: runs/täst\nseed: 1\n")
        self.assertEqual(checkpoint["tokenizer"], {"source": b"model\0with zeros\0"})
        self.assertEqual(checkpoint["versions"], {"dragoman": "0.1.0", "isa": "avx2"})
        parameters = checkpoint["parameters"]
        self.assertEqual({name: values.shape for name, values in parameters.items()}, {
            "encoder.forward.weight": (2, 3), "decoder/bias": (3,), "attention.scale": (), "unused": (0, 4)})
        self.assertEqual(parameters["encoder.forward.weight"].tolist(), [[-1, -0.5, 0], [0.5, 1, 1.5]])
        self.assertEqual(parameters["decoder/bias"].tobytes(), struct.pack("<IIf", 0x7fc12345, 0x80000000, math.inf))
        self.assertEqual(list(checkpoint["optimizer"]), ["adam.first_moment"])
        self.assertEqual({name: values.tolist() for name, values in checkpoint["average"].items()},
                         {"decoder/bias": [1, 2, 3]})
        self.assertEqual(checkpoint["parameters_hash"], xxh3_128(read_files.parameters_hash_input(parameters)))

    def test_soft_alignments(self):
        with h5py.File(FOLDER / "soft.h5", "r") as file:
            self.assertEqual((file["weights"].dtype, file["source/pieces"].dtype), ("<f4", "u1"))
        first, second, empty, end = read_files.read_soft_alignments(FOLDER / "soft.h5")
        self.assertEqual((first["line"], first["source"], first["target"]),
                         (0, ["\u2581a", "\u2581man", "</s>"], ["\u2581Mann", "</s>"]))
        self.assertEqual(first["weights"].tolist(), [[0.25, 0.75, 0], [0, 0.125, 0.875]])
        self.assertEqual((second["line"], second["target"]), (0, ["\u2581\u00fcber"]))
        self.assertEqual(second["weights"].tolist(), [[1, 0, 0]])
        self.assertEqual((empty["line"], empty["source"], empty["target"]), (1, [], []))
        self.assertEqual(empty["weights"].shape, (0, 0))
        self.assertEqual((end["line"], end["weights"].tolist()), (2, [[1]]))

    def test_the_recipe_of_the_documentation(self):
        page = pathlib.Path(EXAMPLES).parent / "file-formats.md"
        recipe = page.read_text().split("```python\n")[1].split("```")[0]
        found = {}
        os.chdir(FOLDER)
        exec(recipe, found)
        self.assertEqual((found["source"], found["target"]),
                         (["\u2581a", "\u2581man", "</s>"], ["\u2581Mann", "</s>"]))
        self.assertEqual(found["weights"].tolist(), [[0.25, 0.75, 0], [0, 0.125, 0.875]])


if __name__ == "__main__":
    subprocess.run([PROGRAM, str(FOLDER)], check=True)
    unittest.main(argv=sys.argv[:1])

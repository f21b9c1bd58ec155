#!/usr/bin/env python3
"""Errors in any thread of any rank: one message, status 1, no rank left waiting, and a restart that loses nothing.

    errors.py

Main threads throw in every phase; a worker thread finds its slot's shard damaged; ranks that see another corpus or run
on another kind of processor are found before the first step. (Of the thread that writes checkpoints: storage.py.)
"""
import os
import pathlib
import shutil
import time

from workshop import FAULTY_TRAIN, STOPPED, Workshop, check, run_together

LONGEST_SECONDS = 30  # start-up and, where a rank fails alone, the moments in which the others may still join


def check_failure(done, seconds, what, *expected):
    messages = [line for line in done.stderr.splitlines() if "dragoman: " in line]
    check(done.returncode == 1, f"{what}: status {done.returncode}: {done.stderr}")
    check(len(messages) == 1, f"{what}: {len(messages)} messages: {done.stderr}")
    for text in expected:
        check(text in messages[0], f"{what}: the message lacks \"{text}\": {messages[0]}")
    check(seconds < LONGEST_SECONDS, f"{what}: it took {seconds:.0f} s")
    print(f"{what}: \"{messages[0]}\" after {seconds:.1f} s")


def timed(function, *arguments, **options):
    start = time.monotonic()
    return function(*arguments, **options), time.monotonic() - start


def main_threads(workshop, expected):
    for ranks, rank, phase, entry in ((2, 1, "starting", 1), (4, 2, "computing", 7), (4, 0, "exchanging", 12),
                                      (2, 1, "validating", 1), (4, 0, "saving", 2), (4, 3, "saving", 3)):
        done, seconds = timed(workshop.train, "main", ranks, f"throw {rank} {phase} {entry} 0")
        check_failure(done, seconds, f"rank {rank} of {ranks}, {phase}", f"rank {rank}", "a planned error")
    check(workshop.train("main", 2).returncode == 0, "the last restart")
    check((workshop.parameters_hash("main"), workshop.metrics("main")) == expected, "it ends otherwise")


def worker_thread(workshop, expected):
    """Slots 4 to 7 of 8 are rank 1's, and of its two threads one takes each; shards are read as their turn comes."""
    shard = workshop.folder / "corpus/train-00013-of-00016.h5"
    aside = shard.with_suffix(".aside")
    settings = ["training.threads=2"]
    stopped = workshop.train("worker", 2, settings=[*settings, "training.time_limit_minutes=1.0e-9"])
    check(stopped.returncode == STOPPED, stopped.stderr)
    # The length is compared at the start, the content when the shard is read.
    shutil.copy(shard, aside)
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    done, seconds = timed(workshop.train, "worker", 2, settings=settings)
    check_failure(done, seconds, "worker thread of rank 1", "rank 1", shard.name)
    os.replace(aside, shard)
    check(workshop.train("worker", 4, settings=settings).returncode == 0, "the restart")
    check(workshop.parameters_hash("worker") == expected[0], "it ends otherwise")


def other_corpus(workshop):
    """Ranks in folders of their own, where one relative name means two corpora."""
    for rank, pairs in ((0, 600), (1, 500)):
        folder = workshop.folder / f"node-{rank}"
        folder.mkdir()
        text = [f"corpus.{split}={{source: {folder}/text/{split}.en, target: {folder}/text/{split}.de}}"
                for split in ("train", "valid", "test")]
        workshop.dragoman("phrasebook", "--pairs", pairs, "--seed", 3, "--out", folder / "text")
        workshop.dragoman("prepare", workshop.configuration, "--set", f"corpus.directory={folder}/corpus",
                          *[part for setting in text for part in ("--set", setting)])
        shutil.rmtree(folder / "text")
    command = [FAULTY_TRAIN, workshop.configuration, "--set", "corpus.directory=corpus", "--set",
               f"run={workshop.folder}/nodes"]
    for split in ("train", "valid", "test"):
        command += ["--set", f"corpus.{split}={{source: gone/{split}.en, target: gone/{split}.de}}"]
    done, seconds = timed(run_together, [["-wdir", workshop.folder / f"node-{rank}", *command] for rank in (0, 1)])
    check_failure(done, seconds, "another corpus on rank 1", "rank 1 has another corpus")
    check(not pathlib.Path(workshop.folder, "nodes/checkpoints").exists(), "it trained")


def other_processor(workshop):
    command = [FAULTY_TRAIN, workshop.configuration, "--set", f"run={workshop.folder}/mixed"]
    mixed = [["-x", f"DNNL_MAX_CPU_ISA={isa}", *command] for isa in ("AVX2", "SSE41")]
    done, seconds = timed(run_together, mixed)
    check_failure(done, seconds, "another instruction set on rank 1", "rank 1 has another oneDNN instruction set (sse41)")
    check(not pathlib.Path(workshop.folder, "mixed/checkpoints").exists(), "it trained")
    limited = run_together([[*part, "--set", "training.isa=sse41"] for part in mixed])
    check(limited.returncode == 0, f"with training.isa: {limited.stderr}")


def main():
    with Workshop() as workshop:
        expected = workshop.undisturbed()
        main_threads(workshop, expected)
        worker_thread(workshop, expected)
        other_corpus(workshop)
        other_processor(workshop)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Kills random ranks of training runs until COUNT have died, and compares every run's end with an undisturbed one.

    kills.py [COUNT] [SEED]        default 20 kills, seed 1

Phases take turns, so that each gets a fifth of the kills: start-up, computing a step, exchanging, validating, saving.
Every killed job is started again on 1, 2, 4 or 8 ranks and must go on by itself; when it has reached the last step, its
parameters and metrics.jsonl must be those of a run that nobody disturbed.
"""
import collections
import random
import sys

from workshop import Workshop, check

PHASES = ("starting", "computing", "exchanging", "validating", "saving")
LAST_ENTRY = {"starting": 1, "computing": 20, "exchanging": 20, "validating": 1, "saving": 3}
LONGEST_DELAY = {"starting": 200_000, "computing": 20_000, "exchanging": 5_000, "validating": 200_000, "saving": 20_000}
KILLS_A_RUN = 5


def main(count, seed):
    draw = random.Random(seed)
    died = collections.Counter()
    planned = 0
    with Workshop() as workshop:
        expected = workshop.undisturbed()
        runs = 0
        while sum(died.values()) < count:
            runs += 1
            name = f"run-{runs}"
            for _ in range(KILLS_A_RUN):
                phase = PHASES[planned % len(PHASES)]
                planned += 1
                ranks = draw.choice((1, 2, 4, 8))
                fault = (f"kill {draw.randrange(ranks)} {phase} {draw.randint(1, LAST_ENTRY[phase])} "
                         f"{draw.randint(0, LONGEST_DELAY[phase])}")
                before = workshop.checkpoints(name)
                done = workshop.train(name, ranks, fault)
                if done.returncode == 0:
                    break  # it was through before its fault came
                check("dragoman: " not in done.stderr, f"{fault} on {ranks} ranks: {done.stderr}")
                died[phase] += 1
                after = workshop.checkpoints(name)
                check(not before or after[-1] >= before[-1], f"checkpoints {before} became {after} after {fault}")
            done = workshop.train(name, draw.choice((1, 2, 4, 8)))
            check(done.returncode == 0, f"{name} did not end: {done.stderr}")
            check(workshop.parameters_hash(name) == expected[0], f"{name} has other parameters")
            check(workshop.metrics(name) == expected[1], f"{name} has other metrics")
    print(f"seed {seed}: {sum(died.values())} ranks killed in {runs} runs, "
          + ", ".join(f"{died[phase]} {phase}" for phase in PHASES)
          + "; every run ended with the parameters and metrics of an undisturbed one")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, int(sys.argv[2]) if len(sys.argv) > 2 else 1)

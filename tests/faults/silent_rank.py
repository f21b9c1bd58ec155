#!/usr/bin/env python3
"""A rank that stops answering (SIGSTOP) is named by the others within the configured time; slow work raises no alarm.

    silent_rank.py
"""
import re
import time

from workshop import Workshop, check

PATIENCE = 4


def main():
    with Workshop() as workshop:
        limit = [f"training.exchange_timeout_seconds={PATIENCE}"]
        for ranks, phase, entry in ((2, "exchanging", 5), (4, "computing", 7), (4, "validating", 1)):
            start = time.monotonic()
            done = workshop.train(f"stopped-{phase}", ranks, f"stop {ranks - 1} {phase} {entry} 0", limit)
            seconds = time.monotonic() - start
            check(done.returncode == 1, f"{phase}: status {done.returncode}: {done.stderr}")
            named = re.search(r"rank 0 of \d+: (.*): rank (\d+) has not answered", done.stderr)
            check(named and int(named.group(2)) == ranks - 1, f"{phase}: the silent rank is not named: {done.stderr}")
            check(seconds < 4 * PATIENCE + 10, f"{phase}: it took {seconds:.0f} s")
            print(f"stopped while {phase}, rank {ranks - 1} of {ranks}: \"{named.group(0)}\" after {seconds:.1f} s in all")
        # Validation with a wide beam takes several times the patience, unequally shared; nobody is missed.
        slow = ["validation.beam=120", "validation.every_steps=10", "training.max_steps=20",
                "training.exchange_timeout_seconds=4"]
        start = time.monotonic()
        done = workshop.train("slow", 3, settings=slow, timeout=300)
        check(done.returncode == 0, f"slow validation: {done.stderr}")
        print(f"slow validations on 3 ranks with a patience of 4 s: no alarm in {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()

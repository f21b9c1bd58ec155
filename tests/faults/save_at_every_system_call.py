#!/usr/bin/env python3
"""Kills the writing of a small checkpoint at each of its system calls, one after another until it gets through.

    save_at_every_system_call.py

strace delivers SIGKILL at one call after the other. Whenever that is, the run folder must then hold the old checkpoint, or the
old and the new one, each whole; what is left beside them must go with the next start of training.
"""
import collections
import subprocess

from workshop import BUILD, Workshop, check

SAVE_ONCE = BUILD / "tests/save_once"
OLD, NEW = 2, 4


def strace(options, checkpoint):
    """Saves the checkpoint again as that of step NEW, under strace."""
    return subprocess.run(["strace", "-qq", *map(str, options), SAVE_ONCE, checkpoint, str(NEW)], capture_output=True,
                          text=True, check=False)


def system_calls(folder, checkpoint):
    """All calls of one save: their names, each with its ordinal among calls of that name, as strace counts."""
    log = folder / "calls"
    check(strace(["-o", log], checkpoint).returncode == 0, "a save that nobody disturbs")
    counts = collections.Counter()
    calls = []
    for line in log.read_text().splitlines():
        name = line.split("(")[0]
        if name.isidentifier() and name not in ("execve", "exit_group"):  # before it begins, after it has ended
            counts[name] += 1
            calls.append((name, counts[name]))
    return calls


def main():
    with Workshop() as workshop:
        check(workshop.train("run", settings=[f"training.max_steps={OLD}"]).returncode == 0, "the first checkpoint")
        folder = workshop.folder / "run/checkpoints"
        old = folder / f"step-{OLD:08d}.h5"
        new = folder / f"step-{NEW:08d}.h5"
        expected = workshop.parameters_hash("run")
        calls = system_calls(workshop.folder, old)
        new.unlink()
        committed = leftovers = 0
        for number, (name, ordinal) in enumerate(calls):
            done = strace(["-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={ordinal}"], old)
            what = f"killed at call {number}, {name} number {ordinal}"
            check(done.returncode in (0, 137, -9), f"{what}: status {done.returncode}: {done.stderr}")
            check(old.exists(), f"{what}: the old checkpoint is gone")
            committed += new.exists() and done.returncode != 0
            leftovers += any(".partial-" in path.name for path in folder.iterdir())
            # The newest good one is the old or the new one, which hold the same parameters.
            check(workshop.parameters_hash("run") == expected, f"{what}: another checkpoint is found")
            new.unlink(missing_ok=True)
            if number % 10:  # now and then they stay, for more than one to pile up
                for path in folder.glob("*.partial-*"):
                    path.unlink()
        check(leftovers > 0 and committed > 0, "no kill came while the file was written or after it was committed")
        more = workshop.train("run", settings=["training.max_steps=6"])
        check(more.returncode == 0, f"training does not go on: {more.stderr}")
        check(not any(".partial-" in path.name for path in folder.iterdir()), "leftovers are still there")
    print(f"killed at each of {len(calls)} system calls: {leftovers} times with a partial file left, {committed} times with "
          "the new checkpoint committed; a complete one was found every time")


if __name__ == "__main__":
    main()

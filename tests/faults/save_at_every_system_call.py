#!/usr/bin/env python3
"""Kills the writing of a small checkpoint at each of its system calls, one after another until it gets through.

    save_at_every_system_call.py

strace delivers SIGKILL at the N-th system call. Whenever that is, the run folder must then hold the old checkpoint, or the
old and the new one, each whole; what is left beside them must go with the next start of training.
"""
import subprocess

from workshop import BUILD, Workshop, check

SAVE_ONCE = BUILD / "tests/save_once"
OLD, NEW = 2, 4


def main():
    with Workshop() as workshop:
        check(workshop.train("run", settings=[f"training.max_steps={OLD}"]).returncode == 0, "the first checkpoint")
        folder = workshop.folder / "run/checkpoints"
        old = folder / f"step-{OLD:08d}.h5"
        new = folder / f"step-{NEW:08d}.h5"
        expected = workshop.parameters_hash("run")
        calls = committed = leftovers = 0
        while True:
            calls += 1
            done = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=all", "-e",
                                   f"inject=all:signal=KILL:when={calls}", SAVE_ONCE, old, str(NEW)],
                                  capture_output=True, text=True, check=False)
            check(done.returncode in (0, 137, -9), f"call {calls}: status {done.returncode}: {done.stderr}")
            check(old.exists(), f"the old checkpoint is gone after call {calls}")
            committed += new.exists()
            leftovers += any(".partial-" in path.name for path in folder.iterdir())
            # The newest one, or a message and the one before: inspect takes the newest good one.
            check(workshop.parameters_hash("run") == expected, f"another checkpoint is found after call {calls}")
            new.unlink(missing_ok=True)
            if done.returncode == 0:
                break
            for path in folder.iterdir():
                if ".partial-" in path.name and calls % 50:
                    path.unlink()  # now and then they stay, for more than one to pile up
        check(leftovers > 0 and committed > 0, "no kill came while the file was written or after it was committed")
        more = workshop.train("run", settings=["training.max_steps=6"])
        check(more.returncode == 0, f"training does not go on: {more.stderr}")
        check(not any(".partial-" in path.name for path in folder.iterdir()), "leftovers are still there")
    print(f"killed at each of {calls - 1} system calls: {leftovers} left a partial file, {committed - 1} the committed new "
          "checkpoint; a complete one was found after every one")


if __name__ == "__main__":
    main()

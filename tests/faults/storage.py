#!/usr/bin/env python3
"""A run folder that fills up, becomes read-only or vanishes: the checkpoints before stay intact, the message is clear,
training stops or goes on as checkpoint.on_error says, and once mended the run ends like an undisturbed one.

    storage.py        as root, for it mounts file systems
"""
import os
import subprocess

from workshop import Workshop, check, run


class SmallDisk:
    """A file system of its own under a run's checkpoints, unmounted at the end of a `with` block."""

    def __init__(self, folder, bytes_):
        self.folder = folder
        folder.mkdir(parents=True)
        run(["mount", "-t", "tmpfs", "-o", f"size={bytes_}", "tmpfs", folder])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.folder)], check=False)

    def change(self, options):
        run(["mount", "-o", f"remount,{options}", self.folder])


def check_refused(workshop, name, done, reason, on_error, kept):
    what = f"{name}, {on_error}"
    check(done.returncode == 1, f"{what}: status {done.returncode}: {done.stderr}")
    check(reason in done.stderr, f"{what}: it does not say \"{reason}\": {done.stderr}")
    goes_on = "training goes on without this checkpoint" in done.stderr
    check(goes_on == (on_error == "keep_going"), f"{what}: {done.stderr}")
    check(workshop.checkpoints(name) == kept, f"{what}: {workshop.checkpoints(name)} are left, expected {kept}")
    verified = workshop.dragoman("inspect", "--verify", workshop.folder / name / "checkpoints" / f"step-{kept[-1]:08}.h5")
    check("parameters_hash" in verified, verified)
    message = next(line for line in done.stderr.splitlines() if reason in line)
    print(f"{what}: \"{message}\"")


def check_mended(workshop, name, expected):
    done = workshop.train(name, 2)
    check(done.returncode == 0, f"{name}, mended: {done.stderr}")
    check(workshop.parameters_hash(name) == expected, f"{name} ends otherwise")


def full(workshop, expected, size):
    """Room for one checkpoint and a half."""
    for on_error in ("stop", "keep_going"):
        name = f"full-{on_error}"
        with SmallDisk(workshop.folder / name / "checkpoints", size * 3 // 2) as disk:
            done = workshop.train(name, 2, settings=[f"checkpoint.on_error={on_error}"])
            check_refused(workshop, name, done, "No space left on device", on_error, [10])
            left = [path.name for path in disk.folder.iterdir()]
            check(left == ["step-00000010.h5"], f"{name}: it left {left}")
            disk.change(f"size={size * 8}")
            check_mended(workshop, name, expected)


def read_only(workshop, expected, size):
    for on_error in ("stop", "keep_going"):
        name = f"read-only-{on_error}"
        with SmallDisk(workshop.folder / name / "checkpoints", size * 8) as disk:
            first = workshop.train(name, 2, settings=["training.time_limit_minutes=1.0e-9"])
            check(first.returncode == 75, first.stderr)
            disk.change("ro")
            done = workshop.train(name, 2, settings=[f"checkpoint.on_error={on_error}"])
            check_refused(workshop, name, done, "Read-only file system", on_error, [1])
            disk.change("rw")
            check_mended(workshop, name, expected)


def vanished(workshop, expected):
    for on_error in ("stop", "keep_going"):
        name = f"vanished-{on_error}"
        folder, moved = workshop.folder / name, workshop.folder / f"{name}.moved"
        done = workshop.train(name, 2, "move 0 computing 15 0", settings=[f"checkpoint.on_error={on_error}"])
        check(not folder.exists(), f"{name}: it made the folder again, without what had been in it")
        os.rename(moved, folder)
        check_refused(workshop, name, done, "No such file or directory", on_error, [10])
        check_mended(workshop, name, expected)


def main():
    if os.getuid() != 0:
        print("skipped: mounting file systems needs root")
        return
    with Workshop() as workshop:
        expected, _ = workshop.undisturbed()
        size = (workshop.folder / "undisturbed/checkpoints/step-00000060.h5").stat().st_size
        full(workshop, expected, size)
        read_only(workshop, expected, size)
        vanished(workshop, expected)


if __name__ == "__main__":
    main()

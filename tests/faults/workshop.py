"""What the programs in this folder share: a small corpus, training runs under mpirun with a planned fault, comparisons."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DRAGOMAN_BUILD", TOP / "build/dev"))
DRAGOMAN = BUILD / "dragoman"
FAULTY_TRAIN = BUILD / "tests/faulty_train"
STOPPED = 75

CONFIGURATION = """
run: {folder}/run
seed: 7
corpus:
  directory: {folder}/corpus
  train: {{source: {folder}/text/train.en, target: {folder}/text/train.de}}
  valid: {{source: {folder}/text/valid.en, target: {folder}/text/valid.de}}
  test: {{source: {folder}/text/test.en, target: {folder}/text/test.de}}
  tokenizer: {{model: bpe, vocabulary: 400}}
  shards: 16
model:
  embedding: 32
  encoder: {{units: 64}}
  decoder: {{units: 64}}
  attention: {{units: 32}}
  readout: 32
  tied_output: true
  dropout: 0.2
batch: {{tokens: 2400, micro_batches: 8, pool_shards: 1}}
training:
  max_steps: 60
  optimizer: {{type: adam, learning_rate: 3.0e-3}}
  schedule: {{type: plateau, warmup_steps: 5, patience: 1}}
  label_smoothing: 0.1
  average_decay: 0.9
  exchange_timeout_seconds: 20
validation: {{every_steps: 20, metric: bleu, patience: 4}}
checkpoint: {{every_steps: 10, keep_last: 3}}
logging: {{every_steps: 5}}
"""


class Workshop:
    """A folder of its own with text, corpus and configuration; removed at the end of a `with` block."""

    def __init__(self, pairs=600):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dragoman-faults-"))
        self.configuration = self.folder / "train.yaml"
        self.configuration.write_text(CONFIGURATION.format(folder=self.folder))
        self.dragoman("phrasebook", "--pairs", pairs, "--seed", 3, "--out", self.folder / "text")
        self.dragoman("prepare", self.configuration)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def train(self, name, ranks=1, fault=None, settings=(), timeout=120, prefix=()):
        """Trains into the run folder `name`; returns the finished process, output as text."""
        command = [*prefix, *mpirun(ranks), FAULTY_TRAIN, self.configuration, "--set", f"run={self.folder / name}"]
        for setting in settings:
            command += ["--set", setting]
        environment = dict(os.environ, DRAGOMAN_FAULT=fault) if fault else None
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout,
                              env=environment, check=False)

    def undisturbed(self):
        """Trains into the run folder `undisturbed`; returns what any other run must end with: parameters and metrics."""
        done = self.train("undisturbed")
        check(done.returncode == 0, f"the undisturbed run: {done.stderr}")
        return self.parameters_hash("undisturbed"), self.metrics("undisturbed")

    @staticmethod
    def dragoman(*arguments):
        """Runs a command of the program that must succeed; returns what it prints."""
        return run([DRAGOMAN, *arguments]).stdout

    def parameters_hash(self, name):
        text = self.dragoman("inspect", self.folder / name)
        return re.search(r"^parameters_hash: ([0-9a-f]{32})$", text, re.MULTILINE).group(1)

    def metrics(self, name):
        """metrics.jsonl without what depends on the clock."""
        lines = [json.loads(line) for line in (self.folder / name / "metrics.jsonl").read_text().splitlines()]
        for line in lines:
            line.pop("target_tokens_per_second", None)
            line.pop("target_tokens_per_second_of_ranks", None)
        return lines

    def checkpoints(self, name):
        """Steps that have a checkpoint, oldest first."""
        return sorted(int(path.stem[5:]) for path in (self.folder / name / "checkpoints").glob("step-*.h5"))


def mpirun(ranks):
    """The beginning of a command on so many ranks of this machine."""
    root = ["env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"] if os.getuid() == 0 else []
    return [*root, "mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)]


def run_together(commands, timeout=120):
    """One job in which every rank has a command of its own, options of mpirun in front."""
    together = mpirun(1)
    for number, command in enumerate(commands):
        together += [":", "-n", "1"] * (number > 0) + [str(part) for part in command]
    return subprocess.run(together, capture_output=True, text=True, timeout=timeout, check=False)


def run(command, **options):
    """Runs a command that must succeed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def check(holds, message):
    """Ends the program where something does not hold."""
    if not holds:
        raise SystemExit(f"FAILED: {message}")

#!/usr/bin/env python3
"""Translates with a Dragoman checkpoint in eager PyTorch, a sentence at a time, for comparison with `dragoman translate`:

    OMP_NUM_THREADS=1 taskset -c 0 python3 beam_search_in_pytorch.py CHECKPOINT < source.en > translation.de

The model is that of configs/multi30k-en-de.yaml: one layer a side, a dense bridge, additive attention, tied output. The
search is Dragoman's: 2 x beam candidates a step, scores divided by the length, done with as many finished as the beam
is wide. Prints sentences a second to standard error; the text is made pieces and text again outside of the time.
"""
import argparse
import subprocess
import sys
import tempfile
import time

import h5py
import torch

BEGIN, END = 2, 3


class Model:
    def __init__(self, checkpoint):
        with h5py.File(checkpoint) as file:
            group = file["average"] if "average" in file else file["parameters"]
            self.of = {name: torch.from_numpy(tensor[()]) for name, tensor in group.items()}
            self.tokenizer = file["tokenizer/source"][()].tobytes()
        self.encoder = self.lstm(torch.nn.LSTM, ["encoder.0.forward", "encoder.0.backward"], ["", "_reverse"],
                                 bidirectional=True)
        self.decoder = self.lstm(torch.nn.LSTMCell, ["decoder.0"], [""])

    def lstm(self, kind, names, suffixes, **options):
        (inputs, gates), units = self.of[names[0] + ".input_weights"].shape, self.of[names[0] + ".bias"].shape[1] // 4
        assert gates == 4 * units
        module = kind(inputs, units, **options)
        layer = "_l0" if kind is torch.nn.LSTM else ""
        for name, suffix in zip(names, suffixes):
            for parameter, value in (("weight_ih", self.of[name + ".input_weights"].T),
                                     ("weight_hh", self.of[name + ".recurrent_weights"].T),
                                     ("bias_ih", self.of[name + ".bias"][0]), ("bias_hh", torch.zeros(gates))):
                getattr(module, parameter + layer + suffix).data.copy_(value)
        return module

    def dense(self, name, x):
        return torch.addmm(self.of[name + ".bias"], x, self.of[name + ".weights"])

    def encode(self, ids):
        values, (hidden, cell) = self.encoder(self.of["source.embedding"][ids])
        first = [torch.tanh(self.dense(f"bridge.0.{kind}", state.reshape(1, -1)))
                 for kind, state in (("hidden", hidden), ("cell", cell))]
        return values, self.dense("attention.key", values), first

    def step(self, previous, state, keys, values):
        hidden, cell = self.decoder(self.of["target.embedding"][previous], state)
        query = self.dense("attention.query", hidden)
        scores = torch.tanh(query.unsqueeze(1) + keys) @ self.of["attention.score_weights"][:, 0]
        context = torch.softmax(scores, -1) @ values
        readout = torch.tanh(self.dense("readout", torch.cat((hidden, context), -1)))
        logits = torch.addmm(self.of["output.bias"], readout, self.of["target.embedding"].T)
        return torch.log_softmax(logits, -1), (hidden, cell)


def search(model, ids, beam):
    values, keys, state = model.encode(torch.tensor(ids))
    running, scores, finished = [[]], torch.zeros(1), []
    previous = torch.tensor([BEGIN])
    for _ in range(2 * (len(ids) - 1) + 10):
        log_probabilities, state = model.step(previous, state, keys, values)
        log_probabilities[:, :END] = -torch.inf
        vocabulary = log_probabilities.shape[1]
        best, places = torch.topk((scores.unsqueeze(1) + log_probabilities).flatten(), 2 * beam)
        hypotheses, parents, kept = [], [], []
        for rank, (score, place) in enumerate(zip(best.tolist(), places.tolist())):
            parent, token = divmod(place, vocabulary)
            if token == END:
                if rank < beam:
                    finished.append((score / (len(running[parent]) + 1), running[parent]))
            else:
                hypotheses.append(running[parent] + [token])
                parents.append(parent)
                kept.append(score)
            if len(hypotheses) == beam:
                break
        if len(finished) >= beam:
            break
        running, scores = hypotheses, torch.tensor(kept)
        previous = torch.tensor([hypothesis[-1] for hypothesis in running])
        state = tuple(part[parents] for part in state)
    finished = finished or [(score / len(ids), ids) for score, ids in zip(scores.tolist(), running)]
    return max(finished, key=lambda pair: pair[0])[1]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint")
    arguments.add_argument("--beam", type=int, default=5)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    model = Model(options.checkpoint)
    with tempfile.NamedTemporaryFile() as tokenizer:
        tokenizer.write(model.tokenizer)
        tokenizer.flush()

        def run(program, text, *formats):
            command = [program, "--model", tokenizer.name, *formats]
            return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout

        sources = [[int(piece) for piece in line.split()] + [END]
                   for line in run("spm_encode", sys.stdin.read(), "--output_format", "id").splitlines()]
        with torch.inference_mode():
            start = time.perf_counter()
            translations = [search(model, ids, options.beam) for ids in sources]
            seconds = time.perf_counter() - start
        pieces = "\n".join(" ".join(map(str, ids)) for ids in translations) + "\n"
        sys.stdout.write(run("spm_decode", pieces, "--input_format", "id"))
    print(f"PyTorch {torch.__version__}: {len(sources)} sentences in {seconds:.1f} s, "
          f"{len(sources) / seconds:.1f} a second", file=sys.stderr)


if __name__ == "__main__":
    main()

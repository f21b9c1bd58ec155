#!/usr/bin/env python3
"""Times additive attention without its projections in eager PyTorch, for comparison with layers_benchmark:

    OMP_NUM_THREADS=1 taskset -c 0 python3 attention_in_pytorch.py

One line for each size: B sentences of S=T steps, 512 units, median milliseconds forward and backward.
"""
import statistics
import time

import torch

UNITS, ROUNDS = 512, 11


def attend(query, keys, values, v):
    score = torch.tanh(query.unsqueeze(2) + keys.unsqueeze(1)) @ v
    return torch.bmm(torch.softmax(score, -1), values)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    for sentences, steps in ((64, 24), (32, 100)):
        query, keys, values, grad = (torch.randn(sentences, steps, UNITS) for _ in range(4))
        v = torch.randn(UNITS) * 0.05
        inputs = [tensor.requires_grad_() for tensor in (query, keys, values, v)]
        forward, backward = [], []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            context = attend(*inputs)
            middle = time.perf_counter()
            torch.autograd.grad(context, inputs, grad)
            forward.append(middle - start)
            backward.append(time.perf_counter() - middle)
        print(f"PyTorch {torch.__version__}, B={sentences} S=T={steps} U={UNITS}: "
              f"forward {1e3 * statistics.median(forward):.1f} ms, backward {1e3 * statistics.median(backward):.1f} ms")


if __name__ == "__main__":
    main()

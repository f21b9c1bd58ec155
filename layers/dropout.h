#pragma once

#include <cstdint>

#include "layers/tensor.h"

namespace dragoman {

/// Multiplies each value of x (N,C) by 0 with probability `rate`, else by 1 / (1 - rate)  (Srivastava et al. 2014).
/// Which ones is a function of (key, row, column) alone; the same call on the gradient is the backward pass. `rate` is
/// taken to the nearest 1/65536; 0 leaves x alone.
/// @throws std::invalid_argument for a rate outside [0, 1).
///
/// Value (n, c) draws 16 bits of philox(key, {16 (c div 128) + c mod 16, n, n >> 32, 0}): its word w / 2 for
/// w = (c mod 128) div 16, the low half for even w.
/// @param first_row where x lies in a larger tensor: its row 0 draws as that tensor's row first_row does
void dropout(View x, double rate, std::uint64_t key, std::int64_t first_row = 0);

/// Drops whole rows of x, and scales the rest: row n as dropout() does with its value (n, 0).
void row_dropout(View x, double rate, std::uint64_t key);

/// One place of a model where values are dropped. A rate of 0: none are.
struct DropoutKey {
  double rate = 0;
  std::uint64_t key = 0;
};

/// The dropout of one micro-batch: where at which rate, and the key that the places' keys come from. All 0 in
/// validation and search.
struct Dropouts {
  double embedding = 0;  // values of the embeddings
  double words = 0;      // tokens, whose embedding is dropped as a whole  (Gal & Ghahramani 2016, arXiv:1512.05287)
  double layers = 0;  // values of what goes from layer to layer: the encoder's outputs, self-attention's, the decoder's
  double recurrent = 0;  // values of hidden states, on the way to the next step: the same ones at every step (ibid.)
  double attention = 0;  // attention weights  (Vaswani et al. 2017's code; the rest of a row is not scaled to sum to 1)
  double readout = 0;    // values of the output layer's input
  std::uint64_t key = 0;  // of (seed, step, slot)
};

}  // namespace dragoman

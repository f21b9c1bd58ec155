#pragma once

#include <cstdint>

#include "layers/tensor.h"

namespace dragoman::kernels {

/// One time step of an LSTM for `rows` sentences of H hidden units, after the products with its weights:
/// i, f, o = sigmoid, g = tanh of input projection + recurrent product + bias (in the order i, f, g, o);
/// c := f c + i g; h := o tanh(c)  (Hochreiter & Schmidhuber 1997; forget gate of Gers et al. 2000).
struct LstmStep {
  std::int64_t rows, hidden;
  const std::int64_t* token;  // (rows) each sentence's row in the tensors over all N tokens
  const float* recurrent;     // (rows, 4H) h_{t-1} times the recurrent weights
  const float* bias;          // (4H)
  float* gates;               // (N, 4H) in: input projection; out: i, f, g, o
  float* previous_hidden;     // (N, H) out: h_{t-1}
  float* previous_cell;       // (N, H) out: c_{t-1}
  View output;                // (N, H) out: h_t
  float* hidden_state;        // (rows, H) in: h_{t-1}; out: h_t
  float* cell_state;          // (rows, H) in: c_{t-1}; out: c_t
};
void lstm_step(const LstmStep& step);

/// h := o tanh(gain * normalized + bias) instead, `normalized` being c_t after layer normalisation, for one sentence.
/// @param gates (4H) i, f, g, o
void normalized_lstm_output(std::int64_t hidden, const float* gates, const float* normalized, const float* gain,
                            const float* bias, float* hidden_state);

/// The same backwards.
struct NormalizedLstmOutputBackward {
  std::int64_t hidden;
  const float* gates;        // (4H)
  const float* normalized;   // (H)
  float inverse_deviation;   // that c_t was multiplied with
  const float* gain;         // (H)
  const float* bias;         // (H)
  const float* grad_output;  // (H) gradient of h_t
  float* grad_hidden;        // (H) in: the same, from step t+1; out: gradient of o
  float* grad_cell;          // (H) added to: gradient of c_t
  float* grad_gain;          // (H) added to
  float* grad_bias;          // (H) added to
};
void normalized_lstm_output_backward(const NormalizedLstmOutputBackward& output);

/// The step backwards.
struct LstmStepBackward {
  std::int64_t rows, hidden;
  const std::int64_t* token;
  float* gates;                // (N, 4H) in: i, f, g, o; out: gradient of what they were computed from
  const float* previous_cell;  // (N, H)
  ConstView grad_output;       // (N, H)
  const float* grad_hidden;    // (rows, H) gradient of h_t from step t+1, or as `normalized` says
  float* grad_cell;            // (rows, H) in: gradient of c_t from step t+1; out: of c_{t-1}
  float* grad_gates;           // (rows, 4H) out: the gates' gradient once more, without gaps
  float* grad_bias;            // (4H) added to
  // Whether h_t was made by normalized_lstm_output(), whose backward pass came before: then grad_output is not looked
  // at, grad_hidden is the gradient of o, and grad_cell all of that of c_t.
  bool normalized;
};
void lstm_step_backward(const LstmStepBackward& step);

}  // namespace dragoman::kernels

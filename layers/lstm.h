#pragma once

#include <string_view>

#include "layers/parameters.h"
#include "layers/time_steps.h"

namespace dragoman {

/// Hidden and cell state of some sentences, (B, H) each; empty views stand for zeros, or for a gradient nobody wants.
struct LstmState {
  View hidden, cell;
};
struct ConstLstmState {
  ConstView hidden, cell;
  ConstLstmState() = default;
  ConstLstmState(ConstView hidden_state, ConstView cell_state) : hidden(hidden_state), cell(cell_state) {}
  ConstLstmState(const LstmState& state) : hidden(state.hidden), cell(state.cell) {}
};

/// Memory that the LSTM layers of one worker share.
struct LstmScratch {
  Tensor recurrent, hidden, cell;  // by sentence in TimeSteps::order(), rows rounded up for PackedProduct
  Tensor grad_gates;
  PackedProduct product;
};

/// One LSTM layer in one direction: z = x Wx + h Wh + b; i, f, o = sigmoid(z), g = tanh(z); c := f c + i g;
/// h := o tanh(c)  (Hochreiter & Schmidhuber 1997; forget gate of Gers et al. 2000). Gate order i, f, g, o.
///
/// B sentences, N tokens, I input, H hidden. The input's product runs once over all tokens; each time step then
/// multiplies the states of the sentences still running, and one kernel does the rest.
class Lstm {
 public:
  struct Dims {
    std::int64_t input, hidden;
  };
  struct Initializers {
    Initializer input, recurrent;
    double forget_bias;
  };
  /// What backward needs of forward.
  struct Saved {
    Tensor gates;                           // (N, 4H) after their non-linearities
    Tensor previous_hidden, previous_cell;  // (N, H) the states each token started from
  };

  /// Parameters NAME.input_weights (I,4H), NAME.recurrent_weights (H,4H), NAME.bias (1,4H).
  Lstm(ParameterLayout& layout, std::string_view name, Dims dims, const Initializers& initializers);

  /// @param x (N,I)  @param initial (B,H)  @param output (N,H)  @param last (B,H) state after each sentence's last
  /// token
  /// @throws ShapeError where the shapes do not fit.
  void forward(const Parameters& parameters, ConstView x, const TimeSteps& steps, Direction direction,
               ConstLstmState initial, View output, LstmState last, Saved& saved, LstmScratch& scratch) const;

  /// Adds to the parameters' gradients; overwrites grad_initial; writes grad_x, or adds to it, as `grad_x_output` says
  /// (an empty grad_x: nobody wants it). Uses `saved` up.
  void backward(const Parameters& parameters, const Gradients& gradients, ConstView x, const TimeSteps& steps,
                Direction direction, ConstView grad_output, ConstLstmState grad_last, Saved& saved, View grad_x,
                Output grad_x_output, LstmState grad_initial, LstmScratch& scratch) const;

  const Dims& dims() const { return dims_; }

 private:
  Dims dims_;
  ParameterId input_weights_, recurrent_weights_, bias_;
  PackedId recurrent_packed_, recurrent_transposed_packed_;
};

}  // namespace dragoman

#pragma once

#include <optional>
#include <string_view>

#include "layers/dropout.h"
#include "layers/lstm_normalization.h"
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

/// Memory of an LSTM pass, which layers that run one after another share. By sentence in TimeSteps::order(), rows
/// rounded up for PackedProduct.
struct LstmScratch {
  Tensor hidden, cell;   // states, or their gradients
  Tensor fed, grad_fed;  // (rows, F) one step's fed input and its gradient
  Tensor recurrent, grad_gates;
  Tensor fed_product, grad_fed_product;  // (rows, 4H) of a normalised layer
  PackedProduct product;
};

/// One LSTM layer in one direction: z = x Wx + h Wh + b; i, f, o = sigmoid(z), g = tanh(z); c := f c + i g;
/// h := o tanh(c)  (Hochreiter & Schmidhuber 1997; forget gate of Gers et al. 2000). Gate order i, f, g, o.
///
/// B sentences, N tokens, I input, F fed input, H hidden. The input's product runs once over all tokens; each time step
/// then multiplies the states of the sentences still running, and one kernel does the rest. A fed input is one that is
/// not known before the step it belongs to; it follows the input in x. LstmNormalization says what a normalised layer
/// computes instead.
class Lstm {
 public:
  struct Dims {
    std::int64_t input, hidden;
    std::int64_t fed = 0;
    bool normalized = false;
  };
  struct Initializers {
    Initializer input, recurrent;
    double forget_bias;
  };
  /// What backward needs of forward.
  struct Saved {
    Tensor gates;                           // (N, 4H) after their non-linearities
    Tensor previous_hidden, previous_cell;  // (N, H) the states each token started from
    Tensor fed;                             // (N, F)
    LstmNormalization::Saved normalization;
  };

  /// Parameters NAME.input_weights (I+F,4H), NAME.recurrent_weights (H,4H), NAME.bias (1,4H), and those of
  /// LstmNormalization.
  Lstm(ParameterLayout& layout, std::string_view name, Dims dims, const Initializers& initializers);

  /// @param x (N,I)  @param initial (B,H)  @param output (N,H)  @param last (B,H) state after each sentence's last
  /// token  @param recurrent dropout on hidden states as the next step reads them: the same values at every step, those
  /// of row k for the sentence that is k-th in TimeSteps::order(); backward takes the same
  /// @throws ShapeError where the shapes do not fit, or for a layer with a fed input.
  void forward(const Parameters& parameters, ConstView x, const TimeSteps& steps, Direction direction,
               ConstLstmState initial, View output, LstmState last, Saved& saved, LstmScratch& scratch,
               DropoutKey recurrent = {}) const;

  /// Adds to the parameters' gradients; overwrites grad_initial; writes grad_x, or adds to it, as `grad_x_output` says
  /// (an empty grad_x: nobody wants it). Uses `saved` up.
  void backward(const Parameters& parameters, const Gradients& gradients, ConstView x, const TimeSteps& steps,
                Direction direction, ConstView grad_output, ConstLstmState grad_last, Saved& saved, View grad_x,
                Output grad_x_output, LstmState grad_initial, LstmScratch& scratch, DropoutKey recurrent = {}) const;

  // The same step by step, arguments as above; nobody else may use the scratch meanwhile.

  /// First start(), then step() for t = 0, 1 …, then finish().
  void start(const Parameters& parameters, ConstView x, const TimeSteps& steps, ConstLstmState initial, Saved& saved,
             LstmScratch& scratch) const;
  /// Reads the running sentences' fed input from the first rows of scratch.fed (rows, F), and leaves their hidden
  /// states in those of scratch.hidden (rows, H), both in TimeSteps::order().
  void step(const Parameters& parameters, const TimeSteps& steps, Direction direction, std::int64_t t, View output,
            Saved& saved, LstmScratch& scratch, DropoutKey recurrent = {}) const;
  void finish(const TimeSteps& steps, LstmState last, const LstmScratch& scratch) const;

  /// First start_backward(), then step_backward() from the last step to the first, then finish_backward().
  void start_backward(const TimeSteps& steps, ConstLstmState grad_last, const Saved& saved, LstmScratch& scratch) const;
  /// Leaves the gradient of the running sentences' fed input in the first rows of scratch.grad_fed (rows, F).
  void step_backward(const Parameters& parameters, const Gradients& gradients, const TimeSteps& steps,
                     Direction direction, std::int64_t t, ConstView grad_output, Saved& saved, LstmScratch& scratch,
                     DropoutKey recurrent = {}) const;
  void finish_backward(const Parameters& parameters, const Gradients& gradients, ConstView x, const TimeSteps& steps,
                       const Saved& saved, View grad_x, Output grad_x_output, LstmState grad_initial,
                       const LstmScratch& scratch) const;

  const Dims& dims() const { return dims_; }

 private:
  void require_known_input() const;

  Dims dims_;
  ParameterId input_weights_, recurrent_weights_, bias_;
  PackedId recurrent_packed_, recurrent_transposed_packed_;
  PackedId fed_packed_, fed_transposed_packed_;  // unused where F = 0
  std::optional<LstmNormalization> normalization_;
};

}  // namespace dragoman

#pragma once

#include <string_view>

#include "layers/parameters.h"

namespace dragoman {

/// Layer normalisation in an LSTM's cell  (Ba et al. 2016, arXiv:1607.06450, equations 20 to 22): the products with the
/// input and with the hidden state are normalised apart, z = g_x * N(x Wx) + g_h * N(h Wh) + b, and the cell state on
/// its way out, h = o tanh(g_c * N(c) + b_c). A fed input's product belongs to the input's. N tokens, H hidden; a
/// step's rows are its running sentences, whose tokens' rows of tensors over all N `token` tells.
class LstmNormalization {
 public:
  /// What backward needs of forward.
  struct Saved {
    Tensor input, recurrent;    // (N, 4H) normalised products; after backward `recurrent` holds the product's gradient
    Tensor cell;                // (N, H) normalised cell states
    Tensor inverse_deviations;  // (N, 3) of these
  };
  /// One step's rows.
  struct Step {
    std::int64_t rows;
    const std::int64_t* token;  // (rows)
  };

  /// Parameters NAME.input_gain and NAME.recurrent_gain (1,4H), NAME.cell_gain and NAME.cell_bias (1,H).
  LstmNormalization(ParameterLayout& layout, std::string_view name, std::int64_t hidden);

  void start(std::int64_t tokens, Saved& saved) const;
  /// Before the gates: normalises both products in their places.
  /// @param fed (rows,4H) product with the fed input, or null  @param gates (N,4H) product with the input
  /// @param recurrent (rows,4H) product with the hidden state
  void forward_products(const Parameters& parameters, const Step& step, const float* fed, View gates, float* recurrent,
                        Saved& saved) const;
  /// After the gates: the hidden state from the normalised cell state.
  /// @param gates (N,4H) after their non-linearities  @param cell (rows,H)  @param hidden (rows,H) and output (N,H)
  /// overwritten
  void forward_output(const Parameters& parameters, const Step& step, ConstView gates, const float* cell, float* hidden,
                      View output, Saved& saved) const;

  /// Before the gates' backward pass: adds to the gradient of the cell state.
  /// @param grad_hidden (rows,H) in: gradient of the hidden state from the next step; out: of the output gate
  void backward_output(const Parameters& parameters, const Gradients& gradients, const Step& step, ConstView gates,
                       ConstView grad_output, float* grad_hidden, float* grad_cell, const Saved& saved) const;
  /// After the gates' backward pass.
  /// @param grad_gates (N,4H) in: of z; out: of the input's product  @param grad_fed (rows,4H) out: the same, or null
  /// @param grad_recurrent (rows,4H) out: of the hidden state's product
  void backward_products(const Parameters& parameters, const Gradients& gradients, const Step& step, View grad_gates,
                         float* grad_fed, float* grad_recurrent, Saved& saved) const;

 private:
  std::int64_t hidden_;
  ParameterId input_gain_, recurrent_gain_, cell_gain_, cell_bias_;
};

}  // namespace dragoman

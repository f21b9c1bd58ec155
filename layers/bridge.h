#pragma once

#include <span>
#include <vector>

#include "layers/dense.h"
#include "layers/lstm.h"

namespace dragoman {

/// From the encoder's final states to the decoder's first: for every decoder layer a tanh dense layer each for the
/// hidden and the cell state, or the states as they are. Decoder layers are paired with encoder layers from the top;
/// where the encoder has fewer layers, its lowest serves the rest.
class Bridge {
 public:
  struct Dims {
    std::int64_t encoder_layers, encoder_units, decoder_layers, decoder_units;
    bool dense;  // otherwise both widths agree
  };

  /// Parameters bridge.LAYER.hidden.* and bridge.LAYER.cell.*, where dense.
  /// @throws ShapeError where the widths differ and the bridge is not dense.
  Bridge(ParameterLayout& layout, Dims dims, const Initializer& initializer);

  /// @param last one state (B, encoder units) an encoder layer  @param first one (B, decoder units) a decoder layer
  void forward(const Parameters& parameters, std::span<const ConstLstmState> last,
               std::span<const LstmState> first) const;
  /// Adds to the parameters' gradients; overwrites grad_last; uses grad_first up.
  void backward(const Parameters& parameters, const Gradients& gradients, std::span<const ConstLstmState> last,
                std::span<const ConstLstmState> first, std::span<const LstmState> grad_first,
                std::span<const LstmState> grad_last) const;

 private:
  struct Layer {
    Dense hidden, cell;
  };
  std::size_t encoder_layer(std::int64_t decoder_layer) const;

  Dims dims_;
  std::vector<Layer> layers_;  // empty unless dense
};

}  // namespace dragoman

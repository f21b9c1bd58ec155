#include "layers/bridge.h"

#include <algorithm>
#include <string>

#include "layers/kernels/elementwise.h"
#include "layers/profile.h"

namespace dragoman {

Bridge::Bridge(ParameterLayout& layout, Dims dims, const Initializer& initializer) : dims_(dims) {
  if (!dims.dense && dims.encoder_units != dims.decoder_units) {
    throw ShapeError("an identity bridge needs as many decoder units (" + std::to_string(dims.decoder_units) +
                     ") as encoder units (" + std::to_string(dims.encoder_units) + "); use a dense one");
  }
  for (std::int64_t l = 0; dims.dense && l < dims.decoder_layers; ++l) {
    const std::string name = "bridge." + std::to_string(l);
    const Dense::Dims dense{dims.encoder_units, dims.decoder_units};
    layers_.push_back({Dense(layout, name + ".hidden", dense, Activation::tanh, initializer),
                       Dense(layout, name + ".cell", dense, Activation::tanh, initializer)});
  }
}

std::size_t Bridge::encoder_layer(std::int64_t decoder_layer) const {
  return static_cast<std::size_t>(
      std::max<std::int64_t>(0, dims_.encoder_layers - dims_.decoder_layers + decoder_layer));
}

void Bridge::forward(const Parameters& parameters, std::span<const ConstLstmState> last,
                     std::span<const LstmState> first) const {
  const Activity activity("bridge, forward");
  for (std::size_t l = 0; l < first.size(); ++l) {
    const ConstLstmState& from = last[encoder_layer(static_cast<std::int64_t>(l))];
    if (dims_.dense) {
      layers_[l].hidden.forward(parameters, from.hidden, first[l].hidden);
      layers_[l].cell.forward(parameters, from.cell, first[l].cell);
    } else {
      copy(from.hidden, first[l].hidden);
      copy(from.cell, first[l].cell);
    }
  }
}

void Bridge::backward(const Parameters& parameters, const Gradients& gradients, std::span<const ConstLstmState> last,
                      std::span<const ConstLstmState> first, std::span<const LstmState> grad_first,
                      std::span<const LstmState> grad_last) const {
  const Activity activity("bridge, backward");
  for (const LstmState& grad : grad_last) {
    fill(grad.hidden, 0.0F);
    fill(grad.cell, 0.0F);
  }
  for (std::size_t l = 0; l < first.size(); ++l) {
    const std::size_t from = encoder_layer(static_cast<std::int64_t>(l));
    if (dims_.dense) {
      layers_[l].hidden.backward(parameters, gradients, last[from].hidden, first[l].hidden, grad_first[l].hidden,
                                 grad_last[from].hidden, Output::accumulate);
      layers_[l].cell.backward(parameters, gradients, last[from].cell, first[l].cell, grad_first[l].cell,
                               grad_last[from].cell, Output::accumulate);
    } else {
      kernels::add(grad_first[l].hidden, grad_last[from].hidden);
      kernels::add(grad_first[l].cell, grad_last[from].cell);
    }
  }
}

}  // namespace dragoman

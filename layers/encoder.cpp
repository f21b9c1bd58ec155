#include "layers/encoder.h"

#include <string>

#include "layers/kernels/elementwise.h"
#include "layers/profile.h"
#include "layers/random.h"

namespace dragoman {

namespace {

// Each place of the encoder that drops values draws under a key of its own.
std::uint64_t embedding_key(const Dropouts& dropout) { return mix(dropout.key, "encoder.embedding"); }
std::uint64_t words_key(const Dropouts& dropout) { return mix(dropout.key, "encoder.words"); }
std::uint64_t layer_key(const Dropouts& dropout, std::size_t layer) {
  return mix(mix(dropout.key, "encoder.layer"), layer);
}
DropoutKey recurrent_key(const Dropouts& dropout, std::size_t layer, std::size_t direction) {
  return {dropout.recurrent, mix(mix(mix(dropout.key, "encoder.recurrent"), layer), direction)};
}

SelfAttention::Dropout attention_keys(const Dropouts& dropout) {
  return {{dropout.attention, mix(dropout.key, "encoder.self_attention.weights")},
          {dropout.layers, mix(dropout.key, "encoder.self_attention")}};
}

Direction direction_of(std::size_t index) { return index == 0 ? Direction::forward : Direction::backward; }

View half(View both, std::size_t direction, std::int64_t width) {
  return both.column_range(static_cast<std::int64_t>(direction) * width, width);
}
ConstView half(ConstView both, std::size_t direction, std::int64_t width) {
  return both.column_range(static_cast<std::int64_t>(direction) * width, width);
}

}  // namespace

Encoder::Encoder(ParameterLayout& layout, std::string_view embedding_name, Dims dims, const Initializer& embedding,
                 const Lstm::Initializers& lstm, const Initializer& attention)
    : dims_(dims), embedding_(layout, embedding_name, {dims.vocabulary, dims.embedding}, embedding) {
  if (dims.bidirectional && dims.units % 2 != 0) {
    throw ShapeError("a bidirectional encoder needs an even number of units, half for each direction; found " +
                     std::to_string(dims.units));
  }
  const std::int64_t hidden = dims.bidirectional ? dims.units / 2 : dims.units;
  for (std::int64_t l = 0; l < dims.layers; ++l) {
    const std::string name = "encoder." + std::to_string(l);
    const Lstm::Dims lstm_dims{l == 0 ? dims.embedding : dims.units, hidden, 0, dims.normalized};
    std::vector<Lstm>& lstms = layers_.emplace_back();
    lstms.emplace_back(layout, name + ".forward", lstm_dims, lstm);
    if (dims.bidirectional) lstms.emplace_back(layout, name + ".backward", lstm_dims, lstm);
  }
  if (dims.attention_heads > 0) {
    attention_.emplace(layout, "encoder.self_attention", SelfAttention::Dims{dims.units, dims.attention_heads},
                       attention);
  }
}

void Encoder::forward(const Parameters& parameters, std::span<const std::int32_t> ids, Offsets offsets,
                      const Dropouts& dropout, Saved& saved, Scratch& scratch) const {
  const Activity activity("encoder, forward");
  const auto tokens = static_cast<std::int64_t>(ids.size());
  saved.steps.assign(offsets);
  saved.embedded.resize(tokens, dims_.embedding);
  saved.layers.resize(layers_.size());
  embedding_.forward(parameters, ids, saved.embedded);
  dragoman::dropout(saved.embedded, dropout.embedding, embedding_key(dropout));
  row_dropout(saved.embedded, dropout.words, words_key(dropout));
  ConstView input = saved.embedded;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    Layer& layer = saved.layers[l];
    layer.output.resize(tokens, dims_.units);
    layer.hidden.resize(saved.steps.sentences(), dims_.units);
    layer.cell.resize(saved.steps.sentences(), dims_.units);
    const std::vector<Lstm>& lstms = layers_[l];
    for (std::size_t d = 0; d < lstms.size(); ++d) {
      const std::int64_t width = lstms[d].dims().hidden;
      lstms[d].forward(parameters, input, saved.steps, direction_of(d), {}, half(layer.output.view(), d, width),
                       {half(layer.hidden.view(), d, width), half(layer.cell.view(), d, width)}, layer.directions[d],
                       scratch.lstm, recurrent_key(dropout, l, d));
    }
    dragoman::dropout(layer.output, dropout.layers, layer_key(dropout, l));
    if (dims_.residual && l > 0) kernels::add(input, layer.output);
    input = layer.output;
  }
  if (attention_) attention_->forward(parameters, input, offsets, attention_keys(dropout), saved.attention);
}

void Encoder::backward(const Parameters& parameters, const Gradients& gradients, std::span<const std::int32_t> ids,
                       const Dropouts& dropout, Saved& saved, View grad_output,
                       std::span<const ConstLstmState> grad_last, Scratch& scratch) const {
  const Activity activity("encoder, backward");
  require_shape(grad_output, static_cast<std::int64_t>(ids.size()), dims_.units,
                "the gradient of the encoder's output");
  for (const ConstLstmState& grad : grad_last) {
    require_shape(grad.hidden, saved.steps.sentences(), dims_.units, "the gradient of an encoder layer's hidden state");
    require_shape(grad.cell, saved.steps.sentences(), dims_.units, "the gradient of an encoder layer's cell state");
  }
  View grad = grad_output;
  if (attention_) {
    attention_->backward(parameters, gradients, saved.layers.back().output, attention_keys(dropout), saved.attention,
                         grad, scratch.attention);
  }
  for (std::size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = saved.layers[l];
    const Tensor& input = l == 0 ? saved.embedded : saved.layers[l - 1].output;
    scratch.grad_input.resize(input.rows(), input.columns());
    const bool residual = dims_.residual && l > 0;
    if (residual) copy(grad, scratch.grad_input);
    dragoman::dropout(grad, dropout.layers, layer_key(dropout, l));
    const std::vector<Lstm>& lstms = layers_[l];
    for (std::size_t d = 0; d < lstms.size(); ++d) {
      const std::int64_t width = lstms[d].dims().hidden;
      lstms[d].backward(parameters, gradients, input, saved.steps, direction_of(d), half(ConstView(grad), d, width),
                        {half(grad_last[l].hidden, d, width), half(grad_last[l].cell, d, width)}, layer.directions[d],
                        scratch.grad_input, d == 0 && !residual ? Output::overwrite : Output::accumulate, {},
                        scratch.lstm, recurrent_key(dropout, l, d));
    }
    std::swap(scratch.grad_input, scratch.grad_output);
    grad = scratch.grad_output;
  }
  row_dropout(grad, dropout.words, words_key(dropout));
  dragoman::dropout(grad, dropout.embedding, embedding_key(dropout));
  embedding_.backward(gradients, ids, grad);
}

}  // namespace dragoman

#include "layers/output_layer.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "layers/profile.h"

namespace dragoman {

namespace {

void add(const CrossEntropySums& part, CrossEntropySums& sums) {
  sums.smoothed += part.smoothed;
  sums.nll += part.nll;
  sums.correct += part.correct;
}

/// The kernels read and write a row's logit at its label unchecked.
void require_labels(std::span<const std::int32_t> labels, std::int64_t vocabulary) {
  for (const std::int32_t label : labels) {
    if (label < 0 || label >= vocabulary) {
      throw std::out_of_range("target id " + std::to_string(label) + " lies outside a vocabulary of " +
                              std::to_string(vocabulary));
    }
  }
}

}  // namespace

OutputLayer::OutputLayer(ParameterLayout& layout, Dims dims, std::optional<ParameterId> embedding,
                         const Initializer& initializer)
    : dims_(dims),
      tied_(embedding.has_value()),
      weights_(tied_ ? *embedding : layout.add("output.weights", dims.input, dims.vocabulary, initializer)),
      bias_(layout.add("output.bias", 1, dims.vocabulary, Initializer::constant(0))) {
  const ParameterInfo& weights = layout[weights_];
  if (tied_ && (weights.rows != dims.vocabulary || weights.columns != dims.input)) {
    throw ShapeError("the output layer cannot be tied to " + weights.name + " (" + std::to_string(weights.rows) + ", " +
                     std::to_string(weights.columns) + "), which must be (" + std::to_string(dims.vocabulary) + ", " +
                     std::to_string(dims.input) + ")");
  }
}

void OutputLayer::product(const Parameters& parameters, ConstView x, View logits) const {
  multiply(x, parameters.weights(weights_), tied_ ? Transpose::yes : Transpose::no, logits, Output::overwrite);
}

CrossEntropySums OutputLayer::loss(const Parameters& parameters, ConstView x, std::span<const std::int32_t> labels,
                                   double smoothing, Scratch& scratch) const {
  require_shape(x, static_cast<std::int64_t>(labels.size()), dims_.input, "the input of the output layer");
  require_labels(labels, dims_.vocabulary);
  CrossEntropySums sums;
  for (std::int64_t begin = 0; begin < x.rows; begin += kChunk) {
    const std::int64_t rows = std::min(kChunk, x.rows - begin);
    scratch.logits.resize(rows, dims_.vocabulary);
    product(parameters, x.row_range(begin, rows), scratch.logits);
    add(kernels::softmax_cross_entropy(scratch.logits, parameters[bias_].data, labels.data() + begin,
                                       static_cast<float>(smoothing)),
        sums);
  }
  return sums;
}

CrossEntropySums OutputLayer::loss_and_gradient(const Parameters& parameters, const Gradients& gradients, ConstView x,
                                                std::span<const std::int32_t> labels, double smoothing, View grad_x,
                                                Scratch& scratch) const {
  const Activity activity("output layer and loss, both ways");
  require_shape(x, static_cast<std::int64_t>(labels.size()), dims_.input, "the input of the output layer");
  require_labels(labels, dims_.vocabulary);
  require_shape(grad_x, x.rows, x.columns, "the gradient of the output layer's input");
  CrossEntropySums sums;
  for (std::int64_t begin = 0; begin < x.rows; begin += kChunk) {
    const std::int64_t rows = std::min(kChunk, x.rows - begin);
    const ConstView input = x.row_range(begin, rows);
    scratch.logits.resize(rows, dims_.vocabulary);
    const View grad_logits = scratch.logits;
    product(parameters, input, grad_logits);
    add(kernels::softmax_cross_entropy_backward(grad_logits, parameters[bias_].data, labels.data() + begin,
                                                static_cast<float>(smoothing), gradients[bias_].data),
        sums);
    multiply(grad_logits, parameters.weights(weights_), tied_ ? Transpose::no : Transpose::yes,
             grad_x.row_range(begin, rows), Output::overwrite);
    add_weight_gradient(tied_ ? grad_logits : input, tied_ ? input : grad_logits, parameters.precision(),
                        gradients[weights_]);
  }
  return sums;
}

void OutputLayer::log_probabilities(const Parameters& parameters, ConstView x, View log_probabilities) const {
  require_shape(log_probabilities, x.rows, dims_.vocabulary, "the log-probabilities");
  product(parameters, x, log_probabilities);
  kernels::log_softmax(log_probabilities, parameters[bias_].data);
}

}  // namespace dragoman

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
    product_backward(parameters, gradients, input, grad_logits, grad_x.row_range(begin, rows));
  }
  return sums;
}

CrossEntropySums OutputLayer::twin_loss_and_gradient(const Parameters& parameters, const Gradients& gradients,
                                                     ConstView x, std::span<const std::int32_t> labels,
                                                     double smoothing, double agreement, View grad_x,
                                                     Scratch& scratch) const {
  const Activity activity("output layer and loss, both ways");
  const auto count = static_cast<std::int64_t>(labels.size());
  require_shape(x, 2 * count, dims_.input, "the input of the output layer");
  require_labels(labels, dims_.vocabulary);
  require_shape(grad_x, x.rows, x.columns, "the gradient of the output layer's input");
  CrossEntropySums sums;
  for (std::int64_t begin = 0; begin < count; begin += kChunk / 2) {
    const std::int64_t rows = std::min(kChunk / 2, count - begin);
    scratch.logits.resize(2 * rows, dims_.vocabulary);
    const View first = scratch.logits.view().row_range(0, rows), second = scratch.logits.view().row_range(rows, rows);
    product(parameters, x.row_range(begin, rows), first);
    product(parameters, x.row_range(count + begin, rows), second);
    add(kernels::twin_cross_entropy_backward(first, second, parameters[bias_].data, labels.data() + begin,
                                             static_cast<float>(smoothing), static_cast<float>(agreement),
                                             gradients[bias_].data),
        sums);
    product_backward(parameters, gradients, x.row_range(begin, rows), first, grad_x.row_range(begin, rows));
    product_backward(parameters, gradients, x.row_range(count + begin, rows), second,
                     grad_x.row_range(count + begin, rows));
  }
  return sums;
}

void OutputLayer::product_backward(const Parameters& parameters, const Gradients& gradients, ConstView x,
                                   ConstView grad_logits, View grad_x) const {
  multiply(grad_logits, parameters.weights(weights_), tied_ ? Transpose::no : Transpose::yes, grad_x,
           Output::overwrite);
  add_weight_gradient(tied_ ? grad_logits : x, tied_ ? x : grad_logits, parameters.precision(), gradients[weights_]);
}

void OutputLayer::log_probabilities(const Parameters& parameters, ConstView x, View log_probabilities) const {
  require_shape(log_probabilities, x.rows, dims_.vocabulary, "the log-probabilities");
  product(parameters, x, log_probabilities);
  kernels::log_softmax(log_probabilities, parameters[bias_].data);
}

}  // namespace dragoman

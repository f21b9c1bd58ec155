#include "layers/self_attention.h"

#include "layers/kernels/elementwise.h"

namespace dragoman {

SelfAttention::SelfAttention(ParameterLayout& layout, std::string_view name, Dims dims, const Initializer& initializer)
    : attention_(layout, std::string(name) + ".attention", {AttentionKind::multi_head, dims.width, dims.heads},
                 {dims.width, dims.width}, initializer),
      norm_(layout, std::string(name) + ".norm", dims.width) {}

void SelfAttention::forward(const Parameters& parameters, ConstView x, Offsets offsets, const Dropout& dropout,
                            Saved& saved) const {
  saved.spans.clear();
  for (std::size_t b = 0; b + 1 < offsets.size(); ++b) {
    const std::int64_t begin = offsets[b], count = offsets[b + 1] - begin;
    if (count > 0) saved.spans.push_back({begin, count, begin, count});
  }
  saved.keys.resize(x.rows, attention_.key_width());
  saved.output.resize(x.rows, x.columns);
  attention_.project_keys(parameters, x, saved.keys);
  attention_.forward(parameters, {saved.spans, x, saved.keys, x, dropout.weights}, saved.output, saved.attention);
  dragoman::dropout(saved.output, dropout.output.rate, dropout.output.key);
  kernels::add(x, saved.output);
  norm_.forward(parameters, saved.output, saved.output, saved.norm);
}

void SelfAttention::backward(const Parameters& parameters, const Gradients& gradients, ConstView x,
                             const Dropout& dropout, Saved& saved, View grad, Scratch& scratch) const {
  norm_.backward(parameters, gradients, saved.norm, grad);
  scratch.grad_context.resize(x.rows, x.columns);
  scratch.grad_keys.resize(x.rows, attention_.key_width());
  scratch.grad_keys.fill(0.0F);
  copy(grad, scratch.grad_context);
  dragoman::dropout(scratch.grad_context, dropout.output.rate, dropout.output.key);
  attention_.backward(parameters, gradients, {saved.spans, x, saved.keys, x, dropout.weights}, scratch.grad_context,
                      saved.attention, {grad, Output::accumulate, scratch.grad_keys, grad}, scratch.attention);
  attention_.project_keys_backward(parameters, gradients, x, scratch.grad_keys, grad);
}

}  // namespace dragoman

#include "layers/decoder.h"

#include <algorithm>
#include <string>

#include "layers/kernels/elementwise.h"
#include "layers/random.h"

namespace dragoman {

namespace {

std::uint64_t embedding_key(DropoutKey dropout) { return mix(dropout.key, "decoder.embedding"); }
std::uint64_t layer_key(DropoutKey dropout, std::size_t layer) { return mix(mix(dropout.key, "decoder.layer"), layer); }

}  // namespace

Decoder::Decoder(ParameterLayout& layout, Dims dims, const Initializer& embedding, const Lstm::Initializers& lstm,
                 const Initializer& attention)
    : dims_(dims), embedding_(layout, "target", {dims.vocabulary, dims.embedding}, embedding) {
  for (std::int64_t l = 0; l < dims.layers; ++l) {
    lstms_.emplace_back(layout, "decoder." + std::to_string(l),
                        Lstm::Dims{l == 0 ? dims.embedding : dims.units, dims.units}, lstm);
  }
  if (dims.attention == AttentionKind::additive) {
    attention_.emplace(layout, "attention",
                       AdditiveAttention::Dims{dims.units, dims.encoder_units, dims.attention_units}, attention);
  }
}

void Decoder::forward(const Parameters& parameters, const Input& input, View output, std::span<const LstmState> last,
                      Saved& saved, LstmScratch& lstm_scratch) const {
  const auto tokens = static_cast<std::int64_t>(input.ids.size());
  require_shape(output, tokens, width(), "the output of the decoder");
  saved.embedded.resize(tokens, dims_.embedding);
  saved.lstms.resize(lstms_.size());
  saved.outputs.resize(lstms_.size() - 1);
  embedding_.forward(parameters, input.ids, saved.embedded);
  dropout(saved.embedded, input.dropout.rate, embedding_key(input.dropout));
  ConstView x = saved.embedded;
  for (std::size_t l = 0; l < lstms_.size(); ++l) {
    const bool top = l + 1 == lstms_.size();
    if (!top) saved.outputs[l].resize(tokens, dims_.units);
    const View y = top ? output.column_range(0, dims_.units) : saved.outputs[l].view();
    lstms_[l].forward(parameters, x, *input.steps, Direction::forward, input.initial[l], y,
                      last.empty() ? LstmState{} : last[l], saved.lstms[l], lstm_scratch);
    if (!top) dropout(y, input.dropout.rate, layer_key(input.dropout, l));
    x = y;
  }
  if (attention_) attend(parameters, input, output, saved);
}

void Decoder::attend(const Parameters& parameters, const Input& input, View output, Saved& saved) const {
  const View context = output.column_range(dims_.units, dims_.encoder_units);
  if (dims_.query == QueryKind::decoder_output) {
    attention_->forward(parameters, input.spans, output.column_range(0, dims_.units), input.keys, input.values, context,
                        saved.attention);
    return;
  }
  saved.sentence_spans.clear();
  for (const AttentionSpan& span : input.spans) {
    saved.sentence_spans.push_back(
        {static_cast<std::int64_t>(saved.sentence_spans.size()), 1, span.key_begin, span.key_count});
  }
  saved.sentence_context.resize(static_cast<std::int64_t>(input.spans.size()), dims_.encoder_units);
  attention_->forward(parameters, saved.sentence_spans, input.encoder_final, input.keys, input.values,
                      saved.sentence_context, saved.attention);
  for (std::size_t i = 0; i < input.spans.size(); ++i) {
    for (std::int64_t t = 0; t < input.spans[i].query_count; ++t) {
      copy(saved.sentence_context.view().row_range(static_cast<std::int64_t>(i), 1),
           context.row_range(input.spans[i].query_begin + t, 1));
    }
  }
}

void Decoder::backward(const Parameters& parameters, const Gradients& gradients, const Input& input, ConstView output,
                       View grad_output, Saved& saved, const GradInput& grad_input, Scratch& scratch,
                       LstmScratch& lstm_scratch) const {
  require_shape(grad_output, static_cast<std::int64_t>(input.ids.size()), width(),
                "the gradient of the decoder's output");
  if (attention_) attend_backward(parameters, gradients, input, output, grad_output, saved, grad_input, scratch);
  View grad = grad_output.column_range(0, dims_.units);
  for (std::size_t l = lstms_.size(); l-- > 0;) {
    const Tensor& x = l == 0 ? saved.embedded : saved.outputs[l - 1];
    scratch.grad_input.resize(x.rows(), x.columns());
    lstms_[l].backward(parameters, gradients, x, *input.steps, Direction::forward, grad, {}, saved.lstms[l],
                       scratch.grad_input, Output::overwrite, grad_input.initial[l], lstm_scratch);
    dropout(scratch.grad_input, input.dropout.rate,
            l == 0 ? embedding_key(input.dropout) : layer_key(input.dropout, l - 1));
    std::swap(scratch.grad_input, scratch.grad_output);
    grad = scratch.grad_output;
  }
  embedding_.backward(gradients, input.ids, grad);
}

void Decoder::attend_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                              ConstView output, View grad_output, Saved& saved, const GradInput& grad_input,
                              Scratch& scratch) const {
  const View grad_context = grad_output.column_range(dims_.units, dims_.encoder_units);
  if (dims_.query == QueryKind::decoder_output) {
    attention_->backward(parameters, gradients, input.spans, output.column_range(0, dims_.units), input.keys,
                         input.values, grad_context, saved.attention, grad_output.column_range(0, dims_.units),
                         Output::accumulate, grad_input.keys, grad_input.values, scratch.attention);
    return;
  }
  scratch.grad_sentence_context.resize(saved.sentence_context.rows(), dims_.encoder_units);
  scratch.grad_sentence_context.fill(0.0F);
  for (std::size_t i = 0; i < input.spans.size(); ++i) {
    kernels::add_column_sums(grad_context.row_range(input.spans[i].query_begin, input.spans[i].query_count),
                             scratch.grad_sentence_context.view().row(static_cast<std::int64_t>(i)));
  }
  attention_->backward(parameters, gradients, saved.sentence_spans, input.encoder_final, input.keys, input.values,
                       scratch.grad_sentence_context, saved.attention, grad_input.encoder_final, Output::accumulate,
                       grad_input.keys, grad_input.values, scratch.attention);
}

}  // namespace dragoman

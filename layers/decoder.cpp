#include "layers/decoder.h"

#include <algorithm>
#include <string>

#include "layers/kernels/elementwise.h"
#include "layers/profile.h"
#include "layers/random.h"

namespace dragoman {

namespace {

std::uint64_t embedding_key(const Dropouts& dropout) { return mix(dropout.key, "decoder.embedding"); }
std::uint64_t words_key(const Dropouts& dropout) { return mix(dropout.key, "decoder.words"); }
std::uint64_t layer_key(const Dropouts& dropout, std::size_t layer) {
  return mix(mix(dropout.key, "decoder.layer"), layer);
}
DropoutKey recurrent_key(const Dropouts& dropout, std::size_t layer) {
  return {dropout.recurrent, mix(mix(dropout.key, "decoder.recurrent"), layer)};
}

DropoutKey attention_key(const Dropouts& dropout) { return {dropout.attention, mix(dropout.key, "attention")}; }

/// With input feeding all that is known before a step is the previous token.
Lstm::Dims lstm_dims(const Decoder::Dims& dims, std::int64_t layer) {
  const std::int64_t input = layer == 0 ? dims.embedding : dims.units;
  if (!dims.input_feeding) return {input, dims.units, 0, dims.normalized};
  if (layer > 0) return {0, dims.units, input, dims.normalized};
  return {input, dims.units, dims.encoder_units, dims.normalized};
}

/// The row of each target token -> its source sentence's keys, as a span of one query.
void spans_by_token(std::span<const AttentionSpan> spans, std::int64_t tokens, std::vector<AttentionSpan>& by_token) {
  by_token.assign(static_cast<std::size_t>(tokens), AttentionSpan{});
  for (const AttentionSpan& span : spans) {
    for (std::int64_t i = 0; i < span.query_count; ++i) {
      by_token.at(static_cast<std::size_t>(span.query_begin + i)) = {0, 1, span.key_begin, span.key_count};
    }
  }
}

/// The spans of one step's queries, which lie in TimeSteps::order().
void spans_of_step(const std::vector<AttentionSpan>& by_token, const std::int64_t* token, std::int64_t active,
                   std::vector<AttentionSpan>& spans) {
  spans.clear();
  for (std::int64_t k = 0; k < active; ++k) {
    spans.push_back(by_token[static_cast<std::size_t>(token[k])]);
    spans.back().query_begin = k;
  }
}

}  // namespace

Decoder::Decoder(ParameterLayout& layout, const Embedding* shared, Dims dims, const Initializer& embedding,
                 const Lstm::Initializers& lstm, const Initializer& attention)
    : dims_(dims),
      embedding_(shared != nullptr ? *shared
                                   : Embedding(layout, "target", {dims.vocabulary, dims.embedding}, embedding)) {
  if (dims.input_feeding && (dims.attention.kind == AttentionKind::none || dims.query != QueryKind::decoder_output)) {
    throw ShapeError("input feeding needs attention queried by the decoder's output at every step");
  }
  for (std::int64_t l = 0; l < dims.layers; ++l) {
    lstms_.emplace_back(layout, "decoder." + std::to_string(l), lstm_dims(dims, l), lstm);
  }
  attention_ = make_attention(layout, "attention", dims.attention, {dims.units, dims.encoder_units}, attention);
}

void Decoder::forward(const Parameters& parameters, const Input& input, View output, std::span<const LstmState> last,
                      Saved& saved, Scratch& scratch) const {
  const Activity activity("decoder, forward");
  const auto tokens = static_cast<std::int64_t>(input.ids.size());
  require_shape(output, tokens, width(), "the output of the decoder");
  saved.embedded.resize(tokens, dims_.embedding);
  saved.lstms.resize(lstms_.size());
  saved.outputs.resize(lstms_.size() - 1);
  for (Tensor& lower : saved.outputs) lower.resize(tokens, dims_.units);
  scratch.lstms.resize(lstms_.size());
  embedding_.forward(parameters, input.ids, saved.embedded);
  dropout(saved.embedded, input.dropout.embedding, embedding_key(input.dropout));
  row_dropout(saved.embedded, input.dropout.words, words_key(input.dropout));
  if (dims_.input_feeding) return forward_steps(parameters, input, output, last, saved, scratch);
  forward_layers(parameters, input, output, last, saved, scratch);
  if (attention_) attend(parameters, input, output, saved);
}

void Decoder::forward_layers(const Parameters& parameters, const Input& input, View output,
                             std::span<const LstmState> last, Saved& saved, Scratch& scratch) const {
  ConstView x = saved.embedded;
  for (std::size_t l = 0; l < lstms_.size(); ++l) {
    const bool top = l + 1 == lstms_.size();
    const View y = top ? output.column_range(0, dims_.units) : saved.outputs[l].view();
    lstms_[l].forward(parameters, x, *input.steps, Direction::forward, input.initial[l], y,
                      last.empty() ? LstmState{} : last[l], saved.lstms[l], scratch.lstms[l],
                      recurrent_key(input.dropout, l));
    if (!top) dropout(y, input.dropout.layers, layer_key(input.dropout, l));
    if (dims_.residual && l > 0) kernels::add(x, y);
    x = y;
  }
}

void Decoder::attend(const Parameters& parameters, const Input& input, View output, Saved& saved) const {
  const View context = output.column_range(dims_.units, dims_.encoder_units);
  saved.attention.resize(1);
  if (dims_.query == QueryKind::decoder_output) {
    attention_->forward(
        parameters,
        {input.spans, output.column_range(0, dims_.units), input.keys, input.values, attention_key(input.dropout)},
        context, saved.attention.front());
    return;
  }
  saved.sentence_spans.clear();
  for (const AttentionSpan& span : input.spans) {
    saved.sentence_spans.push_back(
        {static_cast<std::int64_t>(saved.sentence_spans.size()), 1, span.key_begin, span.key_count});
  }
  saved.sentence_context.resize(static_cast<std::int64_t>(input.spans.size()), dims_.encoder_units);
  attention_->forward(
      parameters, {saved.sentence_spans, input.encoder_final, input.keys, input.values, attention_key(input.dropout)},
      saved.sentence_context, saved.attention.front());
  for (std::size_t i = 0; i < input.spans.size(); ++i) {
    for (std::int64_t t = 0; t < input.spans[i].query_count; ++t) {
      copy(saved.sentence_context.view().row_range(static_cast<std::int64_t>(i), 1),
           context.row_range(input.spans[i].query_begin + t, 1));
    }
  }
}

void Decoder::backward(const Parameters& parameters, const Gradients& gradients, const Input& input, ConstView output,
                       View grad_output, Saved& saved, const GradInput& grad_input, Scratch& scratch) const {
  const Activity activity("decoder, backward");
  require_shape(grad_output, static_cast<std::int64_t>(input.ids.size()), width(),
                "the gradient of the decoder's output");
  scratch.lstms.resize(lstms_.size());
  if (dims_.input_feeding) {
    backward_steps(parameters, gradients, input, output, grad_output, saved, grad_input, scratch);
  } else {
    if (attention_) attend_backward(parameters, gradients, input, output, grad_output, saved, grad_input, scratch);
    backward_layers(parameters, gradients, input, grad_output, saved, grad_input, scratch);
  }
  row_dropout(scratch.grad_output, input.dropout.words, words_key(input.dropout));
  dropout(scratch.grad_output, input.dropout.embedding, embedding_key(input.dropout));
  embedding_.backward(gradients, input.ids, scratch.grad_output);
}

void Decoder::backward_layers(const Parameters& parameters, const Gradients& gradients, const Input& input,
                              View grad_output, Saved& saved, const GradInput& grad_input, Scratch& scratch) const {
  View grad = grad_output.column_range(0, dims_.units);
  for (std::size_t l = lstms_.size(); l-- > 0;) {
    const Tensor& x = l == 0 ? saved.embedded : saved.outputs[l - 1];
    scratch.grad_input.resize(x.rows(), x.columns());
    const bool residual = dims_.residual && l > 0;
    if (residual) copy(grad, scratch.grad_input);
    if (l + 1 < lstms_.size()) dropout(grad, input.dropout.layers, layer_key(input.dropout, l));
    lstms_[l].backward(parameters, gradients, x, *input.steps, Direction::forward, grad, {}, saved.lstms[l],
                       scratch.grad_input, residual ? Output::accumulate : Output::overwrite, grad_input.initial[l],
                       scratch.lstms[l], recurrent_key(input.dropout, l));
    std::swap(scratch.grad_input, scratch.grad_output);
    grad = scratch.grad_output;
  }
}

void Decoder::attend_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                              ConstView output, View grad_output, Saved& saved, const GradInput& grad_input,
                              Scratch& scratch) const {
  const View grad_context = grad_output.column_range(dims_.units, dims_.encoder_units);
  if (dims_.query == QueryKind::decoder_output) {
    attention_->backward(
        parameters, gradients,
        {input.spans, output.column_range(0, dims_.units), input.keys, input.values, attention_key(input.dropout)},
        grad_context, saved.attention.front(),
        {grad_output.column_range(0, dims_.units), Output::accumulate, grad_input.keys, grad_input.values},
        scratch.attention);
    return;
  }
  scratch.grad_sentence_context.resize(saved.sentence_context.rows(), dims_.encoder_units);
  scratch.grad_sentence_context.fill(0.0F);
  for (std::size_t i = 0; i < input.spans.size(); ++i) {
    kernels::add_column_sums(grad_context.row_range(input.spans[i].query_begin, input.spans[i].query_count),
                             scratch.grad_sentence_context.view().row(static_cast<std::int64_t>(i)));
  }
  attention_->backward(
      parameters, gradients,
      {saved.sentence_spans, input.encoder_final, input.keys, input.values, attention_key(input.dropout)},
      scratch.grad_sentence_context, saved.attention.front(),
      {grad_input.encoder_final, Output::accumulate, grad_input.keys, grad_input.values}, scratch.attention);
}

void Decoder::forward_steps(const Parameters& parameters, const Input& input, View output,
                            std::span<const LstmState> last, Saved& saved, Scratch& scratch) const {
  const TimeSteps& steps = *input.steps;
  require_shape(input.context, steps.sentences(), dims_.encoder_units, "the context fed into the first step");
  spans_by_token(input.spans, steps.tokens(), saved.token_spans);
  saved.attention.resize(std::max(saved.attention.size(), static_cast<std::size_t>(steps.steps())));
  for (std::size_t l = 0; l < lstms_.size(); ++l) {
    const ConstView x = l == 0 ? saved.embedded.view() : saved.outputs[l - 1].view().column_range(0, 0);
    lstms_[l].start(parameters, x, steps, input.initial[l], saved.lstms[l], scratch.lstms[l]);
  }
  const std::int64_t first = steps.steps() > 0 ? steps.active(0) : 0;
  gather_rows(input.context, steps.order().data(), scratch.lstms.front().fed.view().row_range(0, first));
  for (std::int64_t t = 0; t < steps.steps(); ++t) {
    const std::int64_t* token = steps.tokens(t, Direction::forward);
    for (std::size_t l = 0; l < lstms_.size(); ++l) {
      const bool top = l + 1 == lstms_.size();
      const View y = top ? output.column_range(0, dims_.units) : saved.outputs[l].view();
      lstms_[l].step(parameters, steps, Direction::forward, t, y, saved.lstms[l], scratch.lstms[l],
                     recurrent_key(input.dropout, l));
      for (std::int64_t k = 0; k < steps.active(t); ++k) {
        const View row = y.row_range(token[k], 1);
        if (!top) dropout(row, input.dropout.layers, layer_key(input.dropout, l), token[k]);
        if (dims_.residual && l > 0) kernels::add(saved.outputs[l - 1].view().row_range(token[k], 1), row);
      }
      if (!top) gather_rows(y, token, scratch.lstms[l + 1].fed.view().row_range(0, steps.active(t)));
    }
    attend_step(parameters, input, t, output, saved, scratch);
  }
  for (std::size_t l = 0; l < lstms_.size(); ++l) {
    lstms_[l].finish(steps, last.empty() ? LstmState{} : last[l], scratch.lstms[l]);
  }
}

void Decoder::attend_step(const Parameters& parameters, const Input& input, std::int64_t t, View output, Saved& saved,
                          Scratch& scratch) const {
  const std::int64_t active = input.steps->active(t);
  const std::int64_t* token = input.steps->tokens(t, Direction::forward);
  spans_of_step(saved.token_spans, token, active, scratch.step_spans);
  scratch.query.resize(active, dims_.units);
  gather_rows(output, token, scratch.query);
  const View context = scratch.lstms.front().fed.view().row_range(0, active);  // where the next step looks for it
  attention_->forward(
      parameters, {scratch.step_spans, scratch.query, input.keys, input.values, attention_key(input.dropout), token},
      context, saved.attention[static_cast<std::size_t>(t)]);
  scatter_rows(context, token, output.column_range(dims_.units, dims_.encoder_units));
}

void Decoder::backward_steps(const Parameters& parameters, const Gradients& gradients, const Input& input,
                             ConstView output, View grad_output, Saved& saved, const GradInput& grad_input,
                             Scratch& scratch) const {
  const TimeSteps& steps = *input.steps;
  scratch.grad_outputs.resize(lstms_.size() - 1);
  for (Tensor& grad : scratch.grad_outputs) grad.resize(steps.tokens(), dims_.units);
  for (std::size_t l = 0; l < lstms_.size(); ++l) {
    lstms_[l].start_backward(steps, {}, saved.lstms[l], scratch.lstms[l]);
  }
  for (std::int64_t t = steps.steps() - 1; t >= 0; --t) {
    const std::int64_t* token = steps.tokens(t, Direction::forward);
    attend_step_backward(parameters, gradients, input, t, output, grad_output, saved, grad_input, scratch);
    for (std::size_t l = lstms_.size(); l-- > 0;) {
      const bool top = l + 1 == lstms_.size(), residual = dims_.residual && l > 0;
      const View grad = top ? grad_output.column_range(0, dims_.units) : scratch.grad_outputs[l].view();
      for (std::int64_t k = 0; k < steps.active(t); ++k) {
        const View row = grad.row_range(token[k], 1);
        if (residual) copy(row, scratch.grad_outputs[l - 1].view().row_range(token[k], 1));
        if (!top) dropout(row, input.dropout.layers, layer_key(input.dropout, l), token[k]);
      }
      lstms_[l].step_backward(parameters, gradients, steps, Direction::forward, t, grad, saved.lstms[l],
                              scratch.lstms[l], recurrent_key(input.dropout, l));
      if (l == 0) continue;
      const View fed = scratch.lstms[l].grad_fed.view().row_range(0, steps.active(t));
      const View grad_lower = scratch.grad_outputs[l - 1];
      for (std::int64_t k = 0; k < steps.active(t); ++k) {
        const View row = grad_lower.row_range(token[k], 1);
        residual ? kernels::add(fed.row_range(k, 1), row) : copy(fed.row_range(k, 1), row);
      }
    }
  }
  scratch.grad_output.resize(steps.tokens(), dims_.embedding);
  for (std::size_t l = 0; l < lstms_.size(); ++l) {
    const ConstView x = l == 0 ? saved.embedded.view() : saved.outputs[l - 1].view().column_range(0, 0);
    lstms_[l].finish_backward(parameters, gradients, x, steps, saved.lstms[l],
                              l == 0 ? scratch.grad_output.view() : View{}, Output::overwrite, grad_input.initial[l],
                              scratch.lstms[l]);
  }
}

void Decoder::attend_step_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                                   std::int64_t t, ConstView output, View grad_output, Saved& saved,
                                   const GradInput& grad_input, Scratch& scratch) const {
  const TimeSteps& steps = *input.steps;
  const std::int64_t active = steps.active(t);
  const std::int64_t* token = steps.tokens(t, Direction::forward);
  spans_of_step(saved.token_spans, token, active, scratch.step_spans);
  scratch.query.resize(active, dims_.units);
  scratch.grad_query.resize(active, dims_.units);
  scratch.grad_context.resize(active, dims_.encoder_units);
  gather_rows(output, token, scratch.query);
  gather_rows(grad_output.column_range(dims_.units, dims_.encoder_units), token, scratch.grad_context);
  if (t + 1 < steps.steps()) {
    const std::int64_t fed = steps.active(t + 1);
    kernels::add(scratch.lstms.front().grad_fed.view().row_range(0, fed),
                 scratch.grad_context.view().row_range(0, fed));
  }
  attention_->backward(
      parameters, gradients,
      {scratch.step_spans, scratch.query, input.keys, input.values, attention_key(input.dropout), token},
      scratch.grad_context, saved.attention[static_cast<std::size_t>(t)],
      {scratch.grad_query, Output::overwrite, grad_input.keys, grad_input.values}, scratch.attention);
  for (std::int64_t k = 0; k < active; ++k) {
    kernels::add(scratch.grad_query.view().row_range(k, 1),
                 grad_output.column_range(0, dims_.units).row_range(token[k], 1));
  }
}

}  // namespace dragoman

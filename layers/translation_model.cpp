#include "layers/translation_model.h"

#include <algorithm>
#include <string>

#include "layers/kernels/elementwise.h"
#include "layers/profile.h"
#include "layers/random.h"

namespace dragoman {

namespace {

std::uint64_t readout_key(const Dropouts& dropout) { return mix(dropout.key, "readout"); }

Lstm::Initializers lstm_initializers(const TranslationModelOptions& options) {
  return {options.weights, options.recurrent, options.forget_bias};
}

/// Every sentence of a side has a token, and the offsets cover all tokens.
void require_sentences(std::span<const std::int32_t> ids, Offsets offsets, const char* side) {
  for (std::size_t b = 0; b + 1 < offsets.size(); ++b) {
    if (offsets[b] >= offsets[b + 1]) {
      throw ShapeError(std::string(side) + " sentence " + std::to_string(b) +
                       " has no token; it must have </s> at least");
    }
  }
  if (offsets.empty() || offsets.front() != 0 || static_cast<std::size_t>(offsets.back()) != ids.size()) {
    throw ShapeError("the " + std::string(side) + " offsets do not cover the batch's " + std::to_string(ids.size()) +
                     " tokens");
  }
}

/// All sentences, then all once more.
void twice(std::span<const std::int32_t> ids, Offsets offsets, std::vector<std::int32_t>& to,
           std::vector<std::int32_t>& to_offsets) {
  to.assign(ids.begin(), ids.end());
  to.insert(to.end(), ids.begin(), ids.end());
  to_offsets.assign(offsets.begin(), offsets.end());
  for (std::size_t b = 1; b < offsets.size(); ++b) to_offsets.push_back(offsets.back() + offsets[b]);
}

/// One view for each layer's state.
template <class State, class States>
void view_states(States& states, std::vector<State>& views) {
  views.clear();
  for (auto& state : states) views.push_back(State{state.hidden, state.cell});
}

void resize_states(std::vector<LayerState>& states, std::int64_t layers, std::int64_t rows, std::int64_t units) {
  states.resize(static_cast<std::size_t>(layers));
  for (LayerState& state : states) {
    state.hidden.resize(rows, units);
    state.cell.resize(rows, units);
  }
}

void gather_rows(const Tensor& from, std::span<const std::int64_t> rows, Tensor& to) {
  to.resize(static_cast<std::int64_t>(rows.size()), from.columns());
  gather_rows(from, rows.data(), to);
}

/// Room for a matrix of rows a little further apart than they are wide. Where they are 4 KiB wide, as those of two
/// vectors of 512 are, the values of a column would else share a few places in the caches, which costs products with
/// the transpose a third of their rate.
View spaced(Tensor& memory, std::int64_t rows, std::int64_t columns) {
  memory.resize(rows, columns + 16);
  return memory.view().column_range(0, columns);
}

}  // namespace

DenseWeights dense_weights(const TranslationModelOptions& options) {
  const auto lstm = [](std::int64_t input, std::int64_t hidden) { return 4 * hidden * (input + hidden); };
  const AttentionOptions& attention = options.attention;
  const bool attends = attention.kind != AttentionKind::none;
  DenseWeights weights{};
  const std::int64_t directions = options.bidirectional ? 2 : 1;
  for (std::int64_t l = 0; l < options.encoder_layers; ++l) {
    const std::int64_t input = l == 0 ? options.embedding : options.encoder_units;
    weights.per_source_token += directions * lstm(input, options.encoder_units / directions);
  }
  for (std::int64_t l = 0; l < options.decoder_layers; ++l) {
    const std::int64_t first = options.embedding + (options.input_feeding ? options.encoder_units : 0);
    weights.per_target_token += lstm(l == 0 ? first : options.decoder_units, options.decoder_units);
  }
  if (options.self_attention_heads > 0) weights.per_source_token += 4 * options.encoder_units * options.encoder_units;
  std::int64_t per_query = 0;
  switch (attention.kind) {
    case AttentionKind::additive:
      weights.per_source_token += options.encoder_units * attention.units;
      per_query = options.decoder_units * attention.units;
      break;
    case AttentionKind::general:
      weights.per_source_token += options.encoder_units * options.decoder_units;
      break;
    case AttentionKind::multi_head:
      weights.per_source_token += 2 * options.encoder_units * attention.units;
      per_query = (options.decoder_units + options.encoder_units) * attention.units;
      break;
    case AttentionKind::dot:
    case AttentionKind::scaled_dot:
    case AttentionKind::none:
      break;
  }
  if (attention.window > 0) per_query += (options.decoder_units + 1) * attention.units;
  if (options.query == QueryKind::decoder_output) weights.per_target_token += per_query;
  const std::int64_t joined = options.decoder_units + (attends ? options.encoder_units : 0);
  weights.per_target_token += joined * options.readout;
  weights.per_target_token += (options.readout > 0 ? options.readout : joined) * options.target_vocabulary;
  return weights;
}

void gather_rows(const DecoderState& from, std::span<const std::int64_t> rows, DecoderState& to) {
  to.layers.resize(from.layers.size());
  for (std::size_t l = 0; l < from.layers.size(); ++l) {
    gather_rows(from.layers[l].hidden, rows, to.layers[l].hidden);
    gather_rows(from.layers[l].cell, rows, to.layers[l].cell);
  }
  gather_rows(from.context, rows, to.context);
}

TranslationModel::TranslationModel(const TranslationModelOptions& options)
    : options_(options),
      encoder_(
          layout_, options.shared_embedding ? "shared" : "source",
          {options.source_vocabulary, options.embedding, options.encoder_layers, options.encoder_units,
           options.bidirectional, options.encoder_residual, options.layer_normalization, options.self_attention_heads},
          options.embeddings, lstm_initializers(options), options.weights),
      bridge_(layout_,
              {options.encoder_layers, options.encoder_units, options.decoder_layers, options.decoder_units,
               options.dense_bridge},
              options.weights),
      decoder_(layout_, options.shared_embedding ? &encoder_.embedding() : nullptr,
               {options.target_vocabulary, options.embedding, options.decoder_layers, options.decoder_units,
                options.encoder_units, options.attention, options.query, options.input_feeding,
                options.decoder_residual, options.layer_normalization},
               options.embeddings, lstm_initializers(options), options.weights),
      readout_(options.readout > 0 ? std::optional<Dense>(Dense(layout_, "readout", {decoder_.width(), options.readout},
                                                                Activation::tanh, options.weights))
                                   : std::nullopt),
      output_(layout_, {options.readout > 0 ? options.readout : decoder_.width(), options.target_vocabulary},
              options.tied_output ? std::optional<ParameterId>(decoder_.embedding().table()) : std::nullopt,
              options.weights) {
  if (options.shared_embedding && options.source_vocabulary != options.target_vocabulary) {
    throw ShapeError("one embedding for source and target needs one vocabulary, but they are " +
                     std::to_string(options.source_vocabulary) + " and " + std::to_string(options.target_vocabulary) +
                     " pieces");
  }
}

void TranslationModel::resize(DecoderState& state, std::int64_t rows) const {
  resize_states(state.layers, options_.decoder_layers, rows, options_.decoder_units);
  state.context.resize(rows, options_.input_feeding ? options_.encoder_units : 0);
}

CrossEntropySums TranslationModel::loss(const Parameters& parameters, const SentencePairs& pairs, double smoothing,
                                        Workspace& workspace) const {
  if (pairs.sentences() == 0) return {};
  return output_.loss(parameters, forward(parameters, pairs, {}, workspace), pairs.target, smoothing, workspace.output);
}

CrossEntropySums TranslationModel::loss_and_gradient(const Parameters& parameters, const Gradients& gradients,
                                                     const SentencePairs& pairs, double smoothing,
                                                     const Dropouts& dropout, Workspace& workspace) const {
  if (pairs.sentences() == 0) return {};
  const ConstView x = forward(parameters, pairs, dropout, workspace);
  const View grad = grad_output_input(workspace, x.rows);
  const CrossEntropySums sums =
      output_.loss_and_gradient(parameters, gradients, x, pairs.target, smoothing, grad, workspace.output);
  backward(parameters, gradients, pairs, dropout, grad, workspace);
  return sums;
}

CrossEntropySums TranslationModel::twin_loss_and_gradient(const Parameters& parameters, const Gradients& gradients,
                                                          const SentencePairs& pairs, double smoothing,
                                                          double agreement, const Dropouts& dropout,
                                                          Workspace& workspace) const {
  if (pairs.sentences() == 0) return {};
  Workspace::Twins& twins = workspace.twins;
  twice(pairs.source, pairs.source_offsets, twins.source, twins.source_offsets);
  twice(pairs.target, pairs.target_offsets, twins.target, twins.target_offsets);
  const SentencePairs both{twins.source, twins.target, twins.source_offsets, twins.target_offsets};
  const ConstView x = forward(parameters, both, dropout, workspace);
  const View grad = grad_output_input(workspace, x.rows);
  const CrossEntropySums sums = output_.twin_loss_and_gradient(parameters, gradients, x, pairs.target, smoothing,
                                                               agreement, grad, workspace.output);
  backward(parameters, gradients, both, dropout, grad, workspace);
  return sums;
}

View TranslationModel::grad_output_input(Workspace& workspace, std::int64_t rows) const {
  workspace.grad_joined = spaced(workspace.grad_joined_memory, workspace.joined.rows, workspace.joined.columns);
  workspace.grad_readout.resize(rows, options_.readout);
  return readout_ ? workspace.grad_readout.view() : workspace.grad_joined;
}

ConstView TranslationModel::forward(const Parameters& parameters, const SentencePairs& pairs, const Dropouts& dropout,
                                    Workspace& workspace) const {
  require_sentences(pairs.source, pairs.source_offsets, "source");
  require_sentences(pairs.target, pairs.target_offsets, "target");
  if (pairs.source_offsets.size() != pairs.target_offsets.size()) {
    throw ShapeError("a batch of " + std::to_string(pairs.source_offsets.size() - 1) + " source and " +
                     std::to_string(pairs.target_offsets.size() - 1) + " target sentences");
  }
  encode_pairs(parameters, pairs, dropout, workspace);
  workspace.target_steps.assign(pairs.target_offsets);
  workspace.previous_ids.assign(pairs.target.begin(), pairs.target.end());
  workspace.spans.clear();
  for (std::size_t b = 0; b + 1 < pairs.target_offsets.size(); ++b) {
    const auto begin = pairs.target_offsets.begin()[b], end = pairs.target_offsets.begin()[b + 1];
    std::copy(pairs.target.begin() + begin, pairs.target.begin() + end - 1, workspace.previous_ids.begin() + begin + 1);
    workspace.previous_ids[static_cast<std::size_t>(begin)] = options_.begin_id;
    workspace.spans.push_back(
        {begin, end - begin, pairs.source_offsets[b], pairs.source_offsets[b + 1] - pairs.source_offsets[b]});
  }
  workspace.joined = spaced(workspace.joined_memory, static_cast<std::int64_t>(pairs.target.size()), decoder_.width());
  decoder_.forward(parameters, decoder_input(workspace, dropout), workspace.joined, {}, workspace.decoder,
                   workspace.decoder_scratch);
  const Activity activity("readout, forward");
  const ConstView x = read_out(parameters, workspace);
  workspace.output_input.resize(x.rows, x.columns);  // a copy: backward needs the values before dropout too
  copy(x, workspace.output_input);
  dragoman::dropout(workspace.output_input, dropout.readout, readout_key(dropout));
  return workspace.output_input;
}

void TranslationModel::encode_pairs(const Parameters& parameters, const SentencePairs& pairs, const Dropouts& dropout,
                                    Workspace& workspace) const {
  encoder_.forward(parameters, pairs.source, pairs.source_offsets, dropout, workspace.encoder,
                   workspace.encoder_scratch);
  resize(workspace.first, pairs.sentences());
  workspace.first.context.fill(0.0F);
  view_states(workspace.encoder.layers, workspace.last_views);
  view_states(workspace.first.layers, workspace.first_targets);
  view_states(workspace.first.layers, workspace.first_views);
  bridge_.forward(parameters, workspace.last_views, workspace.first_targets);
  if (!decoder_.attention()) return;
  workspace.keys.resize(workspace.encoder.output().rows, decoder_.attention()->key_width());
  decoder_.attention()->project_keys(parameters, workspace.encoder.output(), workspace.keys);
}

Decoder::Input TranslationModel::decoder_input(Workspace& workspace, const Dropouts& dropout) const {
  return {.ids = workspace.previous_ids,
          .steps = &workspace.target_steps,
          .spans = workspace.spans,
          .keys = workspace.keys,
          .values = workspace.encoder.output(),
          .initial = workspace.first_views,
          .encoder_final = workspace.first.layers.back().hidden,
          .context = workspace.first.context,
          .dropout = dropout};
}

ConstView TranslationModel::read_out(const Parameters& parameters, Workspace& workspace) const {
  if (!readout_) return workspace.joined;
  workspace.readout.resize(workspace.joined.rows, options_.readout);
  readout_->forward(parameters, workspace.joined, workspace.readout);
  return workspace.readout;
}

void TranslationModel::read_out_backward(const Parameters& parameters, const Gradients& gradients,
                                         const Dropouts& dropout, View grad_output_input, Workspace& workspace) const {
  const Activity activity("readout, backward");
  dragoman::dropout(grad_output_input, dropout.readout, readout_key(dropout));
  if (!readout_) return;
  readout_->backward(parameters, gradients, workspace.joined, workspace.readout, grad_output_input,
                     workspace.grad_joined, Output::overwrite);
}

void TranslationModel::backward(const Parameters& parameters, const Gradients& gradients, const SentencePairs& pairs,
                                const Dropouts& dropout, View grad_output_input, Workspace& workspace) const {
  read_out_backward(parameters, gradients, dropout, grad_output_input, workspace);
  const ConstView values = workspace.encoder.output();
  workspace.grad_encoder_output.resize(values.rows, values.columns);
  workspace.grad_encoder_output.fill(0.0F);
  workspace.grad_keys.resize(workspace.keys.rows(), workspace.keys.columns());
  workspace.grad_keys.fill(0.0F);
  workspace.grad_encoder_final.resize(pairs.sentences(), options_.decoder_units);
  workspace.grad_encoder_final.fill(0.0F);
  resize_states(workspace.grad_first, options_.decoder_layers, pairs.sentences(), options_.decoder_units);
  resize_states(workspace.grad_last, options_.encoder_layers, pairs.sentences(), options_.encoder_units);
  view_states(workspace.grad_first, workspace.grad_first_targets);
  view_states(workspace.grad_last, workspace.grad_last_targets);
  view_states(workspace.grad_last, workspace.grad_last_views);

  decoder_.backward(parameters, gradients, decoder_input(workspace, dropout), workspace.joined, workspace.grad_joined,
                    workspace.decoder,
                    {.keys = workspace.grad_keys,
                     .values = workspace.grad_encoder_output,
                     .initial = workspace.grad_first_targets,
                     .encoder_final = workspace.grad_encoder_final},
                    workspace.decoder_scratch);
  if (decoder_.attention()) {
    decoder_.attention()->project_keys_backward(parameters, gradients, values, workspace.grad_keys,
                                                workspace.grad_encoder_output);
  }
  kernels::add(workspace.grad_encoder_final, workspace.grad_first.back().hidden);
  bridge_.backward(parameters, gradients, workspace.last_views, workspace.first_views, workspace.grad_first_targets,
                   workspace.grad_last_targets);
  encoder_.backward(parameters, gradients, pairs.source, dropout, workspace.encoder, workspace.grad_encoder_output,
                    workspace.grad_last_views, workspace.encoder_scratch);
}

void TranslationModel::encode(const Parameters& parameters, std::span<const std::int32_t> ids, Offsets offsets,
                              EncodedSource& source, Workspace& workspace) const {
  require_sentences(ids, offsets, "source");
  const SentencePairs pairs{ids, {}, offsets, {}};
  std::swap(source.encoder, workspace.encoder);
  std::swap(source.first, workspace.first);
  std::swap(source.keys, workspace.keys);
  encode_pairs(parameters, pairs, {}, workspace);
  std::swap(source.encoder, workspace.encoder);
  std::swap(source.first, workspace.first);
  std::swap(source.keys, workspace.keys);
  source.offsets.assign(offsets.begin(), offsets.end());
}

ConstView TranslationModel::step(const Parameters& parameters, const EncodedSource& source,
                                 std::span<const std::int32_t> previous, std::span<const HypothesisRows> rows,
                                 const DecoderState& before, DecoderState& after, Workspace& workspace) const {
  const auto count = static_cast<std::int64_t>(previous.size());
  workspace.previous_ids.resize(previous.size() + 1);
  for (std::size_t i = 0; i <= previous.size(); ++i) workspace.previous_ids[i] = static_cast<std::int32_t>(i);
  workspace.target_steps.assign(workspace.previous_ids);  // every hypothesis is a sentence of one token
  workspace.spans.clear();
  const Tensor& first_hidden = source.first.layers.back().hidden;
  workspace.encoder_final.resize(static_cast<std::int64_t>(rows.size()), first_hidden.columns());
  for (const HypothesisRows& hypotheses : rows) {
    if (hypotheses.sentence < 0 || hypotheses.sentence >= first_hidden.rows()) {
      throw ShapeError("hypotheses of sentence " + std::to_string(hypotheses.sentence) + " of " +
                       std::to_string(first_hidden.rows()));
    }
    const std::int32_t* offset = source.offsets.data() + hypotheses.sentence;
    copy(first_hidden.view().row_range(hypotheses.sentence, 1),
         workspace.encoder_final.view().row_range(static_cast<std::int64_t>(workspace.spans.size()), 1));
    workspace.spans.push_back({hypotheses.begin, hypotheses.count, offset[0], offset[1] - offset[0]});
  }
  resize(after, count);
  view_states(before.layers, workspace.first_views);
  view_states(after.layers, workspace.after_targets);
  workspace.joined = spaced(workspace.joined_memory, count, decoder_.width());
  decoder_.forward(parameters,
                   {.ids = previous,
                    .steps = &workspace.target_steps,
                    .spans = workspace.spans,
                    .keys = source.keys,
                    .values = source.encoder.output(),
                    .initial = workspace.first_views,
                    .encoder_final = workspace.encoder_final,
                    .context = before.context,
                    .dropout = {}},
                   workspace.joined, workspace.after_targets, workspace.decoder, workspace.decoder_scratch);
  copy(workspace.joined.column_range(options_.decoder_units, after.context.columns()), after.context);
  return read_out(parameters, workspace);
}

void TranslationModel::attention_weights(const EncodedSource& source, std::span<const HypothesisRows> rows,
                                         const Workspace& workspace, Tensor& weights) const {
  if (!decoder_.attention()) throw ShapeError("a model without attention has no attention weights");
  std::int64_t count = 0, longest = 0;
  const auto length = [&](const HypothesisRows& hypotheses) {
    const std::int32_t* offset = source.offsets.data() + hypotheses.sentence;
    return std::int64_t{offset[1] - offset[0]};
  };
  for (const HypothesisRows& hypotheses : rows) {
    count += hypotheses.count;
    longest = std::max(longest, length(hypotheses));
  }
  weights.resize(count, longest);
  weights.fill(0.0F);
  // Attention keeps its weights by span, head and query. A span is a sentence, or with input feeding a row; its queries
  // are its rows, or one for all of them.
  const std::int64_t heads = decoder_.attention()->heads();
  const float* of_span = workspace.decoder.attention.front().weights.data();
  for (const HypothesisRows& hypotheses : rows) {
    const std::int64_t keys = length(hypotheses);
    const std::int64_t spans = options_.input_feeding ? hypotheses.count : 1;
    const std::int64_t queries = options_.query == QueryKind::encoder_final ? 1 : hypotheses.count / spans;
    for (std::int64_t r = 0; r < hypotheses.count; ++r) {
      const float* from = of_span + (options_.input_feeding ? r * heads * keys : r % queries * keys);
      float* to = weights.view().row(hypotheses.begin + r);
      for (std::int64_t head = 0; head < heads; ++head, from += queries * keys) {
        for (std::int64_t s = 0; s < keys; ++s) to[s] += from[s] / static_cast<float>(heads);
      }
    }
    of_span += spans * heads * queries * keys;
  }
}

}  // namespace dragoman

#include "tests/support/reference_model.h"

#include <algorithm>

#include "layers/random.h"
#include "tests/support/reference_dropout.h"
#include "tests/support/reference_self_attention.h"

namespace dragoman::test {

namespace {

Matrix embed(const Matrix& table, std::span<const std::int32_t> ids) {
  Matrix result(static_cast<std::int64_t>(ids.size()), table.columns);
  for (std::int64_t n = 0; n < result.rows; ++n) {
    for (std::int64_t c = 0; c < table.columns; ++c) result(n, c) = table(ids[static_cast<std::size_t>(n)], c);
  }
  return result;
}

const char* target_embedding(const TranslationModelOptions& options) {
  return options.shared_embedding ? "shared.embedding" : "target.embedding";
}

/// sum += term
void add(const Matrix& term, Matrix& sum) {
  for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += term.values[i];
}

ReferenceLstmResult encoder_layer(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                                  std::int64_t layer, const Matrix& input, Offsets offsets, const Dropouts& dropout) {
  const std::string name = "encoder." + std::to_string(layer);
  const auto recurrent = [&](std::uint64_t direction) {
    const std::uint64_t key = mix(mix(dropout.key, "encoder.recurrent"), static_cast<std::uint64_t>(layer));
    return DropoutKey{dropout.recurrent, mix(key, direction)};
  };
  const std::int64_t sentences = static_cast<std::int64_t>(offsets.size()) - 1;
  const Matrix zeros(sentences, options.bidirectional ? options.encoder_units / 2 : options.encoder_units);
  ReferenceLstmResult result =
      reference_lstm(parameters, name + ".forward", input, offsets, Direction::forward, {zeros, zeros}, recurrent(0));
  if (!options.bidirectional) return result;
  const ReferenceLstmResult back =
      reference_lstm(parameters, name + ".backward", input, offsets, Direction::backward, {zeros, zeros}, recurrent(1));
  return {joined(result.output, back.output),
          {joined(result.last.hidden, back.last.hidden), joined(result.last.cell, back.last.cell)}};
}

Matrix attend(const ReferenceParameters& parameters, const TranslationModelOptions& options,
              const ReferenceDecoderInput& input, const Matrix& top) {
  const DropoutKey dropout{input.dropout.attention, mix(input.dropout.key, "attention")};
  if (options.query == QueryKind::decoder_output) {
    return reference_attention(parameters, "attention", options.attention, input.spans, top, input.keys, input.values,
                               dropout)
        .context;
  }
  // One query a sentence, whose context goes to every step.
  std::vector<AttentionSpan> spans;
  for (const AttentionSpan& span : input.spans) {
    spans.push_back({static_cast<std::int64_t>(spans.size()), 1, span.key_begin, span.key_count});
  }
  const Matrix of_sentences = reference_attention(parameters, "attention", options.attention, spans,
                                                  input.encoder_final, input.keys, input.values, dropout)
                                  .context;
  Matrix context(top.rows, of_sentences.columns);
  for (std::size_t i = 0; i < input.spans.size(); ++i) {
    for (std::int64_t t = 0; t < input.spans[i].query_count; ++t) {
      for (std::int64_t c = 0; c < context.columns; ++c) {
        context(input.spans[i].query_begin + t, c) = of_sentences(static_cast<std::int64_t>(i), c);
      }
    }
  }
  return context;
}

/// All layers and attention over whole sentences, whatever the first layer's input is made of.
Matrix decode_layers(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                     const ReferenceDecoderInput& input, Matrix x) {
  for (std::int64_t l = 0; l < options.decoder_layers; ++l) {
    Matrix y = reference_lstm(parameters, "decoder." + std::to_string(l), x, input.offsets, Direction::forward,
                              input.initial.at(static_cast<std::size_t>(l)),
                              {input.dropout.recurrent,
                               mix(mix(input.dropout.key, "decoder.recurrent"), static_cast<std::uint64_t>(l))})
                   .output;
    if (l + 1 < options.decoder_layers) {
      reference_dropout(y, input.dropout.layers,
                        mix(mix(input.dropout.key, "decoder.layer"), static_cast<std::uint64_t>(l)));
    }
    if (options.decoder_residual && l > 0) add(x, y);
    x = y;
  }
  return options.attention.kind == AttentionKind::none ? x : joined(x, attend(parameters, options, input, x));
}

/// What each token is fed: the context vector of the token before it.
Matrix fed_contexts(const TranslationModelOptions& options, const ReferenceDecoderInput& input, const Matrix& output) {
  Matrix fed(output.rows, options.encoder_units);
  for (std::int64_t b = 0; b + 1 < static_cast<std::int64_t>(input.offsets.size()); ++b) {
    const std::int64_t begin = input.offsets.begin()[b], end = input.offsets.begin()[b + 1];
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t c = 0; c < fed.columns; ++c) {
        fed(row, c) = row == begin ? input.context(b, c) : output(row - 1, options.decoder_units + c);
      }
    }
  }
  return fed;
}

}  // namespace

ReferenceEncoding reference_encode(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                                   std::span<const std::int32_t> ids, Offsets offsets, const Dropouts& dropout) {
  ReferenceEncoding encoding;
  Matrix input = embed(parameters.at(options.shared_embedding ? "shared.embedding" : "source.embedding"), ids);
  reference_dropout(input, dropout.embedding, mix(dropout.key, "encoder.embedding"));
  reference_row_dropout(input, dropout.words, mix(dropout.key, "encoder.words"));
  for (std::int64_t l = 0; l < options.encoder_layers; ++l) {
    ReferenceLstmResult layer = encoder_layer(parameters, options, l, input, offsets, dropout);
    reference_dropout(layer.output, dropout.layers,
                      mix(mix(dropout.key, "encoder.layer"), static_cast<std::uint64_t>(l)));
    if (options.encoder_residual && l > 0) add(input, layer.output);
    encoding.layers.push_back(layer.last);
    input = layer.output;
  }
  encoding.output =
      options.self_attention_heads > 0
          ? reference_self_attention(parameters, "encoder.self_attention", options.self_attention_heads, input, offsets,
                                     {{dropout.attention, mix(dropout.key, "encoder.self_attention.weights")},
                                      {dropout.layers, mix(dropout.key, "encoder.self_attention")}})
          : input;
  return encoding;
}

std::vector<ReferenceState> reference_bridge(const ReferenceParameters& parameters,
                                             const TranslationModelOptions& options,
                                             const std::vector<ReferenceState>& encoder_layers) {
  std::vector<ReferenceState> first;
  for (std::int64_t l = 0; l < options.decoder_layers; ++l) {
    const std::int64_t from = std::max<std::int64_t>(0, options.encoder_layers - options.decoder_layers + l);
    const ReferenceState& last = encoder_layers.at(static_cast<std::size_t>(from));
    if (!options.dense_bridge) {
      first.push_back(last);
      continue;
    }
    const std::string name = "bridge." + std::to_string(l);
    const auto layer = [&](const Matrix& x, const std::string& part) {
      return tanh_of(dense(x, parameters.at(name + part + ".weights"), parameters.at(name + part + ".bias")));
    };
    first.push_back({layer(last.hidden, ".hidden"), layer(last.cell, ".cell")});
  }
  return first;
}

Matrix reference_decode(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                        const ReferenceDecoderInput& input) {
  Matrix x = embed(parameters.at(target_embedding(options)), input.ids);
  reference_dropout(x, input.dropout.embedding, mix(input.dropout.key, "decoder.embedding"));
  reference_row_dropout(x, input.dropout.words, mix(input.dropout.key, "decoder.words"));
  if (!options.input_feeding) return decode_layers(parameters, options, input, x);
  // Wrong contexts are fed at first; each round makes one more step right.
  Matrix output(x.rows, options.decoder_units + options.encoder_units);
  for (std::int64_t round = 0; round < x.rows; ++round) {
    output = decode_layers(parameters, options, input, joined(x, fed_contexts(options, input, output)));
  }
  return output;
}

Matrix reference_logits(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                        const SentencePairs& pairs, const Dropouts& dropout) {
  const ReferenceEncoding encoding = reference_encode(parameters, options, pairs.source, pairs.source_offsets, dropout);
  std::vector<std::int32_t> previous;
  std::vector<AttentionSpan> spans;
  for (std::size_t b = 0; b + 1 < pairs.target_offsets.size(); ++b) {
    const std::int32_t begin = pairs.target_offsets[b], end = pairs.target_offsets[b + 1];
    for (std::int32_t t = begin; t < end; ++t) {
      previous.push_back(t == begin ? options.begin_id : pairs.target[static_cast<std::size_t>(t - 1)]);
    }
    spans.push_back(
        {begin, end - begin, pairs.source_offsets[b], pairs.source_offsets[b + 1] - pairs.source_offsets[b]});
  }
  const std::vector<ReferenceState> first = reference_bridge(parameters, options, encoding.layers);
  const Matrix keys = options.attention.kind == AttentionKind::none
                          ? Matrix()
                          : reference_project_keys(parameters, "attention", options.attention, encoding.output);
  Matrix x = reference_decode(parameters, options,
                              {previous, pairs.target_offsets, spans, keys, encoding.output, first, first.back().hidden,
                               Matrix(pairs.sentences(), options.encoder_units), dropout});
  if (options.readout > 0) {
    x = tanh_of(dense(x, parameters.at("readout.weights"), parameters.at("readout.bias")));
  }
  reference_dropout(x, dropout.readout, mix(dropout.key, "readout"));
  const Matrix weights =
      options.tied_output ? transposed(parameters.at(target_embedding(options))) : parameters.at("output.weights");
  return dense(x, weights, parameters.at("output.bias"));
}

ReferenceLoss reference_model_loss(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                                   const SentencePairs& pairs, double smoothing, const Dropouts& dropout) {
  return reference_cross_entropy(reference_logits(parameters, options, pairs, dropout), pairs.target, smoothing);
}

}  // namespace dragoman::test

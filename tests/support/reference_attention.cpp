#include "tests/support/reference_attention.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "tests/support/reference_dropout.h"

namespace dragoman::test {

namespace {

/// The score of a query's row against a key's row.
using Score = std::function<double(std::int64_t, std::int64_t)>;

Matrix dense_layer(const ReferenceParameters& parameters, const std::string& name, const Matrix& x) {
  return dense(x, parameters.at(name + ".weights"), parameters.at(name + ".bias"));
}

Score additive_score(const ReferenceParameters& parameters, const std::string& name, const Matrix& query,
                     const Matrix& keys) {
  const Matrix queries = dense_layer(parameters, name + ".query", query);
  const Matrix& v = parameters.at(name + ".score_weights");
  const double bias = parameters.at(name + ".score_bias")(0, 0);
  return [=, &keys](std::int64_t t, std::int64_t s) {
    double score = bias;
    for (std::int64_t u = 0; u < v.rows; ++u) score += v(u, 0) * std::tanh(queries(t, u) + keys(s, u));
    return score;
  };
}

Score dot_score(AttentionKind kind, const Matrix& query, const Matrix& keys) {
  const bool scaled = kind == AttentionKind::scaled_dot || kind == AttentionKind::multi_head;
  const double divisor = scaled ? std::sqrt(static_cast<double>(query.columns)) : 1.0;
  return [=, &query, &keys](std::int64_t t, std::int64_t s) {
    double score = 0;
    for (std::int64_t u = 0; u < query.columns; ++u) score += query(t, u) * keys(s, u);
    return score / divisor;
  };
}

std::vector<double> softmax(std::vector<double> x) {
  const double largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (double& value : x) sum += value = std::exp(value - largest);
  for (double& value : x) value /= sum;
  return x;
}

/// What a query's weights over so many keys are multiplied with.
using Factors = std::function<std::vector<double>(std::int64_t query, std::int64_t head, std::int64_t key_count)>;

Factors weight_factors(const ReferenceParameters& parameters, const std::string& name, const AttentionOptions& options,
                       const Matrix& query, DropoutKey dropout) {
  Matrix positions;
  if (options.window > 0) {
    positions = dense_layer(parameters, name + ".window.position",
                            tanh_of(dense_layer(parameters, name + ".window.hidden", query)));
  }
  return [=, window = static_cast<double>(options.window)](std::int64_t t, std::int64_t head, std::int64_t key_count) {
    const std::int64_t heads = options.kind == AttentionKind::multi_head ? options.heads : 1;
    Matrix rows(t * heads + head + 1, key_count);
    std::fill(rows.values.begin(), rows.values.end(), 1.0);
    reference_dropout(rows, dropout.rate, dropout.key);
    std::vector<double> factors(rows.values.end() - key_count, rows.values.end());
    for (std::int64_t s = 0; window > 0 && s < key_count; ++s) {
      const double position = static_cast<double>(key_count) / (1 + std::exp(-positions(t, 0)));
      const double distance = (static_cast<double>(s) - position) / (window / 2);
      factors[static_cast<std::size_t>(s)] *= std::exp(-distance * distance / 2);
    }
    return factors;
  };
}

/// One span's part: its weights are appended, its contexts written.
void attend(const AttentionSpan& span, const Score& score, const Factors& factors, std::int64_t head,
            const Matrix& values, ReferenceAttentionResult& result) {
  for (std::int64_t t = span.query_begin; t < span.query_begin + span.query_count; ++t) {
    std::vector<double> scores;
    for (std::int64_t s = span.key_begin; s < span.key_begin + span.key_count; ++s) scores.push_back(score(t, s));
    std::vector<double> weights = softmax(scores);
    const std::vector<double> of_weights = factors(t, head, span.key_count);
    for (std::size_t s = 0; s < weights.size(); ++s) weights[s] *= of_weights[s];
    for (std::size_t s = 0; s < weights.size(); ++s) {
      for (std::int64_t d = 0; d < values.columns; ++d) {
        result.context(t, d) += weights[s] * values(span.key_begin + static_cast<std::int64_t>(s), d);
      }
    }
    result.weights.insert(result.weights.end(), weights.begin(), weights.end());
  }
}

ReferenceAttentionResult multi_head_attention(const ReferenceParameters& parameters, const std::string& name,
                                              const AttentionOptions& options, std::span<const AttentionSpan> spans,
                                              const Matrix& query, const Matrix& keys, const Factors& factors) {
  const Matrix queries = dense_layer(parameters, name + ".query", query);
  const std::int64_t width = options.units / options.heads;
  Matrix contexts;
  std::vector<std::vector<double>> weights(spans.size());
  for (std::int64_t head = 0; head < options.heads; ++head) {
    const Matrix of_queries = columns_of(queries, head * width, width), of_keys = columns_of(keys, head * width, width);
    ReferenceAttentionResult part{Matrix(query.rows, width), {}};
    for (std::size_t i = 0; i < spans.size(); ++i) {
      part.weights.clear();
      attend(spans[i], dot_score(options.kind, of_queries, of_keys), factors, head,
             columns_of(keys, options.units + head * width, width), part);
      weights[i].insert(weights[i].end(), part.weights.begin(), part.weights.end());
    }
    contexts = head == 0 ? part.context : joined(contexts, part.context);
  }
  ReferenceAttentionResult result{dense_layer(parameters, name + ".output", contexts), {}};
  for (const std::vector<double>& of_span : weights) {
    result.weights.insert(result.weights.end(), of_span.begin(), of_span.end());
  }
  return result;
}

}  // namespace

ReferenceAttentionResult reference_attention(const ReferenceParameters& parameters, const std::string& name,
                                             const AttentionOptions& options, std::span<const AttentionSpan> spans,
                                             const Matrix& query, const Matrix& keys, const Matrix& values,
                                             DropoutKey dropout) {
  const Factors factors = weight_factors(parameters, name, options, query, dropout);
  if (options.kind == AttentionKind::multi_head) {
    return multi_head_attention(parameters, name, options, spans, query, keys, factors);
  }
  const Score score = options.kind == AttentionKind::additive ? additive_score(parameters, name, query, keys)
                                                              : dot_score(options.kind, query, keys);
  ReferenceAttentionResult result{Matrix(query.rows, values.columns), {}};
  for (const AttentionSpan& span : spans) attend(span, score, factors, 0, values, result);
  return result;
}

Matrix reference_project_keys(const ReferenceParameters& parameters, const std::string& name,
                              const AttentionOptions& options, const Matrix& values) {
  switch (options.kind) {
    case AttentionKind::additive:
      return dense_layer(parameters, name + ".key", values);
    case AttentionKind::general:
      return product(values, parameters.at(name + ".key.weights"));
    case AttentionKind::multi_head:
      return joined(dense_layer(parameters, name + ".key", values), dense_layer(parameters, name + ".value", values));
    default:
      return values;
  }
}

}  // namespace dragoman::test

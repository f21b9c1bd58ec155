#include "tests/support/reference_attention.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace dragoman::test {

namespace {

/// The score of a query's row against a key's row.
using Score = std::function<double(std::int64_t, std::int64_t)>;

Score additive_score(const ReferenceParameters& parameters, const std::string& name, const Matrix& query,
                     const Matrix& keys) {
  const Matrix queries = dense(query, parameters.at(name + ".query.weights"), parameters.at(name + ".query.bias"));
  const Matrix& v = parameters.at(name + ".score_weights");
  const double bias = parameters.at(name + ".score_bias")(0, 0);
  return [=, &keys](std::int64_t t, std::int64_t s) {
    double score = bias;
    for (std::int64_t u = 0; u < v.rows; ++u) score += v(u, 0) * std::tanh(queries(t, u) + keys(s, u));
    return score;
  };
}

Score dot_score(AttentionKind kind, const Matrix& query, const Matrix& keys) {
  const double divisor = kind == AttentionKind::scaled_dot ? std::sqrt(static_cast<double>(query.columns)) : 1.0;
  return [=, &query, &keys](std::int64_t t, std::int64_t s) {
    double score = 0;
    for (std::int64_t u = 0; u < query.columns; ++u) score += query(t, u) * keys(s, u);
    return score / divisor;
  };
}

}  // namespace

ReferenceAttentionResult reference_attention(const ReferenceParameters& parameters, const std::string& name,
                                             AttentionKind kind, std::span<const AttentionSpan> spans,
                                             const Matrix& query, const Matrix& keys, const Matrix& values) {
  const Score score =
      kind == AttentionKind::additive ? additive_score(parameters, name, query, keys) : dot_score(kind, query, keys);
  ReferenceAttentionResult result{Matrix(query.rows, values.columns), {}};
  for (const AttentionSpan& span : spans) {
    for (std::int64_t t = span.query_begin; t < span.query_begin + span.query_count; ++t) {
      std::vector<double> weights;
      for (std::int64_t s = span.key_begin; s < span.key_begin + span.key_count; ++s) weights.push_back(score(t, s));
      const double largest = *std::max_element(weights.begin(), weights.end());
      double sum = 0;
      for (double& weight : weights) sum += weight = std::exp(weight - largest);
      for (std::size_t s = 0; s < weights.size(); ++s) {
        weights[s] /= sum;
        for (std::int64_t d = 0; d < values.columns; ++d) {
          result.context(t, d) += weights[s] * values(span.key_begin + static_cast<std::int64_t>(s), d);
        }
      }
      result.weights.insert(result.weights.end(), weights.begin(), weights.end());
    }
  }
  return result;
}

Matrix reference_project_keys(const ReferenceParameters& parameters, const std::string& name, AttentionKind kind,
                              const Matrix& values) {
  if (kind == AttentionKind::dot || kind == AttentionKind::scaled_dot) return values;
  const Matrix& weights = parameters.at(name + ".key.weights");
  return dense(values, weights,
               kind == AttentionKind::general ? Matrix(1, weights.columns) : parameters.at(name + ".key.bias"));
}

}  // namespace dragoman::test

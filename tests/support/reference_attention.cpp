#include "tests/support/reference_attention.h"

#include <algorithm>
#include <cmath>

namespace dragoman::test {

ReferenceAttentionResult reference_attention(const ReferenceParameters& parameters, const std::string& name,
                                             std::span<const AttentionSpan> spans, const Matrix& query,
                                             const Matrix& keys, const Matrix& values) {
  const Matrix queries = dense(query, parameters.at(name + ".query.weights"), parameters.at(name + ".query.bias"));
  const Matrix& v = parameters.at(name + ".score_weights");
  const double score_bias = parameters.at(name + ".score_bias")(0, 0);
  ReferenceAttentionResult result{Matrix(query.rows, values.columns), {}};
  for (const AttentionSpan& span : spans) {
    for (std::int64_t t = span.query_begin; t < span.query_begin + span.query_count; ++t) {
      std::vector<double> weights;
      for (std::int64_t s = span.key_begin; s < span.key_begin + span.key_count; ++s) {
        double score = score_bias;
        for (std::int64_t u = 0; u < v.rows; ++u) score += v(u, 0) * std::tanh(queries(t, u) + keys(s, u));
        weights.push_back(score);
      }
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

Matrix reference_project_keys(const ReferenceParameters& parameters, const std::string& name, const Matrix& values) {
  return dense(values, parameters.at(name + ".key.weights"), parameters.at(name + ".key.bias"));
}

}  // namespace dragoman::test

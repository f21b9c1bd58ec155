#pragma once

#include <span>

#include "layers/attention.h"
#include "tests/support/reference_matrix.h"

namespace dragoman::test {

struct ReferenceAttentionResult {
  Matrix context;               // (Nq, D), zeros for queries of no span
  std::vector<double> weights;  // by span and head, (query_count, key_count) each
};

/// Attention over projected keys; parameters NAME.* as the kind has them. A query's row of weights of one head is
/// dropped as row `query * heads + head`.
ReferenceAttentionResult reference_attention(const ReferenceParameters& parameters, const std::string& name,
                                             const AttentionOptions& options, std::span<const AttentionSpan> spans,
                                             const Matrix& query, const Matrix& keys, const Matrix& values,
                                             DropoutKey dropout = {});
Matrix reference_project_keys(const ReferenceParameters& parameters, const std::string& name,
                              const AttentionOptions& options, const Matrix& values);

}  // namespace dragoman::test

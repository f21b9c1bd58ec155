#pragma once

#include "layers/self_attention.h"
#include "tests/support/reference_attention.h"

namespace dragoman::test {

/// SelfAttention; parameters NAME.* as it has them.
Matrix reference_self_attention(const ReferenceParameters& parameters, const std::string& name, std::int64_t heads,
                                const Matrix& x, Offsets offsets, const SelfAttention::Dropout& dropout);

/// LayerNorm of every row.
Matrix reference_layer_norm(const ReferenceParameters& parameters, const std::string& name, const Matrix& x);

}  // namespace dragoman::test

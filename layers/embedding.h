#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "layers/parameters.h"

namespace dragoman {

/// One row of a table for each token id.
class Embedding {
 public:
  struct Dims {
    std::int64_t vocabulary, width;
  };

  /// Parameter NAME.embedding (vocabulary, width).
  Embedding(ParameterLayout& layout, std::string_view name, Dims dims, const Initializer& initializer);

  /// @param ids (N), each below the vocabulary  @param output (N, width)
  /// @throws std::out_of_range for an id outside the table.
  void forward(const Parameters& parameters, std::span<const std::int32_t> ids, View output) const;
  /// Adds each row of grad_output to its id's row of the table's gradient.
  void backward(const Gradients& gradients, std::span<const std::int32_t> ids, ConstView grad_output) const;

  ParameterId table() const { return table_; }

 private:
  Dims dims_;
  ParameterId table_;
};

}  // namespace dragoman

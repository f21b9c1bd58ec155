#include "layers/embedding.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "layers/kernels/elementwise.h"

namespace dragoman {

Embedding::Embedding(ParameterLayout& layout, std::string_view name, Dims dims, const Initializer& initializer)
    : dims_(dims), table_(layout.add(std::string(name) + ".embedding", dims.vocabulary, dims.width, initializer)) {}

void Embedding::forward(const Parameters& parameters, std::span<const std::int32_t> ids, View output) const {
  require_shape(output, static_cast<std::int64_t>(ids.size()), dims_.width, "the output of an embedding");
  const ConstView table = parameters[table_];
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= dims_.vocabulary) {
      throw std::out_of_range("token id " + std::to_string(ids[i]) + " lies outside a vocabulary of " +
                              std::to_string(dims_.vocabulary));
    }
    std::copy_n(table.row(ids[i]), dims_.width, output.row(static_cast<std::int64_t>(i)));
  }
}

void Embedding::backward(const Gradients& gradients, std::span<const std::int32_t> ids, ConstView grad_output) const {
  require_shape(grad_output, static_cast<std::int64_t>(ids.size()), dims_.width, "the gradient of an embedding");
  const View table = gradients[table_];
  for (std::size_t i = 0; i < ids.size(); ++i) {
    kernels::add(grad_output.row_range(static_cast<std::int64_t>(i), 1), table.row_range(ids[i], 1));
  }
}

}  // namespace dragoman

#include "trainer/named_tensors.h"

namespace dragoman {

namespace {

template <class Named, class Value>
std::vector<Named> cut(const ParameterLayout& layout, std::span<Value> values, const std::string& prefix) {
  std::vector<Named> result;
  for (const ParameterInfo& info : layout.tensors()) {
    result.push_back({prefix + info.name,
                      {info.rows, info.columns},
                      values.subspan(static_cast<std::size_t>(info.offset), static_cast<std::size_t>(info.size()))});
  }
  return result;
}

}  // namespace

std::vector<NamedSpan> named_spans(const ParameterLayout& layout, std::span<float> values, const std::string& prefix) {
  return cut<NamedSpan>(layout, values, prefix);
}

std::vector<NamedConstSpan> named_spans(const ParameterLayout& layout, std::span<const float> values,
                                        const std::string& prefix) {
  return cut<NamedConstSpan>(layout, values, prefix);
}

}  // namespace dragoman

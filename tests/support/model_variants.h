#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "layers/translation_model.h"

namespace dragoman::test {

/// A kind of translation model, by what it changes of others' options: of small_options(), or of any whose widths are
/// multiples of 6.
struct ModelVariant {
  const char* name;
  void (*change)(TranslationModelOptions&);

  TranslationModelOptions small() const;
};
std::ostream& operator<<(std::ostream& out, const ModelVariant& variant);

/// Every attention and every other option of a model, alone and beside what it could disturb.
std::vector<ModelVariant> model_variants(bool (*wanted)(const TranslationModelOptions&) =
                                             [](const TranslationModelOptions&) { return true; });

/// For INSTANTIATE_TEST_SUITE_P.
inline std::string variant_name(const ::testing::TestParamInfo<ModelVariant>& tested) { return tested.param.name; }

}  // namespace dragoman::test

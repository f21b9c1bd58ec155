#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dragoman::test {

/// @return gzip data that unpacks to `content`.
std::string gzip(std::string_view content);

/// Multi30k beside the checkout (see tests/CMakeLists.txt), or empty where it is not there; the environment variable
/// DRAGOMAN_DATA overrides the folder.
std::filesystem::path multi30k_folder();

/// `lines` lines of made-up text with lengths, words and order that vary; the same for the same seed.
std::string made_up_text(int lines, unsigned seed);

}  // namespace dragoman::test

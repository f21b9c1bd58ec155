#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace dragoman::test {

/// The scalars of a folder of TensorBoard's event files: tag, step, value.
using Scalars = std::map<std::string, std::map<std::int64_t, float>>;

/// Decodes all files in the order of their names as TensorBoard does: a start record removes what files before it say
/// of its step and later ones. Written without a look at what writes them; checks lengths, checksums, the version, and
/// that no step comes twice.
Scalars read_event_files(const std::filesystem::path& folder);

}  // namespace dragoman::test

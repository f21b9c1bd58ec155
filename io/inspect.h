#pragma once

#include <filesystem>
#include <iosfwd>

namespace dragoman {

/// Describes a shard, a checkpoint, a file of soft alignments, a corpus folder or a run folder in `key: value` lines
/// and tables, as `dragoman inspect` prints them. A checkpoint has the line `parameters_hash: <32 hex digits>`; a run
/// shows its newest good one.
///
/// A file is always verified before it is described. `verify` reads every file of a folder, too, and ends with
/// `verified: N files`.
/// @throws FileError where the path is none of these or damaged; with `verify`, after all files of a folder were read,
///         where any is damaged, naming each
void inspect(std::ostream& out, const std::filesystem::path& path, bool verify);

}  // namespace dragoman

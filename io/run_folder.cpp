#include "io/run_folder.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <system_error>

#include "io/configuration_reader.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/sealed_file.h"

namespace dragoman {
namespace {

constexpr std::string_view kPrefix = "step-", kSuffix = ".h5";
constexpr std::size_t kDigits = 8;

/// A folder's entries; a missing folder has none.
std::vector<std::filesystem::path> entries(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code failure;
  std::filesystem::directory_iterator entry(folder, failure);
  if (failure == std::errc::no_such_file_or_directory) return found;
  while (!failure && entry != std::filesystem::directory_iterator()) {
    found.push_back(entry->path());
    entry.increment(failure);
  }
  if (failure) throw FileError("cannot list " + folder.string() + ": " + failure.message());
  return found;
}

/// @return whether the checkpoint is good; else the reason is added to the messages
bool try_checkpoint(const RunFolder& run, std::int64_t step, ChosenCheckpoint& chosen) {
  try {
    CheckpointContents contents = inspect_checkpoint(run.checkpoint(step));
    if (contents.state.step != step) {
      throw FileError(run.checkpoint(step).string() + " holds step " + std::to_string(contents.state.step) +
                      ", its name says " + std::to_string(step) + "; rename it to what it holds");
    }
    chosen.step = step;
    chosen.path = run.checkpoint(step);
    chosen.contents = std::move(contents);
    return true;
  } catch (const FileError& error) {
    chosen.messages.emplace_back(error.what());
    return false;
  }
}

}  // namespace

std::filesystem::path RunFolder::checkpoint(std::int64_t step) const {
  std::string digits = std::to_string(step);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  return checkpoints() / (std::string(kPrefix) + digits + std::string(kSuffix));
}

std::filesystem::path corpus_of_run(const RunFolder& run) {
  const std::filesystem::path file = run.configuration();
  if (!std::filesystem::exists(file)) return run.corpus();
  const Configuration configuration = parse_stored_configuration(read_file_bytes(file), file.string());
  // Not configuration.corpus_folder(), for the run may have been moved.
  return configuration.corpus.directory.empty() ? run.corpus() : std::filesystem::path(configuration.corpus.directory);
}

std::optional<std::int64_t> checkpoint_step(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  if (name.size() < kPrefix.size() + kDigits + kSuffix.size()) return std::nullopt;
  const char* begin = name.data() + kPrefix.size();
  const char* end = name.data() + name.size() - kSuffix.size();
  if (*begin < '0' || *begin > '9' || (*begin == '0' && end - begin > static_cast<std::ptrdiff_t>(kDigits))) {
    return std::nullopt;  // a name that RunFolder::checkpoint never gives
  }
  std::int64_t step = 0;
  const auto [stop, failure] = std::from_chars(begin, end, step);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return step;
}

std::vector<std::int64_t> list_checkpoints(const RunFolder& run) {
  std::vector<std::int64_t> steps;
  for (const std::filesystem::path& path : entries(run.checkpoints()))
    if (const auto step = checkpoint_step(path)) steps.push_back(*step);
  std::sort(steps.begin(), steps.end(), std::greater<>());
  return steps;
}

std::vector<std::string> remove_temporary_files(const std::filesystem::path& folder) {
  std::vector<std::string> removed;
  for (const std::filesystem::path& path : entries(folder)) {
    std::error_code failure;
    if (!is_temporary_name(path) || !std::filesystem::is_regular_file(path, failure)) continue;
    std::filesystem::remove(path, failure);
    if (failure) throw FileError("cannot remove " + path.string() + ": " + failure.message());
    removed.push_back(path.filename().string());
  }
  std::sort(removed.begin(), removed.end());
  return removed;
}

ChosenCheckpoint newest_good_checkpoint(const RunFolder& run) {
  ChosenCheckpoint chosen;
  for (const std::int64_t step : list_checkpoints(run))
    if (try_checkpoint(run, step, chosen)) break;
  return chosen;
}

ChosenCheckpoint best_checkpoint(const RunFolder& run) {
  ChosenCheckpoint newest = newest_good_checkpoint(run);
  if (!newest.step) return newest;
  const std::int64_t best = newest.contents.state.best_step;
  if (best == 0 || best == *newest.step) return newest;
  ChosenCheckpoint chosen;
  chosen.messages = newest.messages;
  if (try_checkpoint(run, best, chosen)) return chosen;
  newest.messages = std::move(chosen.messages);
  newest.messages.push_back("the best checkpoint, step " + std::to_string(best) + ", cannot be used, so " +
                            newest.path.string() + " stands for it");
  return newest;
}

std::vector<std::int64_t> checkpoints_to_delete(std::span<const std::int64_t> steps, std::int64_t committed,
                                                const Retention& retention, std::int64_t best_step,
                                                std::optional<std::int64_t> resumed_from) {
  std::vector<std::int64_t> newest_first;
  std::copy_if(steps.begin(), steps.end(), std::back_inserter(newest_first),
               [committed](std::int64_t step) { return step <= committed; });
  std::sort(newest_first.begin(), newest_first.end(), std::greater<>());
  std::vector<std::int64_t> unwanted;
  for (std::size_t i = 0; i < newest_first.size(); ++i) {
    const std::int64_t step = newest_first[i];
    const bool last = i < static_cast<std::size_t>(std::max(1, retention.keep_last));
    const bool best = retention.keep_best && best_step > 0 && step == best_step;
    const bool milestone = retention.keep_every_steps > 0 && step % retention.keep_every_steps == 0;
    const bool known_to_resume = i == 1 && step == resumed_from;
    if (!last && !best && !milestone && !known_to_resume) unwanted.push_back(step);
  }
  return unwanted;
}

}  // namespace dragoman

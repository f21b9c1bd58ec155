#pragma once

#include <string_view>

namespace dragoman {

/// The program's log on standard error. Rank 0 tells everything; other ranks only warnings, with their rank.
/// Before start_log() it tells everything without a rank.
void start_log(int rank, int world_size);

void log_info(std::string_view message);
void log_warning(std::string_view message);

/// Prints `dragoman: MESSAGE`, whichever rank this is.
void log_error(std::string_view message);

/// Keeps `line` as the last line of the terminal, rewritten in place; log lines appear above it. An empty line ends it.
void show_status(std::string_view line);

}  // namespace dragoman

#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "launch/command_line.h"

namespace dragoman {

/// The program's commands: declared first, then the parser of their arguments.
class Commands {
 public:
  Commands();

  /// @param group    heading in `dragoman --help`
  /// @param examples whole lines, for the end of the command's own help
  /// @param request  called after parsing, when the options that it gives back have been filled
  CLI::App* add(const std::string& name, const std::string& group, const std::string& description,
                const std::string& examples, std::function<Request()> request);

  /// @throws UsageError like `parse_command_line`.
  Request parse(int argc, const char* const* argv);

 private:
  struct Command {
    CLI::App* app;
    std::function<Request()> request;
  };

  /// The command that was given, or null.
  const Command* chosen() const;

  /// @throws UsageError where an argument was left over.
  void check_unknown() const;

  CLI::App app_{"Dragoman trains attention-based LSTM translation models on clusters of CPUs.", "dragoman"};
  std::vector<Command> commands_;
  bool version_ = false;
};

// One function, and one file `command_line_*.cpp`, for each group of commands.

void add_corpus_commands(Commands& commands);
void add_training_commands(Commands& commands);
void add_translation_commands(Commands& commands);

/// CONFIG and --set, alike wherever a command takes a configuration.
void add_configuration(CLI::App& command, std::string& configuration, std::vector<std::string>& settings);

}  // namespace dragoman

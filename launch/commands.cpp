#include "launch/commands.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "launch/errors.h"
#include "launch/option_checks.h"
#include "launch/version.h"

namespace dragoman {
namespace {

std::string see_help(const CLI::App& command) {
  const std::string name = command.get_parent() == nullptr ? "dragoman" : "dragoman " + command.get_name();
  return "; see `" + name + " --help`";
}

bool is_flag(const std::string& argument) { return argument.starts_with('-'); }

/// Arguments that nothing knows what to do with: flags, or where there are none, the first of others, since the values
/// of unknown flags are left over too.
std::vector<std::string> unknown_arguments(const CLI::App& command) {
  const std::vector<std::string> left = command.remaining();
  std::vector<std::string> flags;
  for (const std::string& argument : left) {
    if (is_flag(argument)) flags.push_back(argument.substr(0, argument.find('=')));
  }
  if (flags.empty() && !left.empty()) return {left.front()};
  return flags;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

[[noreturn]] void throw_unknown(const CLI::App& command, const std::string& kind,
                                const std::vector<std::string>& unknown, const std::vector<std::string>& names) {
  const std::string where = command.get_parent() == nullptr ? "" : " of dragoman " + command.get_name();
  std::string text;
  for (const std::string& name : unknown) {
    text += (text.empty() ? "" : "\n") + ("unknown " + kind + " '" + name + "'") + where + suggestion(name, names);
  }
  throw UsageError(text + see_help(command));
}

}  // namespace

Commands::Commands() {
  app_.set_help_flag("-h,--help", "print this and exit");
  app_.add_flag("--version", version_, "print the versions of Dragoman and its libraries and exit");
  app_.require_subcommand(0, 1);
  app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app_.footer(
      "`dragoman COMMAND --help` tells more of each. prepare, train, sweep, evaluate, translate, rescore, report and\n"
      "benchmark run alone or under `mpirun -n N` or `srun`. Results go to standard output, the rest to standard "
      "error.\n"
      "Exit status: 0 done, 2 wrong usage or configuration, 1 failure, 75 stopped on request after a checkpoint.");
}

CLI::App* Commands::add(const std::string& name, const std::string& group, const std::string& description,
                        const std::string& examples, std::function<Request()> request) {
  CLI::App* command = app_.add_subcommand(name, description);
  command->group(group);
  command->set_help_flag("-h,--help", "print this and exit");
  command->footer("Examples:\n" + examples);
  commands_.push_back({command, std::move(request)});
  return command;
}

void add_configuration(CLI::App& command, std::string& configuration, std::vector<std::string>& settings) {
  command.add_option("CONFIG", configuration, "configuration, a YAML file")->required()->option_text(" ");
  command.add_option("--set", settings, "change one key, value in YAML flow form; may be given again")
      ->allow_extra_args(false)
      ->option_text("KEY.PATH=VALUE");
}

void Commands::check_unknown() const {
  std::vector<std::string> names;
  for (const Command& command : commands_) names.push_back(command.app->get_name());
  // Behind an unknown command's name everything is left over, flags that are right included.
  const std::vector<std::string> left = app_.remaining();
  if (!left.empty() && !is_flag(left.front())) throw_unknown(app_, "command", {left.front()}, names);
  if (const auto unknown = unknown_arguments(app_); !unknown.empty()) {
    throw_unknown(app_, "option", unknown, flags_of(app_));
  }
  for (const Command& command : commands_) {
    const auto unknown = unknown_arguments(*command.app);
    if (unknown.empty()) continue;
    if (is_flag(unknown.front())) throw_unknown(*command.app, "option", unknown, flags_of(*command.app));
    throw_unknown(*command.app, "argument", unknown, {});
  }
}

const Commands::Command* Commands::chosen() const {
  const auto found = std::find_if(commands_.begin(), commands_.end(), [](const Command& c) { return c.app->parsed(); });
  return found == commands_.end() ? nullptr : &*found;
}

Request Commands::parse(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Reply{app_.help()};
  } catch (const CLI::ParseError& error) {
    check_unknown();  // tells more than the consequence that was found first
    const Command* command = chosen();
    std::string sentence = error.what();
    if (error.get_name() == "ArgumentMismatch") sentence = sentence.substr(0, sentence.find(':')) + " needs a value";
    throw UsageError(sentence + see_help(command == nullptr ? app_ : *command->app));
  }
  if (version_) return Reply{version_text()};
  const Command* command = chosen();
  if (command == nullptr) throw UsageError("no command was given" + see_help(app_));
  return command->request();
}

}  // namespace dragoman

#include "launch/command_line.h"

#include "launch/commands.h"

namespace dragoman {

Request parse_command_line(int argc, const char* const* argv) {
  Commands commands;
  add_corpus_commands(commands);
  add_training_commands(commands);
  add_translation_commands(commands);
  return commands.parse(argc, argv);
}

}  // namespace dragoman

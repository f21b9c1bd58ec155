#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "launch/commands.h"
#include "launch/option_checks.h"

namespace dragoman {
namespace {

void add_phrasebook(Commands& commands) {
  const auto options = std::make_shared<PhrasebookOptions>();
  const auto folder = std::make_shared<std::string>();  // CLI11 would read a path up to its first space
  CLI::App* command =
      commands.add("phrasebook", "Text and corpus",
                   "Write the built-in English-German corpus, generated from templates: {train,valid,test}.{en,de}",
                   "  dragoman phrasebook --pairs 100000 --seed 1 --out runs/quickstart/text", [options, folder] {
                     options->folder = *folder;
                     return *options;
                   });
  command->add_option("--pairs", options->pairs, "training pairs (default " + std::to_string(options->pairs) + ")")
      ->check(whole_number(1))
      ->option_text("N");
  command->add_option("--seed", options->seed, "which pairs; equal seeds give equal files (default 1)")
      ->check(whole_number(0))
      ->option_text("K");
  command->add_option("--out", *folder, "folder to write to, made where missing (required)")
      ->required()
      ->option_text("DIR");
}

void add_prepare(Commands& commands) {
  const auto options = std::make_shared<PrepareOptions>();
  CLI::App* command = commands.add("prepare", "Text and corpus", "Turn text into a tokenizer and a sharded corpus",
                                   "  dragoman prepare configs/multi30k-en-de.yaml\n"
                                   "  mpirun -n 2 dragoman prepare my.yaml --set corpus.tokenizer.vocabulary=16000",
                                   [options] { return *options; });
  add_configuration(*command, options->configuration, options->settings);
}

}  // namespace

void add_corpus_commands(Commands& commands) {
  add_phrasebook(commands);
  add_prepare(commands);
}

}  // namespace dragoman

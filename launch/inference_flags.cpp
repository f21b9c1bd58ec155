#include "launch/inference_flags.h"

#include "launch/option_checks.h"

namespace dragoman {

void add_model_flags(CLI::App& command, InferenceOptions& options) {
  command
      .add_option("RUN|CHECKPOINT", options.models,
                  "run folder, for its best checkpoint, or a checkpoint; several work together as an ensemble")
      ->required()
      ->option_text("...");
  add_speed_flags(command, options);
}

void add_speed_flags(CLI::App& command, InferenceOptions& options) {
  command.add_option("--precision", options.precision, "of matrix products, f32 or bf16 (default: as in training)")
      ->check(one_of({"f32", "bf16"}))
      ->option_text("NAME")
      ->group("Speed");
  command.add_option("--threads", options.threads, "worker threads of each rank (default: as in training)")
      ->check(whole_number(1, 1024))
      ->option_text("N")
      ->group("Speed");
}

void add_search_flags(CLI::App& command, SearchOptions& options) {
  command.add_option("--beam", options.beam, "hypotheses kept (default 5); 1 is greedy search")
      ->check(whole_number(1, 1000))
      ->option_text("K")
      ->group("Search");
  command
      .add_option("--length-penalty", options.length_penalty,
                  "exponent A of the length that scores are divided by (default 1; 0: no normalisation)")
      ->check(number_of_at_least(0))
      ->option_text("A")
      ->group("Search");
  command
      .add_option("--coverage-penalty", options.coverage_penalty,
                  "weight B of a penalty for source words that got little attention (default 0)")
      ->check(number_of_at_least(0))
      ->option_text("B")
      ->group("Search");
  command.add_option("--min-length", options.min_length, "tokens of a translation at least, </s> counted")
      ->check(whole_number(0, 1'000'000))
      ->option_text("N")
      ->group("Search");
  command
      .add_option("--max-length", options.max_length,
                  "tokens at most, where a translation is cut off (default: 10 more than twice the source)")
      ->check(whole_number(1, 1'000'000))
      ->option_text("N")
      ->group("Search");
  command
      .add_option("--no-repeat-ngram", options.no_repeat_ngram,
                  "let no N tokens come twice in a translation (default 0: let any)")
      ->check(whole_number(0, 1000))
      ->option_text("N")
      ->group("Search");
}

void add_alignment_flags(CLI::App& command, AlignmentFiles& files) {
  const auto file = [&command](const char* name, std::string& value, const char* description) {
    command.add_option(name, value, description)->option_text("FILE")->group("Attention");
  };
  file("--alignments", files.words,
       "file for word alignments by attention, a line a translation: SOURCE-TARGET ..., counted from 0");
  file("--soft-alignments", files.weights,
       "HDF5 file for pieces and attention weights of every translation, which are held in memory until the end");
  file("--attention", files.page, "HTML page with a heat map of the attention for each line");
}

}  // namespace dragoman
